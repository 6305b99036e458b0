import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTask, type Task } from '../../../src/agent/led/task.ts';
import { cpuTime } from '../../support/cpu-time.ts';

const FILES = [
  ...[
    'LICENSE',
    'Makefile',
    'README.md',
    'add',
    'app.js',
    'calc.py',
    'config.json',
    'docs/guide.md',
    'gen.py',
  ],
  ...[
    'lib/util.js',
    'net/hosts.py',
    'net/ports.py',
    'old_notes.md',
    'package.json',
    'src/a/index.ts',
    'src/b/index.ts',
  ],
  ...['src/main.ts', 'test.js', 'test_calc.py'],
];

type Expected = Partial<
  Pick<
    Task,
    | 'kind'
    | 'named'
    | 'missing'
    | 'commands'
    | 'check'
    | 'mustRun'
    | 'moves'
    | 'deletes'
    | 'orders'
    | 'rename'
  >
>;

type Told = { [name in keyof Required<Expected>]: Expected[name] };

const NOTHING: Told = {
  kind: 'change',
  named: [],
  missing: [],
  commands: [],
  check: undefined,
  mustRun: undefined,
  moves: false,
  deletes: false,
  orders: [],
  rename: undefined,
};
const QUESTION: Expected = { kind: 'question' };
/** Nothing can be told: everything is allowed. */
const OPEN: Expected = { kind: 'open', moves: true, deletes: true };
const PYTEST = 'python3 -m pytest -q';
const checked = (command: string): Expected => ({ commands: [command], check: command });
const ran = (command: string): Expected => ({ ...QUESTION, commands: [command], mustRun: command });
const deleted = (...files: string[]): Expected => ({
  named: files,
  deletes: true,
  orders: files.map((file) => ({ act: 'delete', file })),
});
const moved = (file: string, to: string, more: Expected = {}): Expected => ({
  named: [file],
  missing: [to],
  moves: true,
  orders: [{ act: 'move', file, to }],
  ...more,
});

function told(text: string): Told {
  const task = readTask(text, FILES);
  const { kind, named, missing, commands, check, mustRun, moves, deletes, orders, rename } = task;
  return { kind, named, missing, commands, check, mustRun, moves, deletes, orders, rename };
}

