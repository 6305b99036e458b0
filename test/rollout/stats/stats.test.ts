import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventMessage, lineText, type RolloutLine } from '../../../src/rollout/lines.ts';
import { rolloutPath } from '../../../src/rollout/paths.ts';
import { emptyStats, ranked, speedsOf } from '../../../src/rollout/stats/model-stats.ts';
import { readStats, type Stats } from '../../../src/rollout/stats/stats.ts';
import { uuidv7 } from '../../../src/text/uuid.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const DAY = Date.parse('2026-03-04T12:00:00.000');
const MINUTE = 60_000;

type Timed = readonly [at: number, line: RolloutLine];

const event = (at: number, payload: EventMessage): Timed => [at, { type: 'event_msg', payload }];

function meta(at: number, more: { readonly forked_from_id?: string } = {}): Timed {
  const payload = {
    id: uuidv7(),
    timestamp: new Date(at).toISOString(),
    cwd: '/work',
    originator: 'oagent',
    cli_version: '0.1.0',
    rollout_version: 1,
    source: 'cli',
    model_provider: 'ollama',
    ...more,
  } as const;
  return [at, { type: 'session_meta', payload }];
}

function turn(at: number, id: string, model = 'qwen3:4b'): Timed {
  const environment = {
    ...{ shell: 'bash', date: '2026-03-04', timezone: 'Etc/UTC', cwd: '/work' },
    sandbox: { mode: 'read-only', networkAccess: false, writableRoots: [] },
  } as const;
  const payload = {
    ...{ turn_id: id, cwd: '/work', current_date: '2026-03-04', model, num_ctx: 8_192, environment },
    ...{ sandbox_policy: 'read-only', approval_policy: 'never' },
  };
  return [at, { type: 'turn_context', payload }];
}

const usage = (inputTokens: number, outputTokens: number) => ({
  ...{ inputTokens, outputTokens, cachedInputTokens: 0, reasoningOutputTokens: 0 },
});

const count = (
  at: number,
  total: readonly [number, number],
  last: readonly [number, number],
  timing?: { readonly loadMs: number; readonly readMs: number; readonly writeMs: number },
): Timed =>
  event(at, { type: 'token_count', total: usage(...total), last: usage(...last), numCtx: 8_192, timing });

function write(home: string, lines: readonly Timed[]): string {
  const file = rolloutPath(home, uuidv7(), new Date(DAY));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, lines.map(([at, line]) => lineText(line, new Date(at))).join(''));
  return file;
}

const read = (home: string, since = 0): Promise<Stats> =>
  readStats(home, { since, signal: new AbortController().signal, onProgress: () => undefined });

const SESSION: readonly Timed[] = [
  meta(DAY),
  turn(DAY, 't1'),
  count(DAY + MINUTE, [1_000, 100], [1_000, 100], { loadMs: 4_000, readMs: 10_000, writeMs: 5_000 }),
  event(DAY + MINUTE, { type: 'happened', event: { type: 'repaired', message: 'a comma' } }),
  event(DAY + MINUTE, { type: 'happened', event: { type: 'repaired', message: 'told', isNotice: true } }),
  event(DAY + MINUTE, {
    type: 'happened',
    event: { type: 'retry', attempt: 1, max: 2, reason: 'empty', isModelFault: true },
  }),
  event(DAY + MINUTE, { type: 'happened', event: { type: 'call_rejected', tool: 'x', message: 'no' } }),
  count(DAY + 2 * MINUTE, [2_300, 200], [1_300, 100], { loadMs: 0, readMs: 2_000, writeMs: 5_000 }),
  event(DAY + 2 * MINUTE, { type: 'turn_completed', turn_id: 't1', is_verified: true }),
  turn(DAY + 3 * MINUTE, 't2'),
  [DAY + 4 * MINUTE, { type: 'compacted', payload: { replacement_history: [] } }],
  // The summary is only in the total: 1,400 read and 50 written.
  count(DAY + 5 * MINUTE, [4_200, 260], [500, 10]),
  event(DAY + 5 * MINUTE, { type: 'turn_failed', turn_id: 't2', message: 'no' }),
  turn(DAY + 6 * MINUTE, 't3'),
];

