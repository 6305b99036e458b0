import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { HistoryItem } from '../../src/context/history.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { SessionRecorder } from '../../src/rollout/recorder.ts';
import { tempFolder } from '../support/temp-folder.ts';

const prompt = (content: string): HistoryItem => ({ type: 'user', kind: 'prompt', content });
const answer = (content: string): HistoryItem => ({ type: 'assistant', content, thinking: '', calls: [] });

async function newRecorder(): Promise<{ recorder: SessionRecorder; rollbacks: () => unknown[] }> {
  const home = await tempFolder();
  const recorder = new SessionRecorder({
    home,
    cwd: '/work',
    meta: {
      id: '01a1fdb2-3c69-72d3-a633-92fb8138136e',
      timestamp: '2026-01-02T03:04:05.678Z',
      cwd: '/work',
      originator: 'oagent',
      cli_version: '0.1.0',
      rollout_version: 1,
      source: 'cli',
      model_provider: 'ollama',
      base_instructions: { text: 'You are a test.' },
    },
    rules: () => ({ sandbox: 'read-only', approval: 'never' }),
    warn: (message) => {
      throw new Error(message);
    },
    onChanged: () => undefined,
  });
  const rollbacks = (): unknown[] =>
    readFileSync(rolloutFiles(home)[0]?.path ?? '', 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).payload)
      .filter(({ type }) => type === 'thread_rolled_back');
  return { recorder, rollbacks };
}

test('each rollback counts the messages that it takes back, and no others', async () => {
  const { recorder, rollbacks } = await newRecorder();
  for (const item of [prompt('one'), answer('1'), prompt('two'), answer('2'), prompt('three')])
    recorder.recorded(item);
  recorder.cut(2);
  recorder.recorded(prompt('instead'));
  recorder.cut(2);
  recorder.cut(0);
  await recorder.close();
  expect(rollbacks()).toEqual([
    { type: 'thread_rolled_back', num_turns: 2, items_left: 2 },
    { type: 'thread_rolled_back', num_turns: 1, items_left: 2 },
    { type: 'thread_rolled_back', num_turns: 1, items_left: 0 },
  ]);
});

test('after a compaction the messages of the new history count', async () => {
  const { recorder, rollbacks } = await newRecorder();
  for (const text of ['one', 'two', 'three']) recorder.recorded(prompt(text));
  recorder.replaced([prompt('three'), { type: 'user', kind: 'note', content: 'a summary' }]);
  recorder.recorded(prompt('four'));
  recorder.cut(0);
  await recorder.close();
  expect(rollbacks()).toEqual([{ type: 'thread_rolled_back', num_turns: 2, items_left: 0 }]);
});
