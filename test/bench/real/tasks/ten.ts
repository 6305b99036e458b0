/**
 * Ten tasks of one step, of the size that a model of 0.5 to 3 B parameters can do.
 *
 * Invariants: prompts and files never change, because figures of different dates are compared by them.
 */
import { json, node, nodeFile, python, pythonTests, read, run } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';

const brokenCalc = {
  'calc.py': 'def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a * b\n',
  'test_calc.py':
    'from calc import add, mul\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\ndef test_mul():\n    assert mul(2, 3) == 6\n',
  'README.md': '# calc\n\nA small calculator.\n',
};
const CALC = edited(brokenCalc, 'calc.py', 'a - b', 'a + b');
const calc = { ...brokenCalc, 'calc.py': CALC };

const sums = {
  'sum.js':
    'function sum(list) {\n  let total = 0;\n  for (let i = 1; i < list.length; i++) {\n    total += list[i];\n  }\n  return total;\n}\n\nmodule.exports = { sum };\n',
  'test.js':
    "const { sum } = require('./sum');\nconst assert = require('assert');\nassert.strictEqual(sum([1, 2, 3]), 6);\nassert.strictEqual(sum([]), 0);\nconsole.log('ok');\n",
  'package.json': '{ "name": "sums", "scripts": { "test": "node test.js" } }\n',
};

const CONFIG = '{\n  "host": "localhost",\n  "timeout": 30,\n  "retries": 3\n}\n';
const config = { ...sums, 'config.json': CONFIG };

const ports = {
  ...calc,
  'net/ports.py': 'DEFAULT = 8125\n\n\ndef parse_port(text):\n    return int(text) if text else DEFAULT\n',
  'net/hosts.py': 'def parse_host(text):\n    return text or "localhost"\n',
};

const GEN = 'n = 0\nfor i in range(1, 38):\n    n = (n * 31 + i * i) % 9973\nprint(n)\n';
/** What the program prints, by another program. */
const GENERATED = Array.from({ length: 37 }, (_, at) => at + 1).reduce((n, i) => (n * 31 + i * i) % 9973, 0);

const USAGE = '\n## Usage\n\nRun the tests with python3 -m pytest.\n';

