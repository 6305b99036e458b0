import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContent } from '../../../src/model/answer/reader.ts';
import { repairTurn } from '../../../src/model/repair.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { applyPatch, askUser, execCommand, readFile, ripgrep, updatePlan } from '../repair/tools.ts';

const tools = [execCommand, applyPatch, ripgrep, readFile, updatePlan, askUser];

interface Read {
  readonly content: string;
  readonly calls: readonly [string, JsonObject][];
  readonly isAsked: boolean;
}

function read(content: string, discussed: readonly string[] = []): Read {
  const { text, ...facts } = readContent(content);
  const turn = { ...facts, content: text, toolCalls: [], discussed };
  const { content: rest, calls, notes, endsInCall } = repairTurn(turn, tools, () => 'id');
  const isAsked = endsInCall || (calls.length === 0 && notes.length > 0);
  return { content: rest, calls: calls.map((call) => [call.name, call.arguments]), isAsked };
}

const PORT: [string, JsonObject] = ['ask_user', { questions: [{ question: 'Which port?' }] }];
const PORTS: [string, JsonObject] = [
  'ask_user',
  { questions: [{ question: 'Which port?', options: ['3000', '8080'] }] },
];
const A: [string, JsonObject] = ['read_file', { path: 'src/a.ts' }];
const LS: [string, JsonObject] = ['exec_command', { cmd: 'ls' }];
const step = (text: string, status = 'pending') => ({ step: text, status });
const PLAN: [string, JsonObject] = ['update_plan', { plan: [step('Read it.'), step('Change it.')] }];

const RUN: readonly [string, string, readonly [string, JsonObject][], string?][] = [
  ['a question', 'ask_user("Which port?")', [PORT]],
  ['a question in single quotes', "ask_user('Which port?')", [PORT]],
  ['a question by its keyword', 'ask_user(question="Which port?")', [PORT]],
  ['a question and its options', 'ask_user("Which port?", ["3000", "8080"])', [PORTS]],
  ['both by keyword', 'ask_user(question="Which port?", options=["3000", "8080"])', [PORTS]],
  [
    'a list of questions over lines',
    'ask_user(\n  questions=[\n    {\n      "question": "Which port?",\n      "options": ["3000", "8080"],\n    },\n  ],\n)',
    [PORTS],
  ],
  [
    'a list without its keyword',
    "ask_user([{'question': 'Which port?', 'options': ['3000', '8080']}])",
    [PORTS],
  ],
  ['one object', 'ask_user({question: "Which port?", options: ["3000", "8080"]});', [PORTS]],
  ['all arguments in an object', 'ask_user({"questions": [{"question": "Which port?"}]})', [PORT]],
  [
    'a plan',
    'update_plan([{"step": "Read it.", "status": "pending"}, {"step": "Change it.", "status": "pending"}])',
    [PLAN],
  ],
  ['a plan of texts', 'update_plan(["Read it.", "Change it."])', [PLAN]],
  [
    'a plan by keyword',
    'update_plan(plan=[{"step": "Read it."}, {"step": "Change it."}], explanation="First (and \\"only\\") look, then act.")',
    [['update_plan', { ...PLAN[1], explanation: 'First (and "only") look, then act.' }]],
  ],
  ['a file', 'read_file("src/a.ts")', [A]],
  [
    'a file and lines',
    'read_file("src/a.ts", 5, limit=10)',
    [['read_file', { path: 'src/a.ts', offset: 5, limit: 10 }]],
  ],
  ['a command', 'exec_command(cmd="ls")', [LS]],
  [
    'arguments in an object',
    'exec_command({"cmd": "ls", "tty": false})',
    [['exec_command', { cmd: 'ls', tty: false }]],
  ],
  ['colons', 'exec_command(cmd: "ls")', [LS]],
  ['a namespace', 'functions.exec_command("ls")', [LS]],
  [
    'words of Python',
    'ripgrep("a", case_insensitive=True, glob=None)',
    [['ripgrep', { pattern: 'a', case_insensitive: true }]],
  ],
  [
    'a raw string',
    String.raw`ripgrep(r"\bfoo\(\d+\)")`,
    [['ripgrep', { pattern: String.raw`\bfoo\(\d+\)` }]],
  ],
  [
    'brackets in a string',
    'exec_command("echo \\"(a) b)\\" # )")',
    [['exec_command', { cmd: 'echo "(a) b)" # )' }]],
  ],
  ['three quotes', 'exec_command("""cat <<E\na "b"\nE""")', [['exec_command', { cmd: 'cat <<E\na "b"\nE' }]]],
  ['several', 'read_file("src/a.ts")\nexec_command("ls")\n', [A, LS]],
  ['several with semicolons', 'read_file("src/a.ts"); exec_command("ls");', [A, LS]],
  ['a list of calls', '[read_file("src/a.ts"), exec_command("ls")]', [A, LS]],
  ['a Python fence', '```python\nread_file("src/a.ts")\nexec_command("ls")\n```', [A, LS]],
  ['a tool_code fence', '```tool_code\nask_user("Which port?")\n```', [PORT]],
  ['a fence', '```\nask_user("Which port?")\n```', [PORT]],
  ['a fence that is not closed', '```python\nask_user("Which port?")', [PORT]],
  [
    'a line after prose',
    'I need to know the port first.\n\nask_user("Which port?")',
    [PORT],
    'I need to know the port first.',
  ],
  ['a line under a line', 'I look at the file:\nread_file("src/a.ts")\n', [A], 'I look at the file:'],
  [
    'lines between prose',
    'First this.\nread_file("src/a.ts")\nThen that.\nexec_command("ls")',
    [A, LS],
    'First this.\nThen that.',
  ],
  ['a tool_code fence after prose', 'I ask.\n```tool_code\nask_user("Which port?")\n```', [PORT], 'I ask.'],
  ['a tag', '<tool_call>\nread_file("src/a.ts")\n</tool_call>', [A]],
];

