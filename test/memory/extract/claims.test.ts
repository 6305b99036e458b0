import path from 'node:path';
import { expect, test } from 'vitest';
import { type Claim, Claims, MOST_RUNNING } from '../../../src/memory/extract/claims.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { recordOf } from '../../../src/memory/store/records.ts';
import type { ThreadRow } from '../../../src/memory/store/schema.ts';
import { putThread } from '../../../src/memory/store/threads.ts';
import type { Sqlite } from '../../../src/system/sqlite.ts';
import { runSource } from '../../support/run-source.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 5, 1);
const LIMITS = { max_rollout_age_days: 30, min_rollout_idle_hours: 12, exec_sessions: true };
const NOBODY = (): boolean => false;
const RECORD = { slug: 's', summary: 'Done.', raw: 'line', model: 'm' };

interface Setup {
  readonly store: Sqlite;
  readonly claims: Claims;
  now: number;
}

async function setUp(limits: Partial<typeof LIMITS> = {}): Promise<Setup> {
  const store = openMemoryStore(await tempFolder());
  const made: Setup = {
    store,
    now: NOW,
    claims: new Claims(store, { ...LIMITS, ...limits }, () => made.now),
  };
  return made;
}

function put({ store }: Setup, id: string, updated: number, more: Partial<ThreadRow> = {}): void {
  const thread = { id, rollout: `/r/${id}.jsonl`, cwd: '/w', branch: null, source: 'cli', updated } as const;
  putThread(store, { ...thread, is_remembered: 1, is_trusted: 1, ...more });
}

interface JobRow {
  readonly kind: 'extract' | 'consolidate';
  readonly key: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly token: string | null;
  readonly lease_until: number | null;
  readonly retry_at: number | null;
  readonly retries_left: number;
  readonly input_mark: string;
  readonly done_mark: string | null;
  readonly error: string | null;
}

function jobOf({ store }: Setup, key: string): JobRow | undefined {
  const row = store.sql(`SELECT * FROM jobs WHERE kind = 'extract' AND key = ?`).get(key);
  return row && ({ ...row } as unknown as JobRow);
}

const next = ({ claims }: Setup): string | undefined => claims.next(NOBODY)?.thread.id;

/** @throws if there is nothing to claim. */
function claimed({ claims }: Setup): Claim {
  const claim = claims.next(NOBODY);
  if (claim === undefined) throw new Error('nothing to claim');
  return claim;
}

test.each([
  ['12 hours and a second', 12 * HOUR + SECOND, true],
  ['exactly 12 hours', 12 * HOUR, true],
  ['a second less than 12 hours', 12 * HOUR - SECOND, false],
  ['in the future', -HOUR, false],
  ['a second less than 30 days', 30 * DAY - SECOND, true],
  ['exactly 30 days', 30 * DAY, true],
  ['30 days and a second', 30 * DAY + SECOND, false],
])('a session last used %s ago: claimed is %s', async (_name, age, isClaimed) => {
  const made = await setUp();
  put(made, 'a', NOW - age);
  expect(next(made)).toBe(isClaimed ? 'a' : undefined);
});

test('only what is to be remembered, and sessions of exec unless they are left out', async () => {
  const made = await setUp({ exec_sessions: false });
  put(made, 'off', NOW - DAY, { is_remembered: 0 });
  put(made, 'exec', NOW - DAY, { source: 'exec' });
  put(made, 'forgotten', NOW - DAY);
  made.store.sql(`INSERT INTO forgotten VALUES ('forgotten', 'thread', 0)`).run();
  expect(next(made)).toBeUndefined();
  expect(made.claims.counts()).toEqual({ total: 0, done: 0, running: 0 });
  const all = { ...made, claims: new Claims(made.store, LIMITS, () => NOW) };
  expect([next(all), next(all)]).toEqual(['exec', undefined]);
});

test('newest first, each once, and a done one again only when it has grown', async () => {
  const made = await setUp();
  put(made, 'old', NOW - 3 * DAY);
  put(made, 'new', NOW - DAY);
  const first = claimed(made);
  expect(first.thread.id).toBe('new');
  expect(made.claims.finish(first, RECORD)).toBe(true);
  expect(made.claims.finish(claimed(made), { ...RECORD, slug: '', summary: '', raw: '' })).toBe(true);
  expect(next(made)).toBeUndefined();
  expect(made.claims.counts()).toEqual({ total: 2, done: 2, running: 0 });
  expect(recordOf(made.store, 'old')).toMatchObject({
    source_updated: NOW - 3 * DAY,
    raw: '',
    generated: NOW,
  });
  put(made, 'old', NOW - 3 * DAY + SECOND);
  expect([next(made), next(made)]).toEqual(['old', undefined]);
});

test('a lease is over after exactly an hour, and whoever had it writes nothing', async () => {
  const made = await setUp();
  put(made, 'a', NOW - DAY);
  const lost = claimed(made);
  made.now = NOW + HOUR - SECOND;
  expect(next(made)).toBeUndefined();
  expect(made.claims.counts()).toEqual({ total: 1, done: 0, running: 1 });
  made.now = NOW + HOUR;
  const taken = claimed(made);
  const before = jobOf(made, 'a');
  expect(made.claims.finish(lost, RECORD)).toBe(false);
  made.claims.fail(lost, 'late');
  made.claims.giveBack(lost);
  expect(recordOf(made.store, 'a')).toBeUndefined();
  expect(jobOf(made, 'a')).toEqual(before);
  expect(made.claims.finish(taken, RECORD)).toBe(true);
  expect(recordOf(made.store, 'a')).toMatchObject({ summary: 'Done.', generated: NOW + HOUR });
});

