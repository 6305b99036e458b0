import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deniedClaim } from '../../../src/agent/evidence/claims.ts';
import type { Evidence } from '../../../src/protocol/evidence.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { NOTHING_SEEN as NOTHING } from '../../support/evidence.ts';

const changed = (path: string): Evidence => ({
  ...NOTHING,
  files: [{ path, kind: 'update', added: 1, removed: 1 }],
});
const ran = (...commands: string[]): Evidence => ({
  ...NOTHING,
  commands: commands.map((command) => ({ command, exitCode: 0, runs: 1 })),
});
const checked = (command: string, passed: boolean): Evidence => ({
  ...ran(command),
  checks: [{ command, passed }],
});

const denied = (answer: string, turn: Evidence = NOTHING, session: Evidence = turn) =>
  deniedClaim(answer, { turn, session });

test.for([
  'All tests pass.',
  'Done. The tests now pass.',
  'All 5 tests passed!',
  'I looked at the code. The test now passes.',
  "I've fixed the sign and all tests pass now.",
  'I ran the tests and they all passed.',
  'After the change, all tests pass.',
  'The failing test now passes.',
  '**All tests passed successfully!**',
  '✅ All tests pass',
  '`npm test` passes.',
  'Both tests in `test_calc.py` pass.',
  'The test suite is green.',
  'All tests are passing without any errors.',
  'Everything works and the tests pass.',
  'The unit tests have all passed with no failures.',
])('"%s" is denied where no test ran', (answer) => {
  expect([
    denied(answer),
    denied(answer, changed('/w/a.py')),
    denied(answer, ran('ls', 'python a.py')),
  ]).toEqual(Array(3).fill('no test was run'));
  expect(denied(answer, checked('pytest -q', false))).toBe('`pytest -q` failed');
  const honest = [
    checked('npm test', true),
    ran('pytest | tail'),
    ran('python test_calc.py'),
    ran('./verify.py'),
  ];
  expect(honest.map((evidence) => denied(answer, evidence))).toEqual(Array(4).fill(undefined));
  // A test of an earlier turn speaks for a turn that changes nothing.
  expect(denied(answer, NOTHING, ran('pytest'))).toBeUndefined();
  expect(denied(answer, changed('/w/a.py'), { ...changed('/w/a.py'), ...ran('pytest') })).toBe(
    'no test was run',
  );
});

test('what a server may have done is believed', () => {
  const called = { ...NOTHING, mcpCalls: 1 };
  expect([denied('All tests pass.', called), denied('I have updated calc.py.', called)]).toEqual([
    undefined,
    undefined,
  ]);
  // It did not run a test of this turn.
  expect(denied('All tests pass.', NOTHING, called)).toBe('no test was run');
  expect(denied('I have updated calc.py.', NOTHING, called)).toBeUndefined();
});

test.for([
  'I have fixed the `add` function in `calc.py`.',
  "I've updated calc.py so that it returns the sum.",
  'I have created the file notes.txt with the content you asked for.',
  'I deleted `old.txt`.',
  'Done! I renamed `src/a.py` to `src/b.py`.',
  'I have successfully created `hello.py`.',
  'The file `notes.txt` has been created.',
  'The sign in `calc.py` has been fixed.',
  'The function `count` has been added to `calc.py` and it returns the number of items in the `items` array.',
  'A test has now been written into `calc.py`.',
  'Successfully created `notes.txt`.',
  'I have changed the value in **config.json**, and it should work now.',
  'I have updated `calc.py` as follows:\n\n```python\ndef add(a, b):\n    return a + b\n```',
  'I rewrote the Dockerfile: I have updated `Dockerfile`.',
])('"%s" is denied where nothing changed', (answer) => {
  expect([
    denied(answer),
    denied(answer, ran('ls', 'cat calc.py')),
    denied(answer, checked('pytest', true)),
  ]).toEqual(Array(3).fill('nothing changed'));
  const honest = [changed('/w/other.py'), ran("sed -i 's/a/b/' calc.py"), ran('python fix.py')];
  expect(honest.map((evidence) => denied(answer, evidence))).toEqual(Array(3).fill(undefined));
  const names = ['calc.py', 'notes.txt', 'old.txt', 'a.py', 'hello.py', 'config.json', 'Dockerfile'];
  const files = names.flatMap((name) => changed(`/w/src/${name}`).files);
  expect(denied(answer, NOTHING, { ...NOTHING, files })).toBeUndefined();
});