const TABLE: { readonly [group: string]: readonly (readonly [message: string, expected: Expected])[] } = {
  'a fix': [
    [
      `The test test_add fails. Fix the bug in calc.py, then run the tests with \`${PYTEST}\`.`,
      { named: ['calc.py'], ...checked(PYTEST) },
    ],
    [
      'Running `node test.js` fails. Find the bug in lib/util.js and fix it.',
      { named: ['lib/util.js'], ...checked('node test.js') },
    ],
    ['Fix the typo in README.md', { named: ['README.md'] }],
    ['Fix the typo in readme.md.', { named: ['README.md'] }],
    ['fix ./net/ports.py', { named: ['net/ports.py'] }],
    [
      'Please repair ports.py so that `npm test` passes.',
      { named: ['net/ports.py'], ...checked('npm test') },
    ],
    ['add(2, 3) returns -1 in calc.py. It should return 5.', { named: ['calc.py'] }],
    ['Can you fix the bug in calc.py?', { named: ['calc.py'] }],
    ['Could you please read calc.py and fix the sign?', { named: ['calc.py'] }],
    ['Why does test_add fail? Fix it in calc.py.', { named: ['calc.py'] }],
    ['Fix src/main.ts. npm test must pass.', { named: ['src/main.ts'], ...checked('npm test') }],
    ['calc.py is broken, make the test in test_calc.py pass', { named: ['calc.py', 'test_calc.py'] }],
  ],
  'something new': [
    [
      'Add a function sub(a, b) to calc.py that returns a minus b. Keep the other functions.',
      { named: ['calc.py'] },
    ],
    ['Create a file hello.txt that contains exactly one line: Hello, world', { missing: ['hello.txt'] }],
    ['create src/new/helper.ts with a function half', { missing: ['src/new/helper.ts'] }],
    ['Write a python script that prints hello to out.txt', { missing: ['out.txt'] }],
    ['Create a bash script run.sh that prints the date.', { missing: ['run.sh'] }],
    ['Make a file named .env.sample and a file Dockerfile.dev', { missing: [] }],
    [
      'Add a section "## Usage" to the end of README.md with one sentence that says how to run the tests: python3 -m pytest',
      { named: ['README.md'], ...checked('python3 -m pytest') },
    ],
    ['Add an add function to calc.py', { named: ['calc.py'] }],
    ['Add a license header to calc.py', { named: ['calc.py'] }],
    ['Add a route `/api/users` to app.js that lists errors', { named: ['app.js'] }],
    ['Import `./util.js` in app.js', { named: ['lib/util.js', 'app.js'] }],
    ['Add a target to the Makefile', { named: ['Makefile'] }],
  ],
  'a value': [
    ['Change the timeout in config.json to 60.', { named: ['config.json'] }],
    ['Set "retries" to 5 in config.json and nothing else.', { named: ['config.json'] }],
    ['The timeout in config.json has to be 60', { named: ['config.json'] }],
    ['Bump the version in package.json from v1.2 to v1.3.0', { named: ['package.json'] }],
  ],
  'a name': [
    [
      `Rename the function mul to multiply in calc.py and in test_calc.py. \`${PYTEST}\` must pass.`,
      { named: ['calc.py', 'test_calc.py'], rename: { from: 'mul', to: 'multiply' }, ...checked(PYTEST) },
    ],
    ['Please rename parse_port() to readPort everywhere', { rename: { from: 'parse_port', to: 'readPort' } }],
    ['Rename it to total in calc.py', { named: ['calc.py'] }],
    ['Rename the function to something better', {}],
    ['Rename the class in calc.py to Calculator', { named: ['calc.py'] }],
    ['Fix add in calc.py, but do not rename mul to times.', { named: ['calc.py'] }],
  ],
  'another place': [
    ['Rename calc.py to math.py', moved('calc.py', 'math.py')],
    ['rename src/main.ts to start.ts', moved('src/main.ts', 'src/start.ts', { missing: [] })],
    ['Rename the file LICENSE to COPYING.', moved('LICENSE', 'COPYING', { missing: [] })],
    ['Move gen.py into the folder tools.', moved('gen.py', 'tools/gen.py', { missing: [] })],
    ['Move gen.py to tools/ please', moved('gen.py', 'tools/gen.py', { missing: [] })],
    ['Move calc.py to lib/calc.py and fix the imports.', moved('calc.py', 'lib/calc.py')],
    ['Move calc.py to the end of the list in README.md', { named: ['calc.py', 'README.md'], moves: true }],
    ['Do not move calc.py to lib/calc.py. Fix it.', { named: ['calc.py'], missing: ['lib/calc.py'] }],
    ['Move the function mul from calc.py to a new file mul.py', { named: ['calc.py'], missing: ['mul.py'] }],
  ],
  less: [
    ['Delete the file old_notes.md.', deleted('old_notes.md')],
    ['delete `old_notes.md`', deleted('old_notes.md')],
    ['Remove gen.py, old_notes.md and docs/guide.md.', deleted('gen.py', 'old_notes.md', 'docs/guide.md')],
    ['Delete both the files gen.py and old_notes.md', deleted('gen.py', 'old_notes.md')],
    [
      'Delete old_notes.md and remove its link from README.md',
      { ...deleted('old_notes.md'), named: ['old_notes.md', 'README.md'] },
    ],
    ['Delete all temporary files', { deletes: true }],
    ['Remove the function mul from calc.py', { named: ['calc.py'] }],
    ["Remove calc.py's unused imports", { named: ['calc.py'] }],
    ['Remove the calc.py import from test_calc.py', { named: ['calc.py', 'test_calc.py'] }],
    ['Remove README.md from the list of files in package.json', { named: ['README.md', 'package.json'] }],
    ['Fix calc.py but do not delete old_notes.md.', { named: ['calc.py', 'old_notes.md'] }],
    ["Don't remove gen.py. Fix calc.py.", { named: ['gen.py', 'calc.py'] }],
    ['If nobody uses gen.py, delete gen.py.', { named: ['gen.py'], deletes: true }],
    [
      'The script app.js should delete old_notes.md at its end. Add that.',
      { named: ['app.js', 'old_notes.md'] },
    ],
    ['Replace foo by bar in calc.py', { named: ['calc.py'] }],
  ],
  'run and report': [
    ['Run `python3 gen.py` and tell me the number that it prints.', { ...ran('python3 gen.py'), named: [] }],
    ['Run python3 gen.py and tell me the number.', ran('python3 gen.py')],
    ['Run `npm test`. Which tests fail?', ran('npm test')],
    ['run `sleep 40`', ran('sleep 40')],
    ['Please execute the command `git log -3`.', ran('git log -3')],
    ['run: git status', ran('git status')],
    ['Run `main()` in your head.', QUESTION],
    ['What does `node app.js --help` print?', { ...QUESTION, commands: ['node app.js --help'] }],
    ['Run `sh check-env.sh`. Only report it, do not add anything.', ran('sh check-env.sh')],
    ['Does it run on `node`?', QUESTION],
  ],
  'a question': [
    ['What does calc.py do?', { ...QUESTION, named: ['calc.py'] }],
    ['In which file is the function parse_port defined? Change nothing.', QUESTION],
    ['Explain net/ports.py', { ...QUESTION, named: ['net/ports.py'] }],
    ['Fix nothing, only explain calc.py. Do not change any files.', { ...QUESTION, named: ['calc.py'] }],
    ['Add up the numbers in config.json, but change nothing', { ...QUESTION, named: ['config.json'] }],
    [
      'What do the fields name, format and limit in config.json mean?',
      { ...QUESTION, named: ['config.json'] },
    ],
    ['Should I set the timeout to 60 in config.json?', { ...QUESTION, named: ['config.json'] }],
    ['How do I add a flag to app.js?', { ...QUESTION, named: ['app.js'] }],
    ['Where are index.ts and its tests?', QUESTION],
    ['Which license is in LICENSE?', { ...QUESTION, named: ['LICENSE'] }],
    ['Compare read/write, and/or, input/output in calc.py: what is it?', { ...QUESTION, named: ['calc.py'] }],
  ],
  'not everything': [
    ['Fix the sign in calc.py. Change nothing else.', { named: ['calc.py'] }],
    ["Fix the sign in calc.py, but don't change anything else.", { named: ['calc.py'] }],
    ['Set timeout to 60 in config.json without changing any other file', { named: ['config.json'] }],
    ['Fix calc.py. Do not modify files in net/.', { named: ['calc.py'] }],
    ['Fix calc.py. Do not edit the code in test_calc.py.', { named: ['calc.py', 'test_calc.py'] }],
  ],
  'what only looks like a path': [
    ['Replace console.log by logger.info(x) in app.js', { named: ['app.js'] }],
    ['Add a log line, e.g. with console.log(total), to app.js', { named: ['app.js'] }],
    ['Port app.js from Node.js to Deno and Vue.js, i.e. v1.2', { named: ['app.js'] }],
    ['Use os.path.join and self.value in calc.py and/or gen.py', { named: ['calc.py', 'gen.py'] }],
    [
      'Add a link to https://example.com/docs/start.html?q=a.js and mail@example.com to README.md',
      { named: ['README.md'] },
    ],
    ['Add the date 12/25/2024 and python3.11 to README.md at 9 a.m.', { named: ['README.md'] }],
  ],
  'another language': [
    ['Behebe den Fehler in calc.py.', { ...OPEN, named: ['calc.py'] }],
    ['Kannst du den Fehler in calc.py beheben?', { ...OPEN, named: ['calc.py'] }],
    ['Lege die Datei größe.py an', { ...OPEN, missing: ['größe.py'] }],
    ['修复calc.py中的错误', { ...OPEN, named: ['calc.py'] }],
    ['你能修复 calc.py 吗？', { ...OPEN, named: ['calc.py'] }],
    ['Исправь ошибку в calc.py', { ...OPEN, named: ['calc.py'] }],
  ],
  'next to nothing': [
    ['', OPEN],
    [' \n\t', OPEN],
    ['hi', OPEN],
    ['Hello!', OPEN],
    ['Thanks', OPEN],
    ['?', OPEN],
    ['🚀', OPEN],
  ],
};