describe('calls written like those of a program', () => {
  it.each(RUN)('%s', (_, content, calls, rest = '') => {
    expect(read(content)).toEqual({ content: rest, calls, isAsked: false });
  });
});

const ASKED: readonly [string, string][] = [
  ['a Python fence after prose', 'I need the port.\n\n```python\nask_user("Which port?")\n```'],
  ['a fence after prose that names the tool', 'I use `read_file`.\n```python\nread_file("src/a.ts")\n```'],
  ['a line after prose that names the tool', 'I use read_file now.\n\nread_file("src/a.ts")'],
  ['comments in a fence', '```python\n# Look first.\nread_file("src/a.ts")\n```'],
  ['a code span alone', '`ask_user("Which port?")`'],
  ['curved quotes', 'ask_user(“Which port?”)'],
  ['an apostrophe in single quotes', "ask_user('What's the port?')"],
  ['a result that is made up', 'read_file("src/a.ts")\n\nOutput:\nexport const a = 1;'],
  ['a comment behind it', '```python\nread_file("src/a.ts")  # Look first.\n```'],
  ['a result that is kept', '```python\ntext = read_file("src/a.ts")\nprint(text)\n```'],
  ['a result that is waited for', '```\nconst text = await read_file("src/a.ts");\nconsole.log(text);\n```'],
  ['prose after it', 'ask_user("Which port?")\n\nThen I go on.'],
  ['prose around it', 'I ask.\n\nask_user("Which port?")\n\nThen I go on.'],
  ['a value that does not fit', 'exec_command("ls", 5000)'],
  ['a value too many', 'apply_patch("a", "b")'],
  ['quotes in quotes', 'exec_command("grep "x" a.ts")'],
  ['an expression', 'exec_command(cmd="ls " + name)'],
  ['a string that is not closed', 'ask_user("Which port?'],
  ['JSON of no tool', '{"name": "add_row", "arguments": {"input": "cherry"}}'],
  [
    'JSON of no tool, with a reason',
    '{"name": "add_row", "parameters": {}, "explanation": "It is missing."},',
  ],
  ['fenced JSON of no tool', '```json\n{"name": "add_row", "arguments": {"input": "cherry"}}\n```'],
];

describe('calls that are asked about', () => {
  it.each(ASKED)('%s', (_, content) => {
    expect(read(content)).toEqual({ content, calls: [], isAsked: true });
  });
});

const PROSE: readonly string[] = [
  'Call `read_file("x")` to read it.',
  'read_file("x") reads the file x.',
  'It calls read_file("x").',
  'It is read with\nread_file("x"), which throws.',
  '- read_file("x") reads it\n- exec_command("ls") lists',
  'def read_file(path):\n    return open(path).read()\n\nread_file("x")',
  'The helper:\n\n```python\ndef read_file(path):\n    return open(path).read()\n```\n\nUse it:\n\n```python\nread_file("x")\n```',
  '```python\ndef read_file(path):\n    return open(path).read()\n\nprint(read_file("x"))\n```',
  '```python\nfrom files import read_file\n\nread_file("x")\n```',
  'import { read_file } from "./files";\nread_file("x")',
  'So:\n```python\ntext = read_file("x")\nprint(text)\n```',
  '```python\ntext = load("x")\nprint(text)\n```',
  '`print("x")`',
  'Use `read_file("x")`',
  'data = load()\nread_file("x")',
  'with open("x") as f:\n    f.read()\nread_file("x")',
  'For example:\n```ts\nread_file("x");\n```',
  'For example:\n```python\nread_file("x")\n```\nreads x.',
  'Example:\n```\nread_file("x")\n',
  'print("done")',
  'print("done")\nopen("x")',
  '```python\nprint("done")\n```',
  'read_file(path, offset, limit) reads lines of a file (numbered).',
  'read_file(path)',
  '{"name": "demo", "version": "1.0.0", "parameters": {}}',
  '{"name": "demo", "arguments": "none"}',
  'async function ask_user(question) {\n  return prompt(question);\n}\nask_user("Which?")',
];

