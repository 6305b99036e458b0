/**
 * The vectors of an index at work: made behind the keywords, asked beside them, and never waited for longer than the asker wants.
 *
 * Owns: when chunks are embedded, when that is tried again, and what is said of it. Invariants:
 * one process at a time embeds for an index; without a model, a server or an
 * answer in time a search has no vectors and the status says why. Does not: search by words, or index.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { OllamaClient } from '../../model/client.ts';
import type { Endpoint } from '../../model/transport.ts';
import { isDamage } from '../../system/sqlite.ts';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { Store } from '../store/store.ts';
import { chunkSource } from './chunk-source.ts';
import type { EmbedProgress } from './embed-call.ts';
import { takeLease } from './lease.ts';
import { createOpening } from './vector-opening.ts';
import type { VectorHit } from './vector-store.ts';
import { syncVectors } from './vector-sync.ts';
import { repositoryKey, type VectorConfig, type Vectors } from './vectors.ts';
import type { NoVectors, VectorsStatus } from './vectors-state.ts';

/** What a session knows of vectors, in a form that can be sent to a thread. */
export interface VectorSetup {
  readonly config: VectorConfig;
  /** Of the Ollama server. */
  readonly endpoint: Endpoint;
  /** `make`: chunks are embedded, Chroma is started. `use`: what is there serves, with the local search. */
  readonly purpose: 'make' | 'use';
}

/** What the chat model does, as far as the embedding model has to know. */
export interface ChatState {
  readonly model: string | undefined;
  readonly isBusy: boolean;
}

export interface VectorSideOptions extends VectorSetup {
  readonly root: string;
  readonly folder: string;
  /** The store as it is now; another one after a damage. */
  readonly store: () => Store;
  /** Whether that store is still the one of the repository. Default: always. */
  readonly isCurrent?: () => boolean;
  /** When the status has changed. */
  readonly onChange: () => void;
  /** A model that has not answered for so long is said to be waited for. Default 15 s. */
  readonly slowMs?: number;
  /** The store was found damaged, or not to be current: another one has to take its place. */
  readonly onUnusable?: (isDamaged: boolean) => void;
}

