/**
 * The vectors of a repository in Chroma, with the exact local search for whenever Chroma cannot answer.
 *
 * Owns: when the server is started, checked, repaired, rebuilt, started again and given up. Invariants: a change is
 * safe in SQLite before a server hears of it, so that upsert and delete succeed without one; a query is answered by
 * Chroma only while it is whole, else by the local search; one oagent at a time starts and repairs (a lease).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../text/error-message.ts';
import { takeLease } from '../vectors/lease.ts';
import { LocalVectors } from '../vectors/local-vectors.ts';
import type { VectorDb } from '../vectors/vector-db.ts';
import type { CallOptions, VectorHit, VectorItem, VectorStore } from '../vectors/vector-store.ts';
import type { VectorsState } from '../vectors/vectors-state.ts';
import { isBroken, isWhole, rebuild, settleDebts } from './chroma-repair.ts';
import type { StartFailure } from './chroma-server.ts';
import type { ChromaTarget, OpenTarget } from './chroma-target.ts';

/** A search must not keep the user waiting for a server that hangs. */
const QUERY_TIMEOUT_MS = 2000;
const MAX_TRIES = 4;
const FIRST_PAUSE_MS = 100;
/** Failures, without a successful call in between, after which a server is given up even though it starts well. */
const MAX_FAILURES = 6;
/** A server that was given up is tried again after this time. */
const RETRY_AFTER_MS = 60_000;

export class ChromaVectors implements VectorStore {
  readonly #db: VectorDb;
  readonly #target: ChromaTarget;
  readonly #local: LocalVectors;
  readonly #closing = new AbortController();
  readonly #owner = `${process.pid}-${process.hrtime.bigint()}`;
  #open: OpenTarget | undefined;
  #bringingUp: Promise<void> | undefined;
  #writes: Promise<void> = Promise.resolve();
  #phase: VectorsState['phase'] = 'idle';
  #reason: string | undefined;
  #rebuilds = 0;
  #notBefore = 0;
  /** There can be no server, and none has any vector. */
  #isAlone = false;
  /** Since the last successful call. */
  #failures = 0;

  /** Starts nothing while there is no vector: the dimensions are not known then. */
  constructor(db: VectorDb, target: ChromaTarget) {
    this.#db = db;
    this.#target = target;
    this.#local = new LocalVectors(db);
    this.#wake();
  }

  /** All ids that are listed, sorted. */
  ids(): string[] {
    return [...this.#db.listed()].map(({ id }) => id);
  }

  /** Resolves when Chroma has all changes so far, or is known to be out of reach. */
  async settled(): Promise<void> {
    await this.#bringingUp;
    await this.#writes;
    await this.#bringingUp;
  }

  async upsert(items: readonly VectorItem[], { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    if (items.length === 0) return;
    this.#db.add(items);
    await this.#write(async (store, options) => {
      await store.upsert(items, options);
      this.#db.added(items);
    });
  }

  async delete(ids: readonly string[], { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    if (ids.length === 0) return;
    this.#db.drop(ids);
    await this.#write(async (store, options) => {
      await store.delete(ids, options);
      this.#db.dropped(ids);
    });
    if (this.#isAlone) this.#db.forgetDrops();
  }

