/** The `run_tests` tool: the project's own command, in the sandbox, reduced to what failed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';
import { hasSandbox, sandboxedTest } from '../support/sandbox.ts';

const SUM = 'export const sum = (a, b) => a - b;\n';
const TESTS = `import assert from 'node:assert';
import { test } from 'node:test';
import { sum } from '../sum.js';
test('adds two numbers', () => assert.equal(sum(1, 2), 3));
test('keeps zero', () => assert.equal(sum(0, 0), 0));
console.log('${'noise '.repeat(300)}');
`;
const runTests = (args = {}): Turn => ({ toolCalls: [{ name: 'run_tests', arguments: args }] });
const FIX: Turn = {
  toolCalls: [
    {
      name: 'apply_patch',
      arguments: {
        input:
          '*** Begin Patch\n*** Update File: sum.js\n@@\n-export const sum = (a, b) => a - b;\n+export const sum = (a, b) => a + b;\n*** End Patch',
      },
    },
  ],
};

/** A project of Node's own test runner with a fault in it. */
async function project(script: Script): Promise<Bench> {
  const made = await bench(script);
  const { cwd } = made;
  mkdirSync(path.join(cwd, 'test'));
  writeFileSync(path.join(cwd, 'package.json'), '{"type":"module","scripts":{"test":"node --test"}}');
  writeFileSync(path.join(cwd, 'sum.js'), SUM);
  writeFileSync(path.join(cwd, 'test/sum.test.js'), TESTS);
  return made;
}

/** The paths and times of one run are not those of another. */
const plain = (text: string | undefined, cwd: string): string | undefined =>
  text
    ?.replaceAll(cwd, 'REPO')
    .replace(/\[full output: .*\/outputs\//, '[full output: ')
    .replace(/[\da-f-]{36}/, 'ID');

sandboxedTest(
  'what failed comes back, the whole output is in a file, and one line says that all is well',
  async () => {
    const made = await project([
      runTests(),
      FIX,
      runTests({ target: 'test/sum.test.js' }),
      { content: 'Fixed.' },
    ]);
    const { run, chats, cwd, home } = made;
    const { code, stdout, stderr } = await run(['exec', '-s', 'workspace-write', 'Fix `sum`']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Fixed.\n' });
    const results = chats().map(({ messages }) => messages.at(-1));
    const [, first, , second] = results.map((message) => message?.content);
    expect(plain(first, cwd)).toBe(
      [
        '$ npm test',
        '1 of 2 tests failed (exit code 1).',
        '',
        'FAIL adds two numbers (test/sum.test.js:4)',
        'AssertionError [ERR_ASSERTION]: -1 == 3',
        '[full output: ID/1.txt]',
      ].join('\n'),
    );
    const file = /full output: (.*)\]/.exec(first ?? '')?.[1] ?? '';
    expect(file.startsWith(home)).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('noise noise');
    expect(plain(second, cwd)).toMatch(
      /^\$ npm test -- test\/sum\.test\.js\n2 tests passed\.\n\[full output: /,
    );
    expect(stderr).toContain('`npm test -- test/sum.test.js` passed (2 tests)');
    const tools = chats()[0]?.tools?.map(({ function: tool }) => tool.name);
    expect(tools?.at(-1)).toBe('run_tests');
  },
);

sandboxedTest('tests that fail after a change: exit code 3, and why', async () => {
  const add: Turn = {
    toolCalls: [
      {
        name: 'apply_patch',
        arguments: { input: '*** Begin Patch\n*** Add File: more.js\n+x\n*** End Patch' },
      },
    ],
  };
  const { json } = await project([add, runTests(), { content: 'Done.' }, { content: 'Still done.' }]);
  const { code, stderr, lines } = await json(['-s', 'workspace-write', 'Add the file more.js']);
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringContaining('error: tests fail: `npm test` failed (1 of 2 tests)\n'),
  });
  const [end] = lines.filter(({ type }) => type === 'turn.completed');
  expect(end?.evidence).toMatchObject({
    checks: [
      {
        command: 'npm test',
        passed: false,
        tests: { passed: 1, failed: 1, skipped: 0, failing: ['adds two numbers'] },
      },
    ],
  });
});

sandboxedTest('rules and the sandbox are those of any command', async () => {
  const { run, chats, home } = await project([runTests(), { content: 'No.' }]);
  writeFileSync(
    path.join(home, 'rules.toml'),
    '[[rule]]\nprefix = ["npm", "test"]\ndecision = "forbidden"\n',
  );
  await run(['exec', '-s', 'workspace-write', 'Do the tests pass?']);
  expect(chats()[1]?.messages.at(-1)?.content).toContain('rejected');
});

test('a command that the user has set, and none', async () => {
  const set = await project([runTests(), { content: 'Yes.' }]);
  await set.run(['exec', BYPASS, '-c', 'test_command="echo all is well"', 'Do the tests pass?']);
  expect(set.chats()[1]?.messages.at(-1)?.content).toBe(
    '$ echo all is well\nThe tests passed (exit code 0):\nall is well',
  );
  const none = await project([{ content: 'Hi.' }]);
  await none.run(['exec', '-c', 'test_command=""', 'Hi']);
  expect(none.chats()[0]?.tools?.map(({ function: tool }) => tool.name)).not.toContain('run_tests');
});

sandboxedTest('a led model has its work checked by it, and reads what failed', async () => {
  const { run, chats } = await project([
    { content: '```\nexport const sum = (a, b) => a + b;\n```\n' },
    { content: 'Fixed.' },
  ]);
  const led = ['-c', 'models."base:latest".profile="led"', '-s', 'workspace-write'];
  const { code, stderr } = await run(['exec', ...led, 'Fix the bug in sum.js and make the tests pass']);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('`npm test` passed (2 tests)'),
  });
  expect(JSON.stringify(chats().at(-1))).toContain('`npm test` passes: the task is done.');
});

