/**
 * The vectors of an index at work: when chunks are embedded and when that is tried again, and the search for the nearest.
 *
 * Invariants: one process at a time embeds for an index; a search is never kept waiting longer than its caller wants; without a
 * model, a server or an answer in time it has no vectors, and the status says why.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { serverAt } from '../../model/late-server.ts';
import type { Endpoint } from '../../model/transport.ts';
import { isDamage } from '../../system/sqlite.ts';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { SearchOptions } from '../search/search.ts';
import type { Store } from '../store/store.ts';
import { chunkSource } from './chunk-source.ts';
import type { EmbedProgress } from './embed-call.ts';
import type { EmbedModel, QuestionVector } from './embed-models.ts';
import { takeLease } from './lease.ts';
import { VectorOpening } from './vector-opening.ts';
import type { VectorHit } from './vector-store.ts';
import { syncVectors } from './vector-sync.ts';
import { repositoryKey, type VectorConfig, type Vectors } from './vectors.ts';
import type { NoVectors, VectorsStatus } from './vectors-state.ts';

/** A session's settings for vectors, in a form that can be sent to a thread. */
export interface VectorSetup {
  readonly config: VectorConfig;
  /** Of the Ollama server. */
  readonly endpoint: Endpoint;
  /**
   * `make`: chunks are embedded, Chroma is started. `build`: too, at once, even if another model has to leave the server's memory.
   * `use`: the vectors that exist are used, with the local search.
   */
  readonly purpose: 'make' | 'build' | 'use';
}

/** The state of the chat model, as far as the embedding model has to know. */
export interface ChatState {
  readonly model: string | undefined;
  readonly isBusy: boolean;
}

/** For a search. */
export interface Nearest extends Pick<SearchOptions, 'vectors' | 'floor'> {
  /** The vector of the question was waited for in vain. */
  readonly isLate: boolean;
  /** Of the question; absent: there was none, or not in time. */
  readonly question?: QuestionVector | undefined;
}

/** `vectors`: null for a text that the model cannot take. */
export interface Embedded {
  readonly model: EmbedModel;
  readonly vectors: readonly (Float32Array | null)[];
}

interface Found {
  readonly hits: readonly VectorHit[];
  readonly question?: QuestionVector;
}

const NOTHING: Found = { hits: [] };

export interface VectorSideOptions extends VectorSetup {
  readonly root: string;
  readonly folder: string;
  /** The current store; another one after damage. */
  readonly store: () => Store;
  /** Whether that store is still the one of the repository. Default: always. */
  readonly isCurrent?: () => boolean;
  /** When the status has changed. */
  readonly onChange: () => void;
  /** A model that has not answered for this long is reported in the status. Default 15 s. */
  readonly slowMs?: number;
  /** The store was found damaged, or is no longer current: it has to be replaced. */
  readonly onUnusable?: (isDamaged: boolean) => void;
}

/** After a failure the server is left alone for this long, and twice as long after the next. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
const SLOW_MS = 15_000;
/** Between two rounds: not every save in a row of them starts a round. */
const QUIET_MS = 1_000;

export class VectorSide {
  readonly #options: VectorSideOptions;
  readonly #opening: VectorOpening;
  readonly #owner = `${process.pid}-${process.hrtime.bigint()}`;
  /** Chunks that a model could not take. */
  readonly #refused = new WeakMap<Vectors, Set<string>>();
  #life = new AbortController();
  #chat: ChatState = { model: undefined, isBusy: false };
  #running: Promise<void> | undefined;
  /** Chunks may have changed since the round began. */
  #isWanted = false;
  #hadModel = false;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_RETRY_MS;
  #progress: EmbedProgress | undefined;
  /** Since when the model has owed an answer. */
  #waitsSince: number | undefined;
  #problem: string | undefined;
  #questionProblem: string | undefined;