  async query(vector: Float32Array, k: number, options: CallOptions): Promise<VectorHit[]> {
    this.#wake();
    const open = this.#open;
    if (open !== undefined) {
      try {
        const hits = await open.store.query(vector, k, {
          signal: options.signal,
          timeoutMs: options.timeoutMs ?? QUERY_TIMEOUT_MS,
        });
        this.#failures = 0;
        // Chroma may still have what is being deleted.
        return hits.filter(({ id }) => this.#db.has(id));
      } catch (error) {
        if (options.signal.aborted) throw error;
        this.#fail(open, error);
      }
    }
    return this.#local.query(vector, k, options);
  }

  async count({ signal }: CallOptions): Promise<number> {
    signal.throwIfAborted();
    return this.#db.count();
  }

  state(): VectorsState {
    const server = this.#open?.server;
    return {
      backend: this.#open ? 'chroma' : 'local',
      phase: this.#phase,
      reason: this.#reason,
      vectors: this.#db.count(),
      owed: this.#db.owed(),
      rebuilds: this.#rebuilds,
      server: server && { pid: server.pid, port: server.port, isJoined: server.isJoined },
      localBytes: this.#local.bytes,
    };
  }

  /** Waits for the current write; what Chroma does not have by then is sent the next time. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the index is closed'));
    await this.#bringingUp;
    await this.#writes;
    await this.#open?.close();
    this.#open = undefined;
    await this.#local.close();
  }

  /** One write after another; a failure is a debt, not an error. */
  #write(work: (store: OpenTarget['store'], options: CallOptions) => Promise<void>): Promise<void> {
    this.#wake();
    this.#writes = this.#writes.then(async () => {
      const open = this.#open;
      if (open === undefined || this.#closing.signal.aborted) return;
      try {
        // Not aborted when oagent closes: an unfinished write can break the collection.
        await work(open.store, { signal: new AbortController().signal });
        this.#failures = 0;
      } catch (error) {
        this.#fail(open, error);
      }
    });
    return this.#writes;
  }

  /** Chroma has failed: the local search answers while it is brought up again. */
  #fail(open: OpenTarget, error: unknown): void {
    if (this.#open !== open) return;
    this.#open = undefined;
    this.#failures += 1;
    const isHopeless = this.#failures > MAX_FAILURES;
    if (isHopeless) this.#giveUp(errorMessage(error), 'failed');
    else this.#reason = errorMessage(error);
    // One that is only slow may still work for others.
    const isOver = open.isAnswering().then((isThere) => (isThere ? open.close() : open.kill()));
    if (isHopeless) return;
    this.#wake(isOver);
  }

  /** Brings Chroma up if it is not, and may be. */
  #wake(after: Promise<void> = Promise.resolve()): void {
    if (this.#open || this.#bringingUp || this.#target.isOff || this.#closing.signal.aborted) return;
    if (performance.now() < this.#notBefore) return;
    let dimensions: number | undefined;
    try {
      dimensions = this.#db.dimensions();
    } catch (error) {
      // A caller that waits for a write must not get this error instead.
      return this.#giveUp(errorMessage(error), 'failed');
    }
    if (dimensions === undefined) return;
    const known = dimensions;
    this.#phase = 'starting';
    this.#bringingUp = after
      .then(() => this.#bringUp(known))
      .catch((error: unknown) => this.#giveUp(errorMessage(error), 'failed'))
      .finally(() => {
        this.#bringingUp = undefined;
      });
  }

  async #bringUp(dimensions: number): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 1; ; attempt += 1) {
      const endLease = await takeLease(this.#db, 'server', this.#owner, signal);
      let open: OpenTarget | undefined;
      try {
        const outcome = await this.#target.open(this.#db.model, dimensions, signal);
        if ('unavailable' in outcome) {
          const { unavailable, cause } = outcome;
          if (isFinal(cause) || attempt >= MAX_TRIES) return this.#giveUp(unavailable, cause);
          this.#reason = unavailable;
          if (cause === 'failed') await this.#startOver();
        } else {
          open = outcome.open;
          await this.#makeWhole(open, signal);
          return this.#serve(open);
        }
      } catch (error) {
        await (signal.aborted || isBroken(error) ? open?.close() : open?.kill());
        if (signal.aborted) return;
        this.#reason = errorMessage(error);
        if (attempt >= MAX_TRIES) return this.#giveUp(this.#reason, 'failed');
        // It failed on what it has on disk, and may do so every time: start from scratch.
        if (attempt > 1 && open?.server) {
          await open.kill();
          await this.#startOver();
        }
      } finally {
        endLease();
      }
      await delay(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal });
    }
  }

  /** Sends what is owed, and checks; a collection that fails is rebuilt. */
  async #makeWhole(open: OpenTarget, signal: AbortSignal): Promise<void> {
    try {
      await settleDebts(this.#db, open.store, signal);
      if (await isWhole(this.#db, open.store, signal)) return;
    } catch (error) {
      if (signal.aborted || !isBroken(error)) throw error;
      this.#reason = errorMessage(error);
    }
    this.#phase = 'rebuilding';
    this.#rebuilds += 1;
    await rebuild(this.#db, open.store, signal);
    if (!(await isWhole(this.#db, open.store, signal))) throw new Error('it loses vectors that it was given');
  }

  /** No server runs. */
  async #startOver(): Promise<void> {
    await this.#target.wipe();
    this.#rebuilds += 1;
    this.#db.oweAll();
  }

  #serve(open: OpenTarget): void {
    this.#open = open;
    this.#phase = 'ready';
    this.#reason = undefined;
    this.#local.unload();
    void open.lost.then(() => {
      if (!this.#closing.signal.aborted) this.#fail(open, new Error('the server has ended'));
    });
    // Changes that came while the server was being brought up.
    if (this.#db.owed() > 0) {
      void this.#write((store, { signal }) => settleDebts(this.#db, store, signal));
    }
  }

  #giveUp(reason: string, cause: StartFailure): void {
    this.#phase = cause === 'unsupported' ? 'unsupported' : 'unavailable';
    this.#reason = reason;
    this.#notBefore = isFinal(cause) ? Number.POSITIVE_INFINITY : performance.now() + RETRY_AFTER_MS;
    // Else every edit would leave a row for a server that never comes.
    this.#isAlone = isFinal(cause) && !this.#target.mayHoldVectors();
    if (this.#isAlone) this.#db.forgetDrops();
  }
}

const isFinal = (cause: StartFailure): boolean => cause === 'unsupported' || cause === 'unloadable';
