/** Going back is for what was not summarised: a message that a summary keeps word for word is not what it was. */
import { expect, test } from 'vitest';
import type { Environment } from '../../src/context/environment.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { chatBodies } from '../support/exec.ts';
import { type KeptAgent, keptAgent } from '../support/kept-agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SUMMARY = '- Goal: to count\n- Next: nothing';
const LONG = Array.from({ length: 4_000 }, (_, number) => `said ${number}`).join(', ');

type More = NonNullable<Parameters<typeof keptAgent>[1]['more']>;

async function place(): Promise<{
  readonly server: TestOllama;
  readonly open: (isAgain: boolean, more?: More) => Promise<KeptAgent>;
}> {
  const server = await withOllama(({ messages }) => ({
    content: ['one', 'two'].includes(String(messages.at(-1)?.content)) ? LONG : SUMMARY,
  }));
  const [home, cwd] = [await tempFolder(), await tempFolder()];
  const open = async (isAgain: boolean, more: More = {}): Promise<KeptAgent> => {
    const file = isAgain ? (rolloutFiles(home)[0]?.path ?? '') : undefined;
    return keptAgent(server, { home, cwd, more, ...(file && { file }) });
  };
  return { server, open };
}

async function compact({ agent, events, waitFor }: KeptAgent): Promise<void> {
  const before = events.filter(({ type }) => type === 'compacted').length;
  const end = waitFor(({ type }) => type === 'turn_completed' || type === 'turn_failed');
  agent.submit({ type: 'compact' });
  await end;
  expect(events.filter(({ type }) => type === 'compacted')).toHaveLength(before + 1);
}

const prompts = ({ agent }: KeptAgent): string[] =>
  agent.history.items.flatMap((item) => (item.type === 'user' && item.kind === 'prompt' ? item.content : []));

const warnings = ({ events }: KeptAgent): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? event.message : []));

const SUMMARISED = 'the talk was summarised after that message: only its files can be put back';

test('a resumed session goes back to what came after its summary, and loses no summary', async () => {
  const { server, open } = await place();
  const first = await open(false);
  await first.turn('one');
  await first.turn('two');
  await compact(first);
  await first.turn('three');
  await first.close();

  const again = await open(true);
  const items = [...again.agent.history.items];
  expect([prompts(again), again.agent.droppableTurns]).toEqual([['one', 'two', 'three'], 1]);
  again.agent.submit({ type: 'rollback', userTurns: 2 });
  expect([warnings(again), again.agent.history.items]).toEqual([[SUMMARISED], items]);
  again.agent.submit({ type: 'rollback', userTurns: 1 });
  const { messages: last = [] } = chatBodies(server.log).at(-1) ?? {};
  await again.turn('three again');
  expect(chatBodies(server.log).at(-1)?.messages).toEqual([
    ...last.slice(0, -1),
    { role: 'user', content: 'three again' },
  ]);
});

test('behind two summaries only the last one can be taken back', async () => {
  const { open } = await place();
  const session = await open(false);
  await session.turn('one');
  await compact(session);
  const before = [...session.agent.history.items];
  await session.turn('two');
  await compact(session);
  expect([prompts(session), session.agent.droppableTurns]).toEqual([['one', 'two'], 1]);
  session.agent.submit({ type: 'rollback', userTurns: 2 });
  expect(warnings(session)).toEqual([SUMMARISED]);
  session.agent.submit({ type: 'rollback', userTurns: 1 });
  expect([session.agent.history.items, session.agent.droppableTurns]).toEqual([before, 0]);
  await session.turn('three');
  await session.close();
  expect((await open(true)).agent.droppableTurns).toBe(1);
});

test('what a summary had replaced is back after resuming too, with what the model knew of its surroundings', async () => {
  let mode: Environment['sandbox']['mode'] = 'read-only';
  const readEnvironment = (): Environment => ({
    cwd: '/work',
    date: '2026-03-01',
    shell: 'bash',
    timezone: 'UTC',
    sandbox: { mode, networkAccess: false, writableRoots: [] },
  });
  const { server, open } = await place();
  const first = await open(false, { readEnvironment });
  await first.turn('one');
  await first.turn('two');
  mode = 'workspace-write';
  await first.turn('three');
  await compact(first);
  first.agent.submit({ type: 'rollback', userTurns: 2 });
  await first.close();
  const again = await open(true, { readEnvironment });
  expect([prompts(again), again.agent.droppableTurns]).toEqual([['one'], 1]);
  await again.turn('four');
  const said =
    chatBodies(server.log)
      .at(-1)
      ?.messages.map(({ content }) => content) ?? [];
  expect(said.at(-2)).toBe(
    '<environment_context>\n  <sandbox>workspace-write, network off</sandbox>\n</environment_context>',
  );
});
