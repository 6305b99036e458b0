/**
 * Which session is read next, and by whom: claims in the database, so that several processes share the work.
 *
 * Invariants: no session is read by two processes at once; whoever lost a claim writes nothing; a process that was killed
 * costs a session nothing but the time until its lease is over.
 */
import type { Config } from '../../config/schema.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { uuidv7 } from '../../text/uuid.ts';
import { putRecord } from '../store/records.ts';
import type { RecordRow, ThreadRow } from '../store/schema.ts';

export type ExtractLimits = Pick<
  Config['memories'],
  'max_rollout_age_days' | 'min_rollout_idle_hours' | 'exec_sessions'
>;

export interface Claim {
  readonly thread: ThreadRow;
  /** Proves that the claim is still ours. */
  readonly token: string;
}

export type NewRecord = Pick<RecordRow, 'slug' | 'summary' | 'raw' | 'model'>;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEASE = HOUR;
const RETRY = HOUR;
const RETRIES = 3;
/** In the whole database. */
export const MOST_RUNNING = 64;

/** Sessions that are read at all; a done one is read again when it has grown. */
const WANTED = `
  FROM threads t LEFT JOIN jobs j ON j.kind = 'extract' AND j.key = t.id
  WHERE t.is_remembered = 1 AND (t.source <> 'exec' OR $exec = 1) AND t.updated BETWEEN $oldest AND $newest
    AND NOT EXISTS (SELECT 1 FROM forgotten WHERE what = t.id AND kind = 'thread')`;

const CLAIMABLE = `
  (j.key IS NULL
    OR (j.status = 'running' AND j.lease_until <= $now)
    OR (j.status = 'done' AND CAST(j.done_mark AS INTEGER) < t.updated)
    OR (j.status = 'failed' AND (CAST(j.input_mark AS INTEGER) < t.updated OR (j.retries_left > 0 AND j.retry_at <= $now))))`;

/** A retry counts when it has failed, so that a killed process uses up none. Newer input is another matter. */
const CLAIM = `
  INSERT INTO jobs (kind, key, status, token, lease_until, retry_at, retries_left, input_mark, done_mark, error)
  SELECT 'extract', t.id, 'running', $token, $now + ${LEASE}, NULL,
    CASE WHEN CAST(j.input_mark AS INTEGER) = t.updated THEN j.retries_left ELSE ${RETRIES} END,
    CAST(t.updated AS TEXT), j.done_mark,
    CASE WHEN CAST(j.input_mark AS INTEGER) = t.updated THEN j.error END
  ${WANTED} AND ${CLAIMABLE}
    AND t.id NOT IN (SELECT value FROM json_each($skipped))
    AND (SELECT count(*) FROM jobs WHERE kind = 'extract' AND status = 'running' AND lease_until > $now) < ${MOST_RUNNING}
  ORDER BY t.updated DESC, t.id DESC LIMIT 1
  ON CONFLICT (kind, key) DO UPDATE SET status = excluded.status, token = excluded.token,
    lease_until = excluded.lease_until, retry_at = excluded.retry_at, retries_left = excluded.retries_left,
    input_mark = excluded.input_mark, error = excluded.error
  RETURNING key`;

const OURS = `kind = 'extract' AND key = $key AND token = $token AND status = 'running'`;

/** Undoes a claim on a session that is still in use. */
class InUse extends Error {}

export class Claims {
  readonly #store: Sqlite;
  readonly #limits: ExtractLimits;
  readonly #now: () => number;