describe.each(Object.keys(TABLE))('%s', (group) => {
  test.each(TABLE[group] ?? [])('%s', (message, expected) => {
    expect(told(message)).toEqual({ ...NOTHING, ...expected });
  });
});

test.each<[string, readonly string[]]>([
  ['Rename mul in calc.py and in test_calc.py.', ['calc.py', 'test_calc.py']],
  ['Add a flag to app.js, then fix README.md', ['app.js', 'README.md']],
  ['Fix calc.py so that test_calc.py passes.', ['calc.py']],
  ['Fix calc.py, but do not touch test_calc.py.', ['calc.py']],
  ["Fix calc.py and don't touch test_calc.py.", ['calc.py']],
  ['calc.py is wrong. Fix it.', []],
  ['What do calc.py and app.js do?', []],
])('what must be changed: %s', (message, files) => {
  expect(readTask(message, FILES).mustChange).toEqual(files);
});

test('there is nothing to name in an empty folder', () => {
  const task = readTask('Create main.py and run `python3 main.py`.', []);
  expect([task.kind, task.named, task.missing, task.commands]).toEqual([
    'change',
    [],
    ['main.py'],
    ['python3 main.py'],
  ]);
});

const PIECES = [
  ...[
    'calc.py',
    'README.md',
    'add',
    '`',
    '`npm test`',
    'make ',
    'go ',
    'fix ',
    'and ',
    'then ',
    'rename ',
    'to ',
    '"',
  ],
  ...[
    'move ',
    'delete ',
    'remove the file ',
    ', ',
    '. ',
    '\n',
    '\n\n',
    ' ',
    '\t',
    '?',
    '-',
    '/',
    'a/',
    'a.',
    'b.js ',
    '@',
  ],
  ...[
    'don’t ',
    'do not change ',
    'anything ',
    'must ',
    'pass ',
    'run the ',
    'x',
    '日本',
    'ß',
    '\ud800',
    '\0',
    '(',
    '$ ',
    '=',
  ],
];
const messages = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((some) => some.join('')),
);