  constructor(options: VectorSideOptions) {
    this.#options = options;
    const { folder, config, endpoint, purpose, store } = options;
    this.#opening = new VectorOpening({
      dataDir: folder,
      config,
      isLocalOnly: purpose === 'use',
      ollama: serverAt(endpoint),
      repositoryKey: repositoryKey(folder),
      isCurrent: () => this.#isCurrent(),
      isChatBusy: () => this.#chat.isBusy,
      chatModel: () => this.#chat.model,
      isForced: purpose === 'build',
      store,
      onDamage: () => options.onUnusable?.(true),
    });
  }

  /** Chunks may have changed: what is missing is embedded soon. */
  refresh(): void {
    this.#isWanted = true;
    const { signal } = this.#life;
    if (signal.aborted) return;
    this.#running ??= this.#rounds(signal)
      .catch((error: unknown) => {
        this.#problem = errorMessage(error);
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when everything that can be embedded now is, and Chroma has it or is known to be out of reach. */
  async settled(): Promise<void> {
    await this.#running;
    await this.#opening.current?.store.settled();
  }

  /**
   * The nearest chunks, best first; none if that takes longer than `patienceMs`. `floor`: of the model.
   *
   * @throws the signal's reason.
   */
  async nearest(query: string, k: number, patienceMs: number, signal?: AbortSignal): Promise<Nearest> {
    const found = this.#find(query, k, this.#life.signal).catch(() => NOTHING);
    const waited = await within(found, patienceMs, signal);
    signal?.throwIfAborted();
    const { hits, question } = waited.kind === 'done' ? waited.value : NOTHING;
    const isLate = waited.kind !== 'done' && this.#opening.current !== undefined;
    const vectors = hits.filter(({ score }) => score > 0);
    return { vectors, floor: this.#opening.current?.embedder.model.floor, isLate, question };
  }

  /**
   * Vectors of texts that are no chunks, which the caller keeps. Without texts it only says which model it would be. Undefined: there is
   * none, or this session makes no vectors.
   *
   * @throws EmbedError, `paused` while another model has the server's memory; the signal's reason.
   */
  async embed(texts: readonly string[]): Promise<Embedded | undefined> {
    const { signal } = this.#life;
    if (this.#options.purpose !== 'make') return undefined;
    const made = await this.#opening.open(signal);
    if (made === undefined) return undefined;
    try {
      const vectors = await made.embedder.embedNow(texts, signal);
      return { model: made.embedder.model, vectors: vectors.map((vector) => vector ?? null) };
    } catch (error) {
      signal.throwIfAborted();
      await this.#giveUp(made, error, signal);
      throw error;
    }
  }

  setChat(chat: ChatState): void {
    this.#chat = chat;
  }

  status(): VectorsStatus | NoVectors {
    const vectors = this.#opening.current;
    if (vectors === undefined) return { unavailable: this.#opening.reason };
    try {
      return {
        ...vectors.status(),
        progress: this.#progress,
        problem: this.#slowness() ?? this.#problem,
        questionProblem: this.#questionProblem,
      };
    } catch (error) {
      // A file that cannot be counted in.
      return { unavailable: errorMessage(error) };
    }
  }

  /** Lets go of the store, before it is closed. The next `refresh` starts from scratch. */
  async release(): Promise<void> {
    await this.close();
    this.#life = new AbortController();
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#life.abort(new Error('the index is closed'));
    await this.#running;
    await this.#opening.close();
  }

  #isCurrent(): boolean {
    return this.#options.isCurrent?.() ?? true;
  }

  async #rounds(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#isWanted = false;
      await this.#round(signal);
      if (signal.aborted) return;
      this.#options.onChange();
      if (!this.#isWanted) return;
      await delay(QUIET_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const made = await this.#opening.open(signal);
    if (this.#options.purpose === 'use' || signal.aborted) return;
    if (made === undefined) return this.#tryLater();
    this.#hadModel = true;
    try {
      await this.#embed(made, signal);
      this.#pauseMs = FIRST_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      this.#tryLater();
      if (isDamage(error)) this.#options.onUnusable?.(true);
      const isOver = await this.#opening.isOver(made, error, signal);
      this.#problem = isOver ? undefined : errorMessage(error);
    } finally {
      this.#progress = undefined;
      this.#waitsSince = undefined;
    }
  }

  async #embed(made: Vectors, signal: AbortSignal): Promise<void> {
    const endLease = await takeLease(made.db, 'embedding', this.#owner, signal);
    try {
      const source = chunkSource(this.#options.root, this.#options.store(), made.db.model);
      this.#waitsSince = performance.now();
      const bad = this.#refused.get(made) ?? new Set();
      this.#refused.set(made, bad);
      const missing = (): string[] => source.missing().filter((key) => !bad.has(key));
      const result = await syncVectors(made, { ...source, missing }, signal, (next) => {
        this.#progress = next;
        this.#waitsSince = next.paused !== undefined ? undefined : performance.now();
        if (!this.#isCurrent()) this.#options.onUnusable?.(false);
        this.#options.onChange();
      });
      for (const key of result.refused) bad.add(key);
      this.#problem = undefined;
    } finally {
      endLease();
    }
  }

  #tryLater(): void {
    // Whoever has never installed a model will hardly do so this minute; a question looks for one too.
    if (!this.#hadModel && !this.#opening.isPassing) this.#pauseMs = LAST_RETRY_MS;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#opening.askAgain();
      this.refresh();
    }, this.#pauseMs).unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, LAST_RETRY_MS);
  }

  async #find(query: string, k: number, signal: AbortSignal): Promise<Found> {
    const isLate = this.#opening.current === undefined;
    const made = await this.#opening.open(signal);
    // There was no model or no server when the chunks changed.
    if (made !== undefined && isLate) this.refresh();
    if (made === undefined || made.db.count() === 0) return NOTHING;
    try {
      // It runs on when nobody waits any more: the next question finds the model loaded.
      const vector = await made.embedder.embedQuery(query, signal);
      this.#questionProblem = undefined;
      if (vector === undefined) return NOTHING;
      const hits = await made.store.query(vector, k, { signal });
      return { hits, question: { model: made.embedder.model, vector } };
    } catch (error) {
      if (signal.aborted) return NOTHING;
      this.#questionProblem = errorMessage(error);
      await this.#giveUp(made, error, signal);
      return NOTHING;
    }
  }

  /** If the model is gone. A round that is running finds that out itself. */
  async #giveUp(made: Vectors, error: unknown, signal: AbortSignal): Promise<void> {
    if (this.#running === undefined && (await this.#opening.isOver(made, error, signal))) this.refresh();
  }

  #slowness(): string | undefined {
    const waitedMs = performance.now() - (this.#waitsSince ?? Number.POSITIVE_INFINITY);
    if (waitedMs < (this.#options.slowMs ?? SLOW_MS)) return undefined;
    const model = this.#opening.current?.embedder.model.name;
    return `${model} has not answered for ${Math.round(waitedMs / 1000)} s`;
  }
}