describe('text that only looks like it', () => {
  it.each(PROSE)('%j stays text', (content) => {
    expect(read(content)).toEqual({ content, calls: [], isAsked: false });
  });
});

const EXAMPLES: readonly string[] = [
  'read_file("x")',
  'read_file(path="x")',
  'It is called like this:\n\nread_file("x")',
  'It takes a path:\n\n```python\nread_file("x")\n```',
  '```python\n# Reads x.\nread_file("x")\n```',
  'read_file("x")\n\nThat reads x.',
];

describe('what the user asks about', () => {
  it.each(EXAMPLES)('%j is an example', (content) => {
    expect(read(content, ['read_file'])).toEqual({ content, calls: [], isAsked: false });
  });

  it('is called all the same by what means nothing else, and other tools are', () => {
    expect(read('<tool_call>\nread_file("src/a.ts")\n</tool_call>', ['read_file']).calls).toEqual([A]);
    expect(read('read_file("src/a.ts")', ['ripgrep']).calls).toEqual([A]);
  });
});

/** As Python writes a value. */
function literal(value: unknown, quote: '"' | "'"): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (typeof value === 'string') {
    const inner = JSON.stringify(value).slice(1, -1);
    return quote === '"' ? `"${inner}"` : `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, quote)).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).map(([key, one]) => `${literal(key, quote)}: ${literal(one, quote)}`);
  return `{${members.join(', ')}}`;
}

const text = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((one) => one.trim() === one && one !== 'null' && !/^[[{"]/.test(one));
const call = fc.oneof(
  fc.record({ cmd: text, workdir: text, tty: fc.boolean() }).map((args) => ['exec_command', args] as const),
  fc.record({ path: text, offset: fc.nat(), limit: fc.nat() }).map((args) => ['read_file', args] as const),
  fc
    .record({
      plan: fc.array(fc.record({ step: text, status: fc.constantFrom('pending', 'completed') }), {
        minLength: 1,
      }),
      explanation: text,
    })
    .map((args) => ['update_plan', args] as const),
);
const written = fc
  .record({
    call,
    quote: fc.constantFrom('"' as const, "'" as const),
    positional: fc.nat({ max: 3 }),
    space: fc.constantFrom('', ' ', '\n', '\n  '),
    comma: fc.constantFrom('', ','),
  })
  .map(({ call: [name, args], quote, positional, space, comma }) => {
    const values = Object.entries(args).map(
      ([key, value], at) => `${at < positional ? '' : `${key}=`}${literal(value, quote)}`,
    );
    return {
      source: `${name}(${space}${values.join(`,${space || ' '}`)}${comma}${space})`,
      call: [name, args],
    };
  });

describe('for any values', () => {
  it('a call is read, alone, fenced, and after prose', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 3 }), (all) => {
        const source = all.map((one) => one.source).join('\n');
        const calls = all.map((one) => one.call);
        expect(read(source).calls).toEqual(calls);
        if (!source.includes('```')) expect(read(`\`\`\`python\n${source}\n\`\`\``).calls).toEqual(calls);
        expect(read(`I go on.\n\n${source}`)).toEqual({ content: 'I go on.', calls, isAsked: false });
      }),
    );
  });

  it('a call in a sentence, or code that defines it, stays text', () => {
    fc.assert(
      fc.property(written, fc.constantFrom('def', 'function', 'class'), ({ source, call: [name] }, word) => {
        const line = source.replace(/\s*\n\s*/g, ' ');
        for (const content of [
          `It is called as ${line} by the program.`,
          `It says \`${line.replaceAll('`', "'")}\` in the file.`,
          `${word} ${name}(a) {}\n\n${source}`,
        ])
          expect(read(content)).toEqual({ content, calls: [], isAsked: false });
      }),
    );
  });

  it('reading never throws, and takes a time that grows with the length', () => {
    fc.assert(
      fc.property(
        fc
          .array(
            fc.constantFrom(
              'read_file(',
              '"a"',
              ',',
              ')',
              '\n',
              '[',
              '{',
              '=',
              '```',
              'python',
              "r'",
              '#',
              'x',
              ' ',
            ),
          )
          .map((parts) => parts.join('')),
        (content) => {
          expect(Array.isArray(read(content).calls)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
    for (const piece of [
      'read_file(',
      'read_file(\n',
      '\nread_file("a",',
      '```python\n# a\n',
      'read_file("a")\nx\n',
    ])
      expect(cpuTime(() => read(piece.repeat(20_000)))).toBeLessThan(1_500);
  });
});