test('a hook sees the command that is run, and may forbid it', async () => {
  const { run, chats, home } = await project([runTests({ target: 'test/sum.test.js' }), { content: 'No.' }]);
  const hook = `grep -q '"npm test -- test/sum.test.js"' && { echo "not now" >&2; exit 2; }`;
  writeFileSync(
    path.join(home, 'config.toml'),
    `[[hooks.PreToolUse]]\nmatcher = "Bash"\nhooks = [{ type = "command", command = '''${hook}''' }]\n`,
  );
  await run(['exec', BYPASS, 'Do the tests pass?']);
  expect(chats()[1]?.messages.at(-1)?.content).toContain('not now');
});

const hasRspec = spawnSync('rspec', ['--version']).status === 0;

test.skipIf(!hasSandbox || !hasRspec)(
  'a project of RSpec: what failed, one place of it, and the end',
  async () => {
    const { run, chats, cwd } = await bench([
      runTests(),
      runTests({ target: 'spec/sum_spec.rb:8' }),
      { content: 'One fails.' },
    ]);
    mkdirSync(path.join(cwd, 'spec'));
    writeFileSync(path.join(cwd, '.rspec'), '');
    writeFileSync(path.join(cwd, 'sum.rb'), 'def sum(a, b) = a - b\n');
    writeFileSync(
      path.join(cwd, 'spec/sum_spec.rb'),
      `require_relative '../sum'
RSpec.describe 'sum' do
  it 'adds two numbers' do
    puts '${'noise '.repeat(300)}'
    expect(sum(1, 2)).to eq(3)
  end

  it 'keeps zero' do
    puts '${'noise '.repeat(300)}'
    expect(sum(0, 0)).to eq(0)
  end
end
`,
    );
    const { stdout } = await run(['exec', '-s', 'workspace-write', 'Do the tests pass?']);
    expect(stdout).toBe('One fails.\n');
    const [, all, one] = chats().map(({ messages }) => plain(messages.at(-1)?.content, cwd));
    expect(all).toBe(
      [
        '$ rspec',
        '1 of 2 tests failed (exit code 1).',
        '',
        'FAIL sum adds two numbers (spec/sum_spec.rb:5)',
        'Failure/Error: expect(sum(1, 2)).to eq(3)',
        '  expected: 3',
        '       got: -1',
        '[full output: ID/1.txt]',
      ].join('\n'),
    );
    expect(one).toMatch(/^\$ rspec spec\/sum_spec\.rb:8\n1 test passed\.\n\[full output: /);
  },
);