test('64 run at most, those whose lease is over not counted', async () => {
  const made = await setUp();
  for (let number = 0; number <= MOST_RUNNING; number += 1)
    put(made, String(number).padStart(3, '0'), NOW - DAY);
  const held = Array.from({ length: MOST_RUNNING }, () => claimed(made));
  expect(next(made)).toBeUndefined();
  const [one] = held;
  if (one !== undefined) made.claims.giveBack(one);
  expect(next(made)).toBe(one?.thread.id);
  expect(next(made)).toBeUndefined();
  made.now = NOW + HOUR;
  expect(next(made)).toBeDefined();
});

test('three retries an hour apart; newer input begins from the start', async () => {
  const made = await setUp();
  put(made, 'a', NOW - DAY);
  put(made, 'b', NOW - 2 * DAY);
  for (let tries = 0; tries < 4; tries += 1) {
    const claim = claimed(made);
    expect(claim.thread.id).toBe('a');
    made.claims.fail(claim, `error ${tries}`);
    expect(jobOf(made, 'a')).toMatchObject({
      status: 'failed',
      retries_left: 3 - tries,
      error: `error ${tries}`,
    });
    made.now += HOUR - SECOND;
    // It does not keep the others waiting.
    const other = claimed(made);
    expect(other.thread.id).toBe('b');
    made.claims.giveBack(other);
    made.now += SECOND;
  }
  expect(next(made)).toBe('b');
  expect(made.claims.counts()).toEqual({ total: 2, done: 1, running: 1 });
  put(made, 'a', NOW - DAY + SECOND);
  const again = claimed(made);
  expect(again.thread.id).toBe('a');
  made.claims.fail(again, 'other');
  expect(jobOf(made, 'a')).toMatchObject({ retries_left: 3, error: 'other' });
});

test('a claim that was given back leaves everything as it was', async () => {
  const made = await setUp();
  put(made, 'a', NOW - DAY);
  made.claims.giveBack(claimed(made));
  expect(jobOf(made, 'a')).toBeUndefined();

  made.claims.fail(claimed(made), 'first');
  made.now += HOUR;
  made.claims.giveBack(claimed(made));
  expect(jobOf(made, 'a')).toMatchObject({ status: 'failed', retries_left: 3, error: 'first', token: null });

  made.claims.finish(claimed(made), RECORD);
  put(made, 'a', NOW - DAY + SECOND);
  made.claims.giveBack(claimed(made));
  expect(jobOf(made, 'a')).toMatchObject({ status: 'done', done_mark: String(NOW - DAY), error: null });
  expect(next(made)).toBe('a');
});

test('a kill costs no retry', async () => {
  const made = await setUp();
  put(made, 'a', NOW - DAY);
  for (let kills = 0; kills < 10; kills += 1) {
    expect(next(made)).toBe('a');
    made.now += HOUR;
  }
  made.claims.fail(claimed(made), 'x');
  expect(jobOf(made, 'a')).toMatchObject({ retries_left: 3 });
});

test('the session of a living process is left alone, and nothing shows that it was looked at', async () => {
  const made = await setUp();
  put(made, 'live', NOW - DAY);
  put(made, 'live2', NOW - DAY - SECOND);
  put(made, 'free', NOW - 2 * DAY);
  const isLive = (rollout: string): boolean => rollout.includes('live');
  expect(made.claims.next(isLive)?.thread.id).toBe('free');
  expect(made.claims.next(isLive)).toBeUndefined();
  expect(jobOf(made, 'live')).toBeUndefined();
});

test('what was forgotten or switched off meanwhile is not written', async () => {
  const made = await setUp();
  put(made, 'forgotten', NOW - DAY);
  put(made, 'off', NOW - 2 * DAY);
  const claims = [claimed(made), claimed(made)];
  made.store.sql(`INSERT INTO forgotten VALUES ('forgotten', 'thread', 0)`).run();
  put(made, 'off', NOW - 2 * DAY, { is_remembered: 0 });
  expect(claims.map((claim) => made.claims.finish(claim, RECORD))).toEqual([false, false]);
  expect(made.store.sql('SELECT count(*) AS n FROM records').get()?.n).toBe(0);
});

test('three processes at once: no session twice, and none left out', async () => {
  const home = await tempFolder();
  const store = openMemoryStore(home);
  const ids = Array.from({ length: 60 }, (_, number) => String(number).padStart(3, '0'));
  for (const id of ids) put({ store } as Setup, id, NOW - DAY - Number(id) * SECOND);
  const at = (file: string): string => path.resolve(import.meta.dirname, '../../../src', file);
  const source = `
    import { Claims } from ${JSON.stringify(at('memory/extract/claims.ts'))};
    import { openMemoryStore } from ${JSON.stringify(at('memory/store/open-store.ts'))};
    const claims = new Claims(openMemoryStore(${JSON.stringify(home)}), ${JSON.stringify(LIMITS)}, () => ${NOW});
    const mine = [];
    for (let claim = claims.next(() => false); claim; claim = claims.next(() => false)) {
      mine.push(claim.thread.id);
      claims.finish(claim, ${JSON.stringify(RECORD)});
    }
    console.log(JSON.stringify(mine));`;
  const runs = await Promise.all([runSource(source), runSource(source), runSource(source)]);
  expect(runs.map(({ stderr }) => stderr)).toEqual(['', '', '']);
  const done = runs.map(({ stdout }) => JSON.parse(stdout) as string[]);
  expect(done.flat().toSorted()).toEqual(ids);
  // Each takes the newest that is left.
  for (const mine of done) expect(mine).toEqual(mine.toSorted());
});