test('a failed test is denied before a change that was none', () => {
  const evidence = checked('pytest', false);
  expect(denied('I have fixed `a.py`. All tests pass.', evidence)).toBe('`pytest` failed');
  expect(denied('I have fixed `a.py`. All tests pass.', checked('pytest', true))).toBe('nothing changed');
  // What only speaks of tests hides nothing; a test whose result is not known is believed.
  const failed = checked('pytest', false);
  const then = (...commands: string[]): Evidence => ({
    ...failed,
    commands: [...failed.commands, ...ran(...commands).commands],
  });
  const after = ['cat test_a.py', "sed -i 's/a/b/' test_a.py", 'pytest | tail', 'python test_a.py'];
  expect(after.map((command) => denied('All tests pass.', then(command)))).toEqual([
    ...['`pytest` failed', '`pytest` failed'],
    ...[undefined, undefined],
  ]);
  // A linter is no test.
  expect(denied('All tests pass.', checked('eslint .', false))).toBe('no test was run');
});

test.for([
  'Should I run the tests?',
  'Do all tests pass?',
  'I have not run the tests.',
  "The tests don't pass.",
  'If you run `pytest`, all tests pass.',
  'Once the import is fixed, all tests pass.',
  'Make sure that all tests pass.',
  'Then verify: all tests pass.',
  'All tests passed except one.',
  'All tests should pass now.',
  'You will see that all tests pass.',
  'The README says that all tests pass.',
  'Before the change, all tests passed.',
  'Previously, all tests passed.',
  '"All tests pass," says the log.',
  '> All tests pass.',
  'Text.\n# All tests pass',
  '```\nAll tests pass.\n```',
  '~~~\nAll tests pass.',
  '    All tests pass.',
  'The goals are:\n\n- All tests pass.\n- The build is green,\n  all tests pass.',
  'The test passes 3 and 4 to `add`.',
  'Some tests pass.',
  'No tests pass.',
  'The tests pass through a proxy.',
  'The latest pass.',
  'I have looked at `calc.py`.',
  'I will update `calc.py`.',
  "I'll have updated `calc.py` by then.",
  'I have already fixed `calc.py`.',
  'I could not fix `calc.py`.',
  'I have fixed nothing in `calc.py`.',
  'If I changed `calc.py`, it would break.',
  'Shall I say that I have fixed `calc.py`?',
  'Earlier I fixed `calc.py`.',
  'I have created a summary of `README.md` below.',
  'I have written an explanation of `calc.py`.',
  'I created a plan for `calc.py`.',
  'I have added two and two.',
  'I have updated my view of Node.js.',
  'I have changed `add`.',
  'The author writes: "I have updated `calc.py`."',
  '`calc.py` was changed in 2019.',
  'The function in `calc.py` adds two numbers.',
  'You have changed `calc.py`.',
  'Git says I have changed `calc.py`.',
])('"%s" is believed', (answer) => {
  expect(denied(answer)).toBeUndefined();
});

test('10,000 honest texts claim nothing, even where nothing was done', () => {
  const texts = new Set<string>();
  for (const file of globSync('node_modules/**/*.{md,markdown,d.ts}')) {
    const text = readFileSync(file, 'utf8');
    const prose = file.endsWith('.ts')
      ? [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, doc = '']) => doc.replace(/^[ \t]*\* ?/gm, ''))
      : [text, ...text.split(/\n\s*\n/)];
    for (const part of prose) if (/\w \w+ \w/.test(part)) texts.add(part);
  }
  expect(texts.size).toBeGreaterThan(10_000);
  const wrong = [...texts].filter((text) => denied(text) !== undefined).map((text) => text.trim());
  // A doc comment that is, word for word, what a model says.
  expect(wrong).toEqual(['The test passed successfully.']);
}, 30_000);

test('no answer is too strange or too long to be read, and what follows it changes nothing', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      ...[
        'I have fixed ',
        '`a.py`',
        'all tests pass',
        '. ',
        '\n',
        '```',
        '"',
        '> ',
        '- ',
        ' if ',
        '?',
        'has been ',
      ],
      ...['    ', '\0', '**', '[x](y)', 'FILE', 'CODE', ' and ', 'The file ', ':', '#', '|', '1. '],
    ),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (answer) => {
      const found = denied(answer);
      expect([undefined, 'no test was run', 'nothing changed']).toContain(found);
      // Proof of both speaks for every claim.
      const proof = { ...checked('pytest', true), files: changed('/w/a.py').files };
      expect(denied(answer, proof)).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
  const read = () => {
    for (const part of ['all tests ', 'I have fixed ', '`', '```\n', 'the a file ', '- x\n', '"', 'a.'])
      denied(part.repeat(20_000));
  };
  expect(cpuTime(read)).toBeLessThan(2_000);
});
