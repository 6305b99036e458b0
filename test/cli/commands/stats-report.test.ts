import { expect, test } from 'vitest';
import { statsLines } from '../../../src/cli/commands/stats-report.ts';
import { emptyStats, ranked } from '../../../src/rollout/stats/model-stats.ts';
import type { Stats } from '../../../src/rollout/stats/stats.ts';
import { cellWidth } from '../../../src/text/cell-width.ts';

const HOUR = 3_600_000;

const MODELS = [
  {
    ...emptyStats('qwen3:4b'),
    ...{ sessions: 3, requests: 120, loads: 1, compactions: 2, repaired: 3, askedAgain: 1, refused: 1 },
    turns: { total: 20, done: 18, verified: 9, refuted: 1, failed: 1, interrupted: 1 },
    tokens: { sent: 900_000, read: 120_000, readAgain: 30_000, written: 45_000 },
    time: { work: 3 * HOUR, estimated: 0, load: 9_000, read: HOUR, write: 2 * HOUR },
    timed: { read: 90_000, readMs: 300_000, written: 45_000, writeMs: 2 * HOUR },
  },
  {
    ...emptyStats('an/unusually/long-name-of-a-model-with-many-parts:0.5b-instruct-q4_K_M'),
    ...{ sessions: 1, requests: 9 },
    turns: { total: 6, done: 2, verified: 0, refuted: 0, failed: 4, interrupted: 0 },
    tokens: { sent: 900, read: 900, readAgain: 0, written: 45 },
    time: { ...emptyStats('').time, work: 30_000, estimated: 30_000 },
  },
];

const STATS: Stats = {
  sessions: 4,
  models: MODELS,
  days: [
    { date: '2026-03-04', work: HOUR, read: 60_000, written: 20_000, turns: 10 },
    { date: '2026-03-06', work: 2 * HOUR + 30_000, read: 60_900, written: 25_045, turns: 16 },
  ],
  badLines: 2,
  unreadableFiles: 1,
};

const shown = (stats: Stats, width: number): string[] =>
  statsLines(stats, { days: 30, best: ranked(stats.models), width });

test('the models as blocks, the days as bars', () => {
  expect(`\n${shown(STATS, 80).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    The last 30 days: 4 sessions, 26 turns

    qwen3:4b
      worked  3h 00m, 120 answers
      turns   18 done (9 verified, 1 refuted by the check), 1 failed, 1 interrupted
      read    ~120k tokens, 25% of them again, 300/s
      wrote   45k tokens, 6.3/s
      faults  3 repaired, 1 asked again, 1 call refused
      also    loaded once, compacted 2 times

    an/unusually/long-name-of-a-model-with-many-parts:0.5b-instruct-q4_K_M
      worked  ~30s, 9 answers
      turns   2 done, 4 failed
      read    ~900 tokens
      wrote   45 tokens
      faults  none

    Worked, and tokens written, by day
      2026-03-04  ━━━━━━━━━━━━━━━━━━━━ 1h 00m, 20k
      2026-03-05
      2026-03-06  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 2h 00m, 25k

    Works best: qwen3:4b, 17 of 20 turns done, of 2 models with five turns or more.

    Left out: 2 damaged lines skipped, 1 file not readable.
    "
  `);
});

test('in a narrow terminal', () => {
  const lines = shown(STATS, 40);
  expect(Math.max(...lines.map(cellWidth))).toBeLessThanOrEqual(40);
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    The last 30 days: 4 sessions, 26 turns

    qwen3:4b
      worked  3h 00m, 120 answers
      turns   18 done (9 verified, 1 refuted
              by the check), 1 failed, 1
              interrupted
      read    ~120k tokens, 25% of them
              again, 300/s
      wrote   45k tokens, 6.3/s
      faults  3 repaired, 1 asked again, 1
              call refused
      also    loaded once, compacted 2 times

    an/unusually/long-name-of-a-model-with-…
      worked  ~30s, 9 answers
      turns   2 done, 4 failed
      read    ~900 tokens
      wrote   45 tokens
      faults  none

    Worked, and tokens written, by day
      2026-03-04  ━━━━ 1h 00m, 20k
      2026-03-05
      2026-03-06  ━━━━━━━━ 2h 00m, 25k

    Works best: qwen3:4b, 17 of 20 turns
    done, of 2 models with five turns or
    more.

    Left out: 2 damaged lines skipped, 1
    file not readable.
    "
  `);
});

test('a year is shown in steps of weeks', () => {
  const days = ['2025-04-01', '2026-03-31'].map((date) => ({
    ...{ date, work: HOUR, read: 1, written: 1, turns: 1 },
  }));
  const lines = shown({ ...STATS, days }, 80);
  const from = lines.findIndex((line) => line.startsWith('Worked, '));
  expect([lines[from], lines.slice(from + 1).filter((line) => /^ {2}\d/.test(line)).length]).toEqual([
    'Worked, and tokens written, by 14 days, from',
    27,
  ]);
});

test('nothing to show', () => {
  expect(shown({ ...STATS, models: [], days: [], badLines: 0, unreadableFiles: 0 }, 80)).toEqual([
    'The last 30 days: no model has answered.',
  ]);
});
