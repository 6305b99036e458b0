/** `exec` with a model that is led. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench, usageOf } from '../support/exec.ts';
import { NATIVE } from '../support/ollama-server.ts';

const LED = ['-c', 'models."base".profile="led"'];
const BROKEN = 'module.exports = (a, b) => a - b;\n';
const RIGHT = 'module.exports = (a, b) => a + b;\n';
const CHECK = "if (require('./add')(2, 3) !== 5) throw new Error('no');\n";
const TASK = 'Fix the bug in add.js. `node test.js` must pass.';

async function addBench(text: (index: number) => string): Promise<Bench> {
  let texts = 0;
  const script = ({ messages }: ChatRequest): Turn =>
    messages.at(-1)?.role === 'assistant'
      ? { content: `\`\`\`javascript\n${text(texts++)}\`\`\``, evalCount: 20 }
      : { content: 'The sign was wrong.', evalCount: 5 };
  const made = await bench(script, { models: [{ ...NATIVE, name: 'base' }] });
  await writeFile(path.join(made.cwd, 'add.js'), BROKEN);
  await writeFile(path.join(made.cwd, 'test.js'), CHECK);
  return made;
}

test('a task: the answer on stdout, what was done on stderr', async () => {
  const made = await addBench(() => RIGHT);
  const { code, stdout, stderr } = await made.run(['exec', BYPASS, ...LED, TASK]);
  expect([code, stdout]).toEqual([0, 'The sign was wrong.\n']);
  expect(stderr.split('\n').at(-2)).toBe('1 file changed (+1 -1); `node test.js` passed');
  expect(stderr).toContain('+module.exports = (a, b) => a + b;');
  // What the model wrote to the harness is not shown.
  expect(stderr).not.toContain('```');
  expect(await readFile(path.join(made.cwd, 'add.js'), 'utf8')).toBe(RIGHT);
  expect(made.chats().map(({ tools, format }) => [tools, format])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('the same as JSON', async () => {
  const { json, cwd, server } = await addBench(() => RIGHT);
  const { code, lines } = await json([BYPASS, ...LED, TASK]);
  const change = {
    type: 'file_change',
    changes: [{ path: path.join(cwd, 'add.js'), kind: 'update' }],
  };
  const check = { type: 'command_execution', command: "/bin/bash -c 'node test.js'" };
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      { type: 'thread.started', thread_id: expect.any(String) },
      { type: 'turn.started' },
      { type: 'item.started', item: { id: 'item_0', ...change, status: 'in_progress' } },
      { type: 'item.completed', item: { id: 'item_0', ...change, status: 'completed' } },
      {
        type: 'item.started',
        item: { id: 'item_1', ...check, aggregated_output: '', exit_code: null, status: 'in_progress' },
      },
      {
        type: 'item.completed',
        item: { id: 'item_1', ...check, aggregated_output: '', exit_code: 0, status: 'completed' },
      },
      {
        type: 'item.completed',
        item: { id: 'item_2', type: 'agent_message', text: 'The sign was wrong.' },
      },
      {
        type: 'turn.completed',
        usage: usageOf(server.log, 25),
        evidence: {
          files: [{ path: path.join(cwd, 'add.js'), kind: 'update', added: 1, removed: 1 }],
          commands: [{ command: 'node test.js', exit_code: 0, runs: 1 }],
          checks: [{ command: 'node test.js', passed: true }],
        },
      },
    ],
  });
});

test('where it gives up the exit code is 1, and it says why', async () => {
  const wrong = (index: number): string => BROKEN.replace('a - b', `a * ${index + 2}`);
  const human = await addBench(wrong);
  const { code, stdout, stderr } = await human.run(['exec', BYPASS, ...LED, TASK]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('the model could not make `node test.js` pass');
  expect(stderr.split('\n').at(-2)).toBe('1 file changed (+5 -5); `node test.js` failed');

  const { json } = await addBench(wrong);
  const run = await json([BYPASS, ...LED, TASK]);
  expect(run.code).toBe(1);
  expect(run.lines.at(-1)).toMatchObject({
    type: 'turn.failed',
    error: { message: 'the model could not make `node test.js` pass' },
  });
});

test('a turn that is led after all keeps its message in the record, and can be taken back', async () => {
  const script = ({ messages, format, tools }: ChatRequest): Turn => {
    if (format !== undefined) return { json: { act: 'change', file: 'add.js' } };
    if (tools.length > 0) return { content: '{"name": "shell", "arguments": {"command": "true"}}' };
    return messages.at(-1)?.role === 'assistant'
      ? { content: `\`\`\`javascript\n${RIGHT}\`\`\`` }
      : { content: 'The sign was wrong.' };
  };
  const made = await bench(script, { models: [{ ...NATIVE, name: 'base' }] });
  await writeFile(path.join(made.cwd, 'add.js'), BROKEN);
  await writeFile(path.join(made.cwd, 'test.js'), CHECK);
  const { stderr } = await made.run(['exec', BYPASS, TASK]);
  expect(stderr).toContain('it is led step by step from now on');
  const id = /session id: (\S+)/.exec(stderr)?.[1] ?? '';
  const { stdout: shown } = await made.run(['sessions', 'show', id]);
  expect(shown).toContain(TASK);
  const { stdout: list } = await made.run(['sessions', 'rewind', id]);
  expect(list).toContain(TASK);
});
