import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Environment } from '../../src/context/environment.ts';
import type { HistoryItem } from '../../src/context/history.ts';
import { lineText, type RolloutLine } from '../../src/rollout/lines.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { tempFolder } from '../support/temp-folder.ts';

const META: RolloutLine = {
  type: 'session_meta',
  payload: {
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
};

const environment = (date: string): Environment => ({
  shell: 'bash',
  date,
  timezone: 'Etc/UTC',
  sandbox: { mode: 'read-only', networkAccess: false, writableRoots: [] },
  cwd: '/work',
});

const turn = (id: string, date: string): RolloutLine => ({
  type: 'turn_context',
  payload: {
    turn_id: id,
    cwd: '/work',
    current_date: date,
    model: 'base',
    num_ctx: 4096,
    sandbox_policy: 'read-only',
    approval_policy: 'never',
    environment: environment(date),
  },
});

const item = (kind: 'prompt' | 'context' | 'note', content: string): HistoryItem => ({
  type: 'user',
  kind,
  content,
});

const said = (kind: 'prompt' | 'context' | 'note', content: string): RolloutLine => ({
  type: 'response_item',
  payload: item(kind, content),
});

const rolledBack = (turns: number, left: number): RolloutLine => ({
  type: 'event_msg',
  payload: { type: 'thread_rolled_back', num_turns: turns, items_left: left },
});

async function read(...lines: readonly RolloutLine[]) {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  writeFileSync(file, [META, ...lines].map((line) => lineText(line, new Date(0))).join(''));
  const { items, told } = readSession(file);
  return { items: items.map(({ content }) => content), told };
}

const TWO_DAYS = [
  turn('t1', '2026-01-01'),
  said('context', 'the first day'),
  said('prompt', 'one'),
  turn('t2', '2026-01-02'),
  said('context', 'the second day'),
  said('prompt', 'two'),
] as const;

test('surroundings that were rolled back have not been told', async () => {
  expect(await read(...TWO_DAYS, rolledBack(1, 2))).toEqual({
    items: ['the first day', 'one'],
    told: [{ at: 0, environment: environment('2026-01-01') }],
  });
});

test('what is told after a rollback takes the place of what was rolled back', async () => {
  const again = [turn('t3', '2026-01-03'), said('context', 'the third day'), said('prompt', 'three')];
  expect(await read(...TWO_DAYS, rolledBack(1, 2), ...again)).toEqual({
    items: ['the first day', 'one', 'the third day', 'three'],
    told: [
      { at: 0, environment: environment('2026-01-01') },
      { at: 2, environment: environment('2026-01-03') },
    ],
  });
});

test('a rollback to more items than there are takes nothing', async () => {
  expect(await read(...TWO_DAYS.slice(0, 3), rolledBack(1, 9))).toEqual({
    items: ['the first day', 'one'],
    told: [{ at: 0, environment: environment('2026-01-01') }],
  });
});

test('a compaction has told of the surroundings of the turn before it, and can be rolled back behind it', async () => {
  const replacement = [item('context', 'frame'), item('note', 'summary'), item('prompt', 'two')];
  const compacted: RolloutLine = { type: 'compacted', payload: { replacement_history: replacement } };
  const lines = [...TWO_DAYS, compacted, turn('t3', '2026-01-03'), said('context', 'day three')];
  expect(await read(...lines)).toEqual({
    items: ['frame', 'summary', 'two', 'day three'],
    told: [
      { at: 0, environment: environment('2026-01-02') },
      { at: 3, environment: environment('2026-01-03') },
    ],
  });
  expect(await read(...lines, rolledBack(0, 2))).toEqual({
    items: ['frame', 'summary'],
    told: [{ at: 0, environment: environment('2026-01-02') }],
  });
});
