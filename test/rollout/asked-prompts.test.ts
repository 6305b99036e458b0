/** What a session was asked, and what of it was done, from its rollout. */
import { expect, test } from 'vitest';
import { askedPrompts } from '../../src/rollout/asked-prompts.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type KeptAgent, keptAgent } from '../support/kept-agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function agentOf(
  script: Parameters<typeof withOllama>[0],
): Promise<KeptAgent & { asked: () => unknown }> {
  const server = await withOllama(script);
  const place = { home: await tempFolder(), cwd: await tempFolder() };
  const agent = await keptAgent(server, place);
  const asked = () =>
    askedPrompts(rolloutFiles(place.home)[0]?.path ?? '').map(({ text, isDone }) => [text, isDone]);
  return { ...agent, asked };
}

test('a turn that failed is not done, nor one that was not verified', async () => {
  const { turn, asked, agent, events } = await agentOf(({ messages }) =>
    messages.at(-1)?.content === 'fail'
      ? { fault: { kind: 'status', status: 400, body: { error: 'no' } } }
      : { content: 'Yes.' },
  );
  await turn('one');
  await turn('fail');
  agent.submit({ type: 'user_turn', text: 'two', verify: 'false' });
  await expect.poll(() => events.filter(({ type }) => type === 'turn_completed').length).toBe(2);
  agent.submit({ type: 'user_turn', text: 'long', shownAs: '/short', verify: 'true' });
  await expect.poll(() => events.filter(({ type }) => type === 'turn_completed').length).toBe(3);
  expect(asked()).toEqual([
    ['one', true],
    ['fail', false],
    ['two', false],
    ['/short', true],
  ]);
});

test('what was taken back is gone, also behind a compaction, which itself changes nothing', async () => {
  const long = 'Said at length. '.repeat(1_000);
  const { turn, asked, agent, events } = await agentOf(({ messages }) => ({
    content: ['one', 'two'].includes(String(messages.at(-1)?.content)) ? long : 'A summary.',
  }));
  await turn('one');
  await turn('two');
  agent.submit({ type: 'compact' });
  await expect.poll(() => events.filter(({ type }) => type === 'turn_completed').length).toBe(3);
  expect(events.filter(({ type }) => type === 'compacted')).toHaveLength(1);
  expect(asked()).toEqual([
    ['one', true],
    ['two', true],
  ]);
  await turn('three');
  agent.submit({ type: 'rollback', userTurns: 1 });
  expect(asked()).toEqual([
    ['one', true],
    ['two', true],
  ]);
  await turn('four');
  agent.submit({ type: 'rollback', userTurns: 2 });
  expect(asked()).toEqual([['one', true]]);
  await turn('two');
  expect(asked()).toEqual([
    ['one', true],
    ['two', true],
  ]);
});
