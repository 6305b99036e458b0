/** The sub-agent of the built program: declared or not, as a task of its own, and after kill -9. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, bench } from '../support/exec.ts';

const isSub = ({ messages }: ChatRequest): boolean =>
  messages.some(({ content }) => content.includes('You are a sub-agent'));
const hasOutput = ({ messages }: ChatRequest): boolean => messages.some(({ role }) => role === 'tool');
const CALL: Turn = { toolCalls: [{ name: 'task', arguments: { prompt: 'Where is it?' } }] };
const READ: Turn = { toolCalls: [{ name: 'read_file', arguments: { path: 'a.ts' } }] };

const works = (request: ChatRequest): Turn => {
  if (isSub(request)) return hasOutput(request) ? { content: 'It is in a.ts:1.' } : READ;
  return hasOutput(request) ? { content: 'In a.ts.' } : CALL;
};

const RESULT = 'It is in a.ts:1.\n[Every place that it names was found in the code.]';

async function place(script: Parameters<typeof bench>[0]): Promise<Bench> {
  const made = await bench(script);
  writeFileSync(path.join(made.cwd, 'a.ts'), 'export const answer = 42;\n');
  return made;
}

test('agents.enabled declares it; without, the first request has nothing of it', async () => {
  const { json, chats } = await place(works);
  const off = await json(['Say where.', '-c', 'agents.enabled=false']);
  const names = () => chats().map(({ tools }) => tools?.map((tool) => tool.function.name).includes('task'));
  expect(off.code).toBe(0);
  expect(names()[0]).toBe(false);
  const before = chats().length;
  const { code, lines } = await json(['Say where.', '-c', 'agents.enabled=true']);
  expect([code, names().slice(before)]).toEqual([0, [true, true, true, true]]);
  const updated = lines.find(({ type }) => type === 'item.updated');
  expect(updated).toMatchObject({ item: { steps: [{ tool: 'read_file', status: 'completed' }] } });
  expect(
    lines.findLast(({ type, item }) => type === 'item.completed' && 'steps' in (item as object)),
  ).toMatchObject({
    item: { tool: 'task', status: 'completed', result: { content: [{ text: RESULT }] } },
  });
});

test('exec "/task …": its result is the answer, and part of the session', async () => {
  const { run, chats, home } = await place(works);
  const { code, stdout, stderr } = await run(['exec', '/task Where is it?']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${RESULT}\n` });
  expect(stderr).toContain('user\n/task Where is it?\nsub-agent\nWhere is it?\n');
  expect(stderr).toContain('  read_file {"path":"a.ts"}\n');
  expect(chats()).toHaveLength(2);
  const id = rolloutFiles(home)[0]?.id ?? '';
  await run(['exec', 'resume', id, 'Sure?']);
  expect(
    chats()[2]
      ?.messages.slice(2, 4)
      .map(({ content }) => content),
  ).toEqual(['Where is it?', `[A sub-agent did this. Its result:]\n${RESULT}`]);
  expect((await run(['sessions', 'show', id])).stdout).toContain('Where is it?');
});

test('kill -9 while it works: the session says so, and goes on', async () => {
  const waits = 'while :; do sleep 0.1; done';
  const made = await place((request) => {
    if (isSub(request)) return { toolCalls: [{ name: 'shell', arguments: { command: waits } }] };
    return hasOutput(request) ? { content: 'Fine.' } : CALL;
  });
  const running = made.start(['exec', 'Say where.', '--json', '-c', 'agents.enabled=true']);
  await expect.poll(() => made.chats().length).toBe(2);
  running.child.kill('SIGKILL');
  await running.ended;
  const id = rolloutFiles(made.home)[0]?.id ?? '';
  const again = await made.json(['resume', id, 'Go on.']);
  expect(again.code).toBe(0);
  const said = made
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'tool');
  expect(said?.map(({ content }) => content)).toEqual([
    'oagent ended unexpectedly; this call may have run or not: look first',
  ]);
  const { stdout } = await made.run(['sessions', 'show', id]);
  expect(stdout).toContain('the record ends while this was running');
  expect(existsSync(made.cwd)).toBe(true);
});
