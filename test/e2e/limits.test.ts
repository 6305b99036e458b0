/** Limits of unattended runs: what ends the turn, what comes out, and what the last request costs. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { createSession, type Event } from '../../src/index.ts';
import { addFile, BYPASS, bench } from '../support/exec.ts';

const isLast = ({ messages }: ChatRequest): boolean => String(messages.at(-1)?.content).startsWith('[The ');
const patch = (name: string): Turn => ({
  content: 'On it.',
  toolCalls: [{ name: 'apply_patch', arguments: { input: addFile(name, 'x') } }],
});
/** Adds a file with each answer, and does not stop by itself. */
const busy = (request: ChatRequest, index: number): Turn =>
  isLast(request) ? { ...patch('last'), content: 'Two files so far.' } : patch(`file${index}`);

test('--max-steps: the calls of the last step are run, those of the last answer are not', async () => {
  const { run, cwd, chats, server } = await bench(busy);
  const { code, stdout, stderr } = await run([
    'exec',
    BYPASS,
    '--max-steps',
    '2',
    '-o',
    'out.txt',
    'Add files',
  ]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: 'Two files so far.\n' });
  expect(stderr).toContain('ERROR: stopped at a limit: 2 steps (limits.max_steps)\n');
  const made = ['file0', 'file1', 'last', 'out.txt'].map((name) => existsSync(path.join(cwd, name)));
  expect(made).toEqual([true, true, false, true]);
  expect(chats().map(({ tools }) => tools)).toEqual([
    chats()[0]?.tools,
    chats()[0]?.tools,
    chats()[0]?.tools,
  ]);
  // The server reads only what is new, in the last request as well.
  const entries = server.log.filter(({ kind }) => kind === 'chat');
  expect(entries.map(({ rereadTokens }) => rereadTokens)).toEqual(entries.map(({ newTokens }) => newTokens));
});

test('a run within its limits is none the wiser', async () => {
  const { run, chats } = await bench([patch('a'), { content: 'Done.' }]);
  const limits = ['--max-steps', '2', '--max-time', '10m', '--max-tokens', '100_000'];
  const { code, stdout } = await run(['exec', BYPASS, ...limits, 'Add a file']);
  expect({ code, stdout, chats: chats().length }).toEqual({ code: 0, stdout: 'Done.\n', chats: 2 });
});

test.for([
  ['max_steps', ['--max-steps', '1'], 4],
  ['max_tokens', ['--max-tokens', '100'], 6],
  ['max_steps', ['-c', 'limits.max_steps=1'], 4],
] as const)('--json: turn.failed has the code %s (%o)', async ([code, flags, exit]) => {
  const { json } = await bench(busy);
  const run = await json([BYPASS, ...flags, 'Add files']);
  expect(run.code).toBe(exit);
  expect(run.lines.at(-1)).toMatchObject({
    type: 'turn.failed',
    error: { code, message: expect.stringContaining(`limits.${code}`) },
  });
  const said = run.lines.filter(
    ({ item }) => (item as { type?: string } | undefined)?.type === 'agent_message',
  );
  expect(said.at(-1)).toMatchObject({ item: { text: 'Two files so far.' } });
});

test('--max-time ends a command that runs, and the model still answers', async () => {
  const sleep: Turn = {
    toolCalls: [{ name: 'exec_command', arguments: { cmd: 'sleep 600', yield_time_ms: 30_000 } }],
  };
  const { json } = await bench((request) => (isLast(request) ? { content: 'It takes too long.' } : sleep));
  const { code, lines } = await json([BYPASS, '--max-time', '700ms', 'Wait']);
  expect(code).toBe(5);
  expect(lines.slice(-4)).toEqual([
    {
      type: 'item.completed',
      item: expect.objectContaining({ type: 'command_execution', status: 'failed' }),
    },
    { type: 'item.completed', item: expect.objectContaining({ text: 'It takes too long.' }) },
    { type: 'error', message: 'stopped at a limit: 0.7 s (limits.max_time)' },
    expect.objectContaining({
      type: 'turn.failed',
      error: { message: 'stopped at a limit: 0.7 s (limits.max_time)', code: 'max_time' },
    }),
  ]);
});

test('a server that says nothing more: what was said before is the answer', async () => {
  const { run } = await bench((_, index) => (index === 0 ? patch('a') : { fault: { kind: 'stall' } }));
  const { code, stdout } = await run(['exec', BYPASS, '--max-time', '700ms', 'Add files']);
  expect({ code, stdout }).toEqual({ code: 5, stdout: 'On it.\n' });
});

test('a session that met a limit can be resumed: its bytes are the same', async () => {
  const { run, server } = await bench((request, index) =>
    index > 2 ? { content: 'Done.' } : busy(request, index),
  );
  await run(['exec', BYPASS, '--max-steps', '2', 'Add files']);
  expect((await run(['exec', BYPASS, 'resume', '--last', 'Go on'])).stdout).toBe('Done.\n');
  const last = server.log.findLast(({ kind }) => kind === 'chat');
  expect(last?.rereadTokens).toBe(last?.newTokens);
});

test('a led turn has limits too', async () => {
  const { run, cwd } = await bench((request) =>
    isLast(request)
      ? { content: 'I would change a.js.' }
      : { content: 'nonsense', json: { act: 'read', file: 'a.js' } },
  );
  await writeFile(path.join(cwd, 'a.js'), 'let a = 1;\n');
  const led = ['-c', 'models."base".profile="led"'];
  const { code, stdout } = await run([
    'exec',
    BYPASS,
    ...led,
    '--max-steps',
    '1',
    'Fix a.js. `node a.js` must pass.',
  ]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: 'I would change a.js.\n' });
});

test.for([
  ['--max-steps', '0'],
  ['--max-steps', 'many'],
  ['--max-tokens', '1.5'],
  ['--max-time', 'soon'],
  ['--max-time', '0'],
] as const)('%s %s is wrong usage', async ([flag, value]) => {
  const { run, asked } = await bench([]);
  expect([(await run(['exec', flag, value, 'Hi'])).code, asked()]).toEqual([2, []]);
});

test('a time in the configuration that is none is told', async () => {
  const { run, asked } = await bench([]);
  const { code, stderr } = await run(['exec', '-c', 'limits.max_time="soon"', 'Hi']);
  expect([code, asked().includes('POST /api/chat')]).toEqual([1, false]);
  expect(stderr).toContain(
    'limits.max_time: expected a time such as 90s, 10m or 1h30m (or seconds), got "soon"',
  );
});

test('the library: a turn fails with the limit and the best answer', async () => {
  const { env, home, cwd, server } = await bench(busy);
  const session = await createSession({
    ...{ cwd, home, env, host: server.host },
    sandbox: 'danger-full-access',
    approval: 'never',
    limits: { maxSteps: 1, maxTime: 600, maxTokens: 1_000_000 },
  });
  session.submit({ type: 'user_turn', text: 'Add files' });
  let end: Event | undefined;
  for await (const event of session) {
    end = event;
    if (event.type === 'turn_failed' || event.type === 'turn_completed') break;
  }
  await session.close();
  expect(end).toMatchObject({
    type: 'turn_failed',
    limit: { code: 'max_steps', lastMessage: 'Two files so far.' },
  });
});
