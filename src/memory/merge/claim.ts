/**
 * The one claim on the consolidation: whoever has it, no other process merges.
 *
 * Invariant: what is written, is written in a transaction in which the claim is still held. A process that has slept through its lease
 * writes nothing.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import { uuidv7 } from '../../text/uuid.ts';

const LEASE_MS = 3_600_000;
const HEARTBEAT_MS = 90_000;
const RETRY_MS = 3_600_000;
/** Failures in a row after which the words alone decide. */
const RETRIES = 3;
const MOST_ERROR = 500;

const IS_OURS = `kind = 'consolidate' AND key = 'all' AND status = 'running' AND token = ?`;

/** Another process has taken the claim over: nothing more may be written. */
export class LostClaim extends Error {
  override readonly name = 'LostClaim';
}

export interface ClaimState {
  /** `free` says nothing of the next moment; `waiting`: after a failure. */
  readonly state: 'free' | 'held' | 'waiting';
  /** The inputs of the last consolidation that came to its end. */
  readonly doneMark: string | undefined;
  readonly error: string | undefined;
}

export class Claim {
  readonly #store: Sqlite;
  readonly #now: () => number;
  readonly #token: string;
  /** 0: the model has failed so often that it is no longer waited for. */
  readonly retriesLeft: number;

  private constructor(store: Sqlite, now: () => number, token: string) {
    this.#store = store;
    this.#now = now;
    this.#token = token;
    this.retriesLeft = Number(
      store.sql(`SELECT retries_left AS n FROM jobs WHERE ${IS_OURS}`).get(token)?.n ?? 0,
    );
  }

  static state(store: Sqlite, now: number): ClaimState {
    const row = store
      .sql(
        `SELECT status, lease_until, retry_at, done_mark, error FROM jobs WHERE kind = 'consolidate' AND key = 'all'`,
      )
      .get();
    const isHeld = row?.status === 'running' && Number(row.lease_until) > now;
    const isWaiting = row?.retry_at !== null && Number(row?.retry_at) > now;
    return {
      state: isHeld ? 'held' : isWaiting ? 'waiting' : 'free',
      doneMark: row?.done_mark === null ? undefined : row?.done_mark?.toString(),
      error: row?.error === null ? undefined : row?.error?.toString(),
    };
  }

  /** Undefined: another process has it, or it is too early after a failure. */
  static take(store: Sqlite, now: () => number, inputMark: string): Claim | undefined {
    const token = uuidv7();
    const at = now();
    const { changes } = store
      .sql(
        `INSERT INTO jobs (kind, key, status, token, lease_until, retries_left, input_mark)
         VALUES ('consolidate', 'all', 'running', ?, ?, ?, ?)
         ON CONFLICT (kind, key) DO UPDATE SET status = 'running', token = excluded.token,
           lease_until = excluded.lease_until, retry_at = NULL, input_mark = excluded.input_mark
         WHERE (status <> 'running' OR lease_until <= ?) AND (retry_at IS NULL OR retry_at <= ?)`,
      )
      .run(token, at + LEASE_MS, RETRIES, inputMark, at, at);
    return Number(changes) === 1 ? new Claim(store, now, token) : undefined;
  }

  /** Runs `work` with the lease kept alive. Its signal aborts when `signal` does, and when the claim is lost. */
  async during<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    const timer = setInterval(() => {
      try {
        if (!this.#renew()) lost.abort(new LostClaim('another process has taken the consolidation over'));
      } catch {
        // The database is busy: the next beat is long before the lease ends.
      }
    }, HEARTBEAT_MS);
    timer.unref();
    try {
      return await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      clearInterval(timer);
    }
  }

  #renew(): boolean {
    const { changes } = this.#store
      .sql(`UPDATE jobs SET lease_until = ? WHERE ${IS_OURS}`)
      .run(this.#now() + LEASE_MS, this.#token);
    return Number(changes) === 1;
  }

  /** All of `work`, or nothing. @throws LostClaim */
  write<T>(work: () => T): T {
    return this.#store.transaction(() => {
      if (!this.#renew()) throw new LostClaim('another process has taken the consolidation over');
      return work();
    });
  }

  /** To be called within `write`: what was written and the end of the claim are one. @param doneMark if all is merged. */
  end(doneMark: string | undefined, isModelGood: boolean): void {
    this.#store
      .sql(
        `UPDATE jobs SET status = 'done', token = NULL, lease_until = NULL, error = NULL,
           retries_left = CASE WHEN ? THEN ${RETRIES} ELSE retries_left END, done_mark = coalesce(?, done_mark)
         WHERE ${IS_OURS}`,
      )
      .run(isModelGood ? 1 : 0, doneMark ?? null, this.#token);
  }

  /** Gives it back at once, as if it had not been taken. */
  release(): void {
    this.#store
      .sql(`UPDATE jobs SET status = 'done', token = NULL, lease_until = NULL WHERE ${IS_OURS}`)
      .run(this.#token);
  }

  /** It is tried again later. */
  fail(error: unknown): void {
    this.#store
      .sql(
        `UPDATE jobs SET status = 'failed', token = NULL, lease_until = NULL, retry_at = ?,
           retries_left = max(0, retries_left - 1), error = ? WHERE ${IS_OURS}`,
      )
      .run(this.#now() + RETRY_MS, errorMessage(error).slice(0, MOST_ERROR), this.#token);
  }
}