export const tenTasks: readonly RealTask[] = [
  {
    name: 'fix-py',
    kind: 'one',
    files: brokenCalc,
    prompt:
      'The test test_add fails. Fix the bug in calc.py, then run the tests with `python3 -m pytest -q`.',
    mayChange: ['calc.py'],
    judge: (folder) =>
      python(folder, 'from calc import *; assert add(2,3)==5 and add(-1,1)==0 and mul(2,3)==6'),
    reference: { files: { 'calc.py': CALC } },
    wrong: [{ files: { 'calc.py': edited(brokenCalc, 'calc.py', 'a - b', '5') } }],
  },
  {
    name: 'create',
    kind: 'one',
    files: calc,
    prompt: 'Create a file hello.txt that contains exactly one line: Hello, world',
    mayChange: ['hello.txt'],
    judge: (folder) => read(folder, 'hello.txt')?.trim() === 'Hello, world',
    reference: { files: { 'hello.txt': 'Hello, world\n' } },
    wrong: [{ files: { 'hello.txt': 'Hello, world\nHello, world\n' } }],
  },
  {
    name: 'add-fn',
    kind: 'one',
    files: calc,
    prompt: 'Add a function sub(a, b) to calc.py that returns a minus b. Keep the other functions.',
    mayChange: ['calc.py', 'test_calc.py'],
    judge: (folder) =>
      python(folder, 'from calc import *; assert sub(5,3)==2 and add(2,3)==5 and mul(2,3)==6'),
    reference: { files: { 'calc.py': `${CALC}\n\ndef sub(a, b):\n    return a - b\n` } },
    wrong: [{ files: { 'calc.py': 'def sub(a, b):\n    return a - b\n' } }],
  },
  {
    name: 'fix-js',
    kind: 'one',
    files: sums,
    prompt: 'Running `node test.js` fails. Find the bug in sum.js and fix it.',
    mayChange: ['sum.js'],
    judge: (folder) =>
      nodeFile(folder, 'test.js') &&
      node(folder, "const { sum } = (await import('./sum.js')).default; assert.equal(sum([4, 5]), 9);"),
    reference: { files: { 'sum.js': edited(sums, 'sum.js', 'i = 1', 'i = 0') } },
    wrong: [{ files: { 'sum.js': edited(sums, 'sum.js', 'i < list.length', 'i <= list.length') } }],
  },
  {
    name: 'config',
    kind: 'one',
    files: config,
    prompt: 'Change the timeout in config.json to 60.',
    mayChange: ['config.json'],
    judge: (folder) => {
      const { timeout, host, retries } = json(folder, 'config.json') as { [key: string]: unknown };
      return timeout === 60 && host === 'localhost' && retries === 3;
    },
    reference: { files: { 'config.json': edited(config, 'config.json', '30', '60') } },
    wrong: [{ files: { 'config.json': '{ "timeout": 60 }\n' } }],
  },
  {
    name: 'delete',
    kind: 'one',
    files: { ...calc, 'old_notes.md': 'old\n' },
    prompt: 'Delete the file old_notes.md.',
    mayChange: ['old_notes.md'],
    judge: (folder) => read(folder, 'old_notes.md') === null,
    reference: { files: { 'old_notes.md': null } },
    wrong: [{ files: { 'old_notes.md': '' } }],
  },
  {
    name: 'where',
    kind: 'question',
    files: ports,
    prompt:
      'In which file is the function parse_port defined, and which port does it return for an empty text? Change nothing.',
    mayChange: [],
    judge: (_, output) => /ports\.py/.test(output) && /8125/.test(output),
    reference: { output: 'parse_port is defined in net/ports.py and returns 8125 for an empty text.' },
    wrong: [{ output: 'It is in net/ports.py and returns 80.' }, { output: 'In net/hosts.py; 8125.' }],
  },
  {
    name: 'run',
    kind: 'question',
    files: { 'gen.py': GEN },
    prompt: 'Run `python3 gen.py` and tell me the number that it prints.',
    mayChange: [],
    judge: (folder, output) =>
      run(folder, 'python3', 'gen.py').stdout.trim() === String(GENERATED) &&
      output.includes(String(GENERATED)),
    reference: { output: `It prints ${GENERATED}.` },
    wrong: [{ output: 'It prints 9973.' }],
  },
  {
    name: 'rename',
    kind: 'one',
    files: calc,
    prompt:
      'Rename the function mul to multiply in calc.py and in test_calc.py. `python3 -m pytest -q` must pass.',
    mayChange: ['calc.py', 'test_calc.py'],
    judge: (folder) =>
      python(folder, 'import calc; assert calc.multiply(2,3)==6 and not hasattr(calc,"mul")') &&
      python(folder, 'import test_calc; test_calc.test_add()') &&
      pythonTests(folder, 'test_calc', 1) &&
      !/\bmul\(/.test(read(folder, 'test_calc.py') ?? ''),
    reference: {
      files: {
        'calc.py': CALC.replace('mul', 'multiply'),
        'test_calc.py': calc['test_calc.py']
          .replace('add, mul', 'add, multiply')
          .replace('assert mul', 'assert multiply'),
      },
    },
    wrong: [{ files: { 'calc.py': CALC.replace('mul', 'multiply') } }],
  },
  {
    name: 'readme',
    kind: 'one',
    files: calc,
    prompt:
      'Add a section "## Usage" to the end of README.md with one sentence that says how to run the tests: python3 -m pytest',
    mayChange: ['README.md'],
    judge: (folder) =>
      /# calc\n\nA small calculator\.\n[\s\S]*## Usage[\s\S]*python3 -m pytest/.test(
        read(folder, 'README.md') ?? '',
      ),
    reference: { files: { 'README.md': calc['README.md'] + USAGE } },
    wrong: [{ files: { 'README.md': USAGE } }],
  },
];
