/** What earlier sessions have noted: told where a history begins, and kept there. */
import { expect, test } from 'vitest';
import type { Retrieve } from '../../src/agent/agent-options.ts';
import type { Script } from '../../src/demo/script.ts';
import { type TestAgent, testAgent } from '../support/agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';

const NOTED = '<earlier_sessions>\nnoted\n</earlier_sessions>';

interface Session extends TestAgent {
  readonly server: TestOllama;
  /** The users' messages of a request. */
  readonly users: (request: number) => readonly string[];
}

async function open(script: Script, options: Parameters<typeof testAgent>[1] = {}): Promise<Session> {
  const server = await withOllama(script);
  const session = await testAgent(server, options);
  const bodies = (): { messages: { role: string; content: string }[] }[] =>
    server.log.flatMap(({ kind, rawBody }) => (kind === 'chat' ? [JSON.parse(rawBody)] : []));
  const users = (request: number): string[] =>
    bodies()
      .at(request)
      ?.messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])) ?? [];
  return { ...session, server, users };
}

const environment = expect.stringMatching(/^<environment_context>[\s\S]*<\/environment_context>$/);

test('it is told once, behind AGENTS.md and before what changes, for the window of the model', async () => {
  const windows: number[] = [];
  const remembered = (numCtx: number): string => {
    windows.push(numCtx);
    return NOTED;
  };
  const session = await open([{ content: 'a' }, { content: 'b' }], {
    projectDoc: '# AGENTS.md instructions',
    remembered,
    numCtx: 16_384,
  });
  await session.turn('1');
  await session.turn('2');
  const [frame = '', ...rest] = session.users(1);
  expect(frame.startsWith(`# AGENTS.md instructions\n\n${NOTED}\n\n<environment_context>`)).toBe(true);
  expect(rest).toEqual(['1', '2']);
  expect(windows).toEqual([16_384]);
});

test('with nothing to tell, every byte is as it was without', async () => {
  const [without, empty] = await Promise.all(
    [undefined, () => undefined].map(async (remembered) => {
      const session = await open([{ content: 'a' }], { cwd: '/', remembered });
      await session.turn('1');
      return session.server.log.filter(({ kind }) => kind === 'chat').map(({ rawBody }) => rawBody);
    }),
  );
  expect(empty).toEqual(without);
});

test('a history that is rolled back to nothing begins with it again, a longer one keeps it', async () => {
  const session = await open([{ content: 'a' }, { content: 'b' }, { content: 'c' }, { content: 'd' }], {
    remembered: () => NOTED,
  });
  await session.turn('1');
  await session.turn('2');
  session.agent.submit({ type: 'rollback', userTurns: 1 });
  await session.turn('3');
  expect(session.users(-1)).toEqual([expect.stringContaining(NOTED), '1', '3']);
  session.agent.submit({ type: 'rollback', userTurns: 2 });
  await session.turn('4');
  expect(session.users(-1)).toEqual([expect.stringContaining(NOTED), '4']);
});

test('after a compaction the new history begins with it', async () => {
  const session = await open(
    [{ content: 'a' }, { content: '- Goal: nothing\n- Next: nothing' }, { content: 'b' }],
    { remembered: () => NOTED },
  );
  await session.turn('1');
  const compacted = session.waitFor(({ type }) => type === 'turn_completed' || type === 'turn_failed');
  session.agent.submit({ type: 'compact' });
  await compacted;
  expect(session.agent.history.items[0]).toMatchObject({
    kind: 'context',
    content: expect.stringContaining(NOTED),
  });
  await session.turn('2');
  const told = session.users(-1).filter((content) => content.includes(NOTED));
  expect(told).toHaveLength(1);
});

test('a led model is told it, too, once', async () => {
  const session = await open(
    [{ json: { act: 'answer' } }, { content: 'Hi.' }, { json: { act: 'answer' } }, { content: 'Hi.' }],
    { profile: { profile: 'led' }, projectDoc: '# AGENTS.md instructions', remembered: () => NOTED },
  );
  await session.turn('Who are you?');
  await session.turn('And who am I?');
  const contexts = session.agent.history.items.flatMap((item) =>
    item.type === 'user' && item.kind === 'context' ? [item.content] : [],
  );
  expect(contexts).toEqual([`# AGENTS.md instructions\n\n${NOTED}`]);
});

const MEMORY = {
  memories: [{ text: 'It is 5433.', date: '2026-11-01', note: 'db.md' }],
  text: '[noted]\n- It is 5433.',
};

test.each([
  ['behind the code', false, ['1', expect.stringContaining('code'), MEMORY.text]],
  [
    'before it, if the message asks about the past',
    true,
    ['1', MEMORY.text, expect.stringContaining('code')],
  ],
])('memories that a message is about stand behind it, %s', async (_, isFirst, expected) => {
  const retrieve: Retrieve = async () => ({ text: 'code', places: [], memory: { ...MEMORY, isFirst } });
  const session = await open([{ content: 'a' }], { retrieve });
  await session.turn('1');
  expect(session.users(0)).toEqual([environment, ...expected]);
  expect(session.events.filter(({ type }) => type === 'recalled')).toEqual([{ type: 'recalled', ...MEMORY }]);
});

test('without code only the memories are told and shown', async () => {
  const retrieve: Retrieve = async () => ({ text: '', places: [], memory: { ...MEMORY, isFirst: false } });
  const session = await open([{ content: 'a' }], { retrieve });
  await session.turn('1');
  expect(session.users(0)).toEqual([environment, '1', MEMORY.text]);
  expect(session.events.filter(({ type }) => type === 'recalled' || type === 'retrieved')).toEqual([
    { type: 'recalled', ...MEMORY },
  ]);
});