export interface VectorSide {
  /** Chunks may have changed: what is missing is embedded soon. */
  readonly refresh: () => void;
  /** Resolves when all that can be embedded now is, and Chroma has it or is known not to be had. */
  readonly settled: () => Promise<void>;
  /** The nearest chunks, best first; none if that takes longer than `patienceMs`. @throws the signal's reason. */
  readonly nearest: (
    query: string,
    k: number,
    patienceMs: number,
    signal?: AbortSignal,
  ) => Promise<VectorHit[]>;
  readonly setChat: (chat: ChatState) => void;
  readonly status: () => VectorsStatus | NoVectors;
  /** Lets go of the store, before it is closed. The next `refresh` begins anew. */
  readonly release: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** After a failure the server is left alone for so long, and twice as long after the next. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
const SLOW_MS = 15_000;
/** Between two rounds: somebody who saves file after file is not followed step by step. */
const QUIET_MS = 1_000;

export function createVectorSide(options: VectorSideOptions): VectorSide {
  const { root, folder, config, endpoint, purpose, onChange, isCurrent = () => true } = options;
  const owner = `${process.pid}-${process.hrtime.bigint()}`;
  let life = new AbortController();
  let chat: ChatState = { model: undefined, isBusy: false };
  let isWanted = false;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let pauseMs = FIRST_RETRY_MS;
  let progress: EmbedProgress | undefined;
  /** Since when an answer is waited for. */
  let waitsSince: number | undefined;
  let problem: string | undefined;
  let questionProblem: string | undefined;
  /** Chunks that a model could not take. */
  const refused = new WeakMap<Vectors, Set<string>>();

  const opening = createOpening({
    dataDir: folder,
    config,
    isLocalOnly: purpose === 'use',
    ollama: new OllamaClient(endpoint),
    repositoryKey: repositoryKey(folder),
    isCurrent,
    isChatBusy: () => chat.isBusy,
    chatModel: () => chat.model,
    store: options.store,
    onDamage: () => options.onUnusable?.(true),
  });
  let hadModel = false;
  const later = (): void => {
    // Who has never installed a model will hardly do so this minute; a question looks for one too.
    if (!hadModel && !opening.isPassing()) pauseMs = LAST_RETRY_MS;
    clearTimeout(retry);
    retry = setTimeout(() => {
      opening.askAgain();
      refresh();
    }, pauseMs).unref();
    pauseMs = Math.min(2 * pauseMs, LAST_RETRY_MS);
  };
  const embed = async (made: Vectors, signal: AbortSignal): Promise<void> => {
    const endLease = await takeLease(made.db, 'embedding', owner, signal);
    try {
      const source = chunkSource(root, options.store(), made.db.model);
      waitsSince = performance.now();
      const bad = refused.get(made) ?? new Set();
      refused.set(made, bad);
      const missing = (): string[] => source.missing().filter((key) => !bad.has(key));
      const result = await syncVectors(made, { ...source, missing }, signal, (next) => {
        progress = next;
        waitsSince = next.isPaused ? undefined : performance.now();
        if (!isCurrent()) options.onUnusable?.(false);
        onChange();
      });
      for (const key of result.refused) bad.add(key);
      problem = undefined;
    } finally {
      endLease();
    }
  };
  const round = async (): Promise<void> => {
    const { signal } = life;
    const made = await opening.open(signal);
    if (purpose === 'use' || signal.aborted) return;
    if (made === undefined) return later();
    hadModel = true;
    try {
      await embed(made, signal);
      pauseMs = FIRST_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      later();
      if (isDamage(error)) options.onUnusable?.(true);
      problem = (await opening.isOver(made, error, signal)) ? undefined : errorMessage(error);
    } finally {
      progress = undefined;
      waitsSince = undefined;
    }
  };
  const problemNow = (): string | undefined => {
    const waitedMs = performance.now() - (waitsSince ?? Number.POSITIVE_INFINITY);
    if (waitedMs < (options.slowMs ?? SLOW_MS)) return problem;
    return `${opening.current()?.embedder.model.name} has not answered for ${Math.round(waitedMs / 1000)} s`;
  };
  const rounds = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      isWanted = false;
      await round();
      if (signal.aborted) return;
      onChange();
      if (!isWanted) return;
      await delay(QUIET_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const refresh = (): void => {
    isWanted = true;
    if (life.signal.aborted) return;
    running ??= rounds(life.signal)
      .catch((error: unknown) => {
        problem = errorMessage(error);
      })
      .finally(() => {
        running = undefined;
      });
  };
  const stop = async (): Promise<void> => {
    clearTimeout(retry);
    life.abort(new Error('the index is closed'));
    await running;
    await opening.close();
  };
  const find = async (query: string, k: number, signal: AbortSignal): Promise<VectorHit[]> => {
    const isLate = opening.current() === undefined;
    const made = await opening.open(signal);
    // There was no model or no server when the chunks changed.
    if (made !== undefined && isLate) refresh();
    if (made === undefined || made.db.count() === 0) return [];
    try {
      // Goes on when nobody waits any more: the next question finds the model loaded.
      const vector = await made.embedder.embedQuery(query, signal);
      questionProblem = undefined;
      return vector === undefined ? [] : await made.store.query(vector, k, { signal });
    } catch (error) {
      if (signal.aborted) return [];
      questionProblem = errorMessage(error);
      // While a round is on, it finds that out itself.
      if (running === undefined && (await opening.isOver(made, error, signal))) refresh();
      return [];
    }
  };
  return {
    refresh,
    async settled() {
      await running;
      await opening.current()?.store.settled();
    },
    async nearest(query, k, patienceMs, signal) {
      const found = find(query, k, life.signal).catch(() => []);
      const waited = await within(found, patienceMs, signal);
      signal?.throwIfAborted();
      const hits = waited.kind === 'done' ? waited.value : [];
      return hits.filter(({ score }) => score > 0);
    },
    setChat(next) {
      chat = next;
    },
    status() {
      const vectors = opening.current();
      if (vectors === undefined) return { unavailable: opening.reason() };
      const said = problemNow();
      try {
        return {
          ...vectors.status(),
          progress,
          problem: said,
          questionProblem,
        };
      } catch (error) {
        // A file that cannot be counted in.
        return { unavailable: errorMessage(error) };
      }
    },
    async release() {
      await stop();
      life = new AbortController();
    },
    close: stop,
  };
}