  constructor(store: Sqlite, limits: ExtractLimits, now: () => number) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  /** The newest session that may be read; undefined: none. @param isInUse of a rollout: a process writes to it. */
  next(isInUse: (rollout: string) => boolean): Claim | undefined {
    const skipped: string[] = [];
    for (;;) {
      let thread: ThreadRow | undefined;
      const token = uuidv7(this.#now());
      try {
        this.#store.transaction(() => {
          thread = this.#claim(token, skipped);
          if (thread !== undefined && isInUse(thread.rollout)) throw new InUse();
        });
        return thread && { thread, token };
      } catch (error) {
        if (!(error instanceof InUse) || thread === undefined) throw error;
        skipped.push(thread.id);
      }
    }
  }

  #claim(token: string, skipped: readonly string[]): ThreadRow | undefined {
    const found = this.#store
      .sql(CLAIM)
      .get({ ...this.#wanted(), $now: this.#now(), $token: token, $skipped: JSON.stringify(skipped) });
    if (found === undefined) return undefined;
    return this.#store
      .sql('SELECT * FROM threads WHERE id = ?')
      .get(String(found.key)) as unknown as ThreadRow;
  }

  /** Keeps what was taken from the session. @returns false: the claim was lost, and nothing was written. */
  finish({ thread, token }: Claim, record: NewRecord): boolean {
    return this.#store.transaction(() => {
      const mark = String(thread.updated);
      const isOurs = this.#change(
        `UPDATE jobs SET status = 'done', token = NULL, lease_until = NULL, retry_at = NULL, retries_left = ${RETRIES},
           done_mark = $mark, error = NULL WHERE ${OURS}`,
        { $key: thread.id, $token: token, $mark: mark },
      );
      if (!isOurs || !this.#isWanted(thread.id)) return false;
      const { id, updated: source_updated, cwd, branch, rollout, is_trusted } = thread;
      const source = { thread: id, source_updated, cwd, branch, rollout, is_trusted };
      return putRecord(this.#store, { ...source, ...record, generated: this.#now() });
    });
  }

  /** It is tried again in an hour, unless this was the last retry. */
  fail({ thread, token }: Claim, error: string): void {
    this.#change(
      `UPDATE jobs SET status = 'failed', token = NULL, lease_until = NULL, retry_at = $retry,
         retries_left = retries_left - (error IS NOT NULL), error = $error WHERE ${OURS}`,
      { $key: thread.id, $token: token, $retry: this.#now() + RETRY, $error: error },
    );
  }

  /** As if it had never been claimed: the next one that looks finds it. */
  giveBack({ thread, token }: Claim): void {
    const ours = { $key: thread.id, $token: token };
    this.#store.transaction(() => {
      this.#change(`DELETE FROM jobs WHERE ${OURS} AND error IS NULL AND done_mark IS NULL`, ours);
      this.#change(
        `UPDATE jobs SET status = CASE WHEN error IS NULL THEN 'done' ELSE 'failed' END, token = NULL,
           lease_until = NULL, retry_at = CASE WHEN error IS NULL THEN NULL ELSE $now END WHERE ${OURS}`,
        { ...ours, $now: this.#now() },
      );
    });
  }

  /** Sessions that are wanted, those of them that are done or given up, and those that other processes read. */
  counts(): { readonly total: number; readonly done: number; readonly running: number } {
    const row = this.#store
      .sql(
        `SELECT count(*) AS total, coalesce(sum(j.status = 'running' AND j.lease_until > $now), 0) AS running,
           coalesce(sum((j.status = 'done' AND CAST(j.done_mark AS INTEGER) >= t.updated)
             OR (j.status = 'failed' AND CAST(j.input_mark AS INTEGER) >= t.updated AND j.retries_left = 0)), 0) AS done
         ${WANTED}`,
      )
      .get({ ...this.#wanted(), $now: this.#now() });
    return { total: Number(row?.total), done: Number(row?.done), running: Number(row?.running) };
  }

  #wanted(): { readonly [name: string]: number } {
    const { max_rollout_age_days: days, min_rollout_idle_hours: hours, exec_sessions: exec } = this.#limits;
    const now = this.#now();
    return { $oldest: now - days * DAY, $newest: now - hours * HOUR, $exec: exec ? 1 : 0 };
  }

  /** The user may have switched it off meanwhile. */
  #isWanted(id: string): boolean {
    return this.#store.sql('SELECT 1 FROM threads WHERE id = ? AND is_remembered = 1').get(id) !== undefined;
  }

  #change(sql: string, values: { readonly [name: string]: string | number }): boolean {
    return this.#store.sql(sql).run(values).changes === 1;
  }
}