test('a session is added up', async () => {
  const home = await tempFolder();
  write(home, SESSION);
  const { models, ...rest } = await read(home);
  expect(models).toEqual([
    {
      model: 'qwen3:4b',
      sessions: 1,
      requests: 3,
      turns: { total: 3, done: 1, verified: 1, refuted: 0, failed: 1, interrupted: 1 },
      tokens: { sent: 4_200, read: 1_200, readAgain: 0, written: 260 },
      time: { work: 146_000, estimated: 120_000, load: 4_000, read: 12_000, write: 10_000 },
      timed: { read: 1_200, readMs: 12_000, written: 200, writeMs: 10_000 },
      loads: 1,
      compactions: 1,
      repaired: 1,
      askedAgain: 1,
      refused: 1,
    },
  ]);
  expect(models.map(speedsOf)).toEqual([{ read: 100, write: 20 }]);
  expect(rest).toEqual({
    sessions: 1,
    days: [{ date: '2026-03-04', work: 146_000, read: 1_200, written: 260, turns: 3 }],
    badLines: 0,
    unreadableFiles: 0,
  });
});

test('what a fork was copied with counts once, and so does what was before the span', async () => {
  const home = await tempFolder();
  write(home, SESSION);
  const forkedAt = DAY + 10 * MINUTE;
  const later = [
    turn(forkedAt, 't4'),
    count(forkedAt + MINUTE, [4_800, 280], [600, 20], { loadMs: 0, readMs: 900, writeMs: 1_000 }),
    event(forkedAt + MINUTE, { type: 'turn_completed', turn_id: 't4' }),
  ];
  write(home, [meta(forkedAt, { forked_from_id: 'x' }), ...SESSION.slice(1), ...later]);
  const [all] = (await read(home)).models;
  expect([all?.requests, all?.turns.total, all?.turns.interrupted, all?.tokens.written]).toEqual([
    4, 5, 2, 280,
  ]);
  const recent = await read(home, forkedAt);
  expect([recent.sessions, recent.models[0]?.requests, recent.models[0]?.tokens]).toEqual([
    1,
    1,
    { sent: 600, read: 90, readAgain: 0, written: 20 },
  ]);
});

test('an old file is not opened, and one that is no file is counted', async () => {
  const home = await tempFolder();
  const file = write(home, SESSION);
  utimesSync(file, DAY / 1_000, DAY / 1_000);
  mkdirSync(rolloutPath(home, uuidv7(), new Date()), { recursive: true });
  const { sessions, unreadableFiles } = await read(home, DAY + MINUTE);
  expect({ sessions, unreadableFiles }).toEqual({ sessions: 0, unreadableFiles: 1 });
});

test('damaged lines are counted and skipped', async () => {
  const home = await tempFolder();
  const file = write(home, SESSION);
  const whole = await read(home);
  const stamp = `{"timestamp":"2026-03-04T12:10:00.000Z","type":"event_msg","payload":`;
  const damaged = [
    'no JSON',
    `${stamp}{"type":"token_count","total":null,"last":{}}}`,
    `${stamp}{"type":"token_count","total":{"inputTokens":1e300}`,
    `${stamp}{"type":"happened","event":null}}`,
    `{"timestamp":"yesterday","type":"event_msg","payload":{"type":"turn_failed"}}`,
    `{"timestamp":"2026-03-04T12:10:00.000Z","type":"turn_context","payload":{"turn_id":1}}`,
  ];
  appendFileSync(file, `${damaged.join('\n')}\n`);
  expect(await read(home)).toEqual({ ...whole, badLines: damaged.length });
});

test('whatever stands in a file, the sums are numbers', async () => {
  const value = fc.oneof(fc.json(), fc.string(), fc.constant('{"inputTokens":-1}'));
  const type = fc.constantFrom('token_count', 'happened', 'turn_completed', 'turn_failed', 'x');
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(type, value, value)
      .map(
        ([of, a, b]) =>
          `{"timestamp":"2026-03-04T12:10:00.000Z","type":"event_msg","payload":{"type":"${of}","last":${a},"total":${a},"event":${b},"timing":${b}}}`,
      ),
    value.map((text) => `{"timestamp":"2026-03-04T12:10:00.000Z","type":"turn_context","payload":${text}}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      const home = await tempFolder();
      appendFileSync(write(home, SESSION), `${lines.join('\n')}\n`);
      const { models } = await read(home);
      const numbers = JSON.stringify(models).match(/:(?:null|-)/g);
      expect(numbers).toBe(null);
    }),
    { numRuns: 60 },
  );
});

test('models with few turns are not compared; the one that does more of its work comes first', () => {
  const stats = (model: string, total: number, done: number, refuted = 0) => ({
    ...emptyStats(model),
    turns: { total, done, verified: 0, refuted, failed: total - done, interrupted: 0 },
  });
  const models = [stats('few', 3, 3), stats('good', 40, 39), stats('wrong', 40, 40, 4), stats('new', 6, 6)];
  expect(ranked(models).map(({ model }) => model)).toEqual(['good', 'wrong', 'new']);
});