test('any message is read, and what it names is there, is not there, and stands in it', () => {
  fc.assert(
    fc.property(messages, (text) => {
      const { named, missing, commands, check, mustRun, orders, kind } = readTask(text, FILES);
      expect(named.filter((file) => !FILES.includes(file))).toEqual([]);
      expect(missing.filter((file) => FILES.includes(file) || !text.includes(file))).toEqual([]);
      expect(commands.filter((command) => !text.includes(command))).toEqual([]);
      for (const command of [check, mustRun]) if (command !== undefined) expect(commands).toContain(command);
      expect(orders.filter(({ file }) => !named.includes(file))).toEqual([]);
      for (const some of [named, missing, commands]) expect(new Set(some).size).toBe(some.length);
      if (kind === 'question') expect([check, orders]).toEqual([undefined, []]);
    }),
    { numRuns: 3_000 },
  );
});

test('a message of 100 KB is read in linear time, whatever is in it', () => {
  const slow: string[] = [];
  const repeated = PIECES.flatMap((piece) => [piece, `${piece} `, `${piece}a`, `. ${piece}`]);
  for (const piece of [...repeated, 'make all ', 'to a b ', '`npm run x` ', 'a-a.', '{}', 'aA1_']) {
    const text = `Fix ${piece.repeat(100_000 / piece.length)}x`;
    const ms = cpuTime(() => readTask(text, FILES));
    if (ms > 2_000) slow.push(`${JSON.stringify(piece)}: ${ms.toFixed(0)} ms`);
  }
  expect(slow).toEqual([]);
});

test('five thousand files are no burden', () => {
  const files = Array.from({ length: 5_000 }, (_, at) => `src/part${at % 50}/file${at}.ts`);
  const text = `Fix file77.ts and src/part1/file1.ts. ${'Some words of no use. '.repeat(50)}`;
  const read = () =>
    expect(readTask(text, files).named).toEqual(['src/part27/file77.ts', 'src/part1/file1.ts']);
  expect(cpuTime(read)).toBeLessThan(300);
});

test('tests that are to pass are checked by the command of the project, unless the message names another', () => {
  const checkOf = (text: string, tests?: string) => readTask(text, FILES, { tests }).check;
  expect(checkOf('Make the tests pass', 'npm test')).toBe('npm test');
  expect(checkOf('Fix the failing tests.', 'npm test')).toBe('npm test');
  expect(checkOf('Add a function and run the tests', 'npm test')).toBe('npm test');
  expect(checkOf('Make `pytest -q` pass', 'npm test')).toBe('pytest -q');
  expect(checkOf('Make the tests pass')).toBeUndefined();
  expect(checkOf('Add a test for the tax', 'npm test')).toBeUndefined();
  expect(checkOf('Do the tests pass?', 'npm test')).toBeUndefined();
});
