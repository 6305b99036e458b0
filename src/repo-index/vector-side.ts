/**
 * The vectors of an index at work: made behind the keywords, asked beside them, and never waited for longer than the asker wants.
 *
 * Owns: when the embedding model is looked for, when chunks are embedded, what happens when the model goes or changes. Invariants:
 * one process at a time embeds for an index; without a model, a server or an
 * answer in time a search has no vectors and the status says why. Does not: search by words, or index.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OllamaClient } from '../model/client.ts';
import type { Endpoint } from '../model/transport.ts';
import { errorMessage } from '../text/error-message.ts';
import { chunkSource } from './chunk-source.ts';
import { isInstalled } from './embed-models.ts';
import { EmbedError, type EmbedProgress } from './embed-types.ts';
import { takeLease } from './lease.ts';
import { isDamage, type Store } from './store.ts';
import type { VectorHit } from './vector-store.ts';
import { syncVectors } from './vector-sync.ts';
import { createVectors, repositoryKey, type VectorConfig, type Vectors } from './vectors.ts';
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

/** After a failure the server is left alone for so long, and twice as long after the next; a question may ask it once in a while. */
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 300_000;
const ASK_AGAIN_MS = 30_000;
const NONE_MADE = 'there are no vectors yet: a session makes them, or `oagent index build`';
/** Between two rounds: somebody who saves file after file is not followed step by step. */
const QUIET_MS = 1_000;

export function createVectorSide(options: VectorSideOptions): VectorSide {
  const { root, folder, config, endpoint, purpose, onChange, isCurrent = () => true } = options;
  const ollama = new OllamaClient(endpoint);
  const owner = `${process.pid}-${process.hrtime.bigint()}`;
  let life = new AbortController();
  let chat: ChatState = { model: undefined, isBusy: false };
  let vectors: Vectors | undefined;
  let opening: Promise<Vectors | undefined> | undefined;
  let unavailable = 'the embedding model was not looked for yet';
  let triedAt = Number.NEGATIVE_INFINITY;
  let isWanted = false;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let pauseMs = FIRST_RETRY_MS;
  let progress: EmbedProgress | undefined;
  let problem: string | undefined;
  let questionProblem: string | undefined;
  let refused = new Set<string>();

  const open = async (signal: AbortSignal): Promise<Vectors | undefined> => {
    triedAt = performance.now();
    const { db, sql } = options.store();
    // Then the server need not be asked for anything.
    if (purpose === 'use' && sql('SELECT 1 FROM vectors LIMIT 1').get() === undefined) {
      unavailable = NONE_MADE;
      return undefined;
    }
    const made = await createVectors(
      {
        dataDir: folder,
        db,
        config,
        isLocalOnly: purpose === 'use',
        ollama,
        repositoryKey: repositoryKey(root),
        isCurrent,
        isChatBusy: () => chat.isBusy,
        chatModel: () => chat.model,
      },
      signal,
    );
    if ('unavailable' in made) {
      ({ unavailable } = made);
      return undefined;
    }
    try {
      if (purpose === 'make') made.prune();
    } catch (error) {
      await made.close();
      throw error;
    }
    refused = new Set();
    vectors = made;
    return made;
  };
  /** The vectors, or undefined where there are none; asked again only after a while. */
  const opened = (): Promise<Vectors | undefined> => {
    if (vectors !== undefined) return Promise.resolve(vectors);
    if (opening === undefined && performance.now() - triedAt >= ASK_AGAIN_MS) {
      opening = open(life.signal)
        .catch((error: unknown) => {
          unavailable = errorMessage(error);
          if (isDamage(error)) options.onUnusable?.(true);
          return undefined;
        })
        .finally(() => {
          opening = undefined;
        });
    }
    return opening ?? Promise.resolve(undefined);
  };
  /** The model that made them is not there any more: the next look may find another one. */
  const drop = async (reason: string): Promise<void> => {
    const old = vectors;
    vectors = undefined;
    triedAt = Number.NEGATIVE_INFINITY;
    unavailable = reason;
    await old?.close();
  };
  const later = (): void => {
    clearTimeout(retry);
    retry = setTimeout(() => {
      if (vectors === undefined) triedAt = Number.NEGATIVE_INFINITY;
      refresh();
    }, pauseMs).unref();
    pauseMs = Math.min(2 * pauseMs, LAST_RETRY_MS);
  };
  /** @returns whether the vectors were given up: the model has gone, or is another one. */
  const isOver = async (made: Vectors, error: unknown): Promise<boolean> => {
    if (!(error instanceof EmbedError) || error.kind === 'failed') return false;
    if (vectors !== made) return true;
    // Those of an older model stay, for the day on which it is there again.
    if (error.kind === 'changed' && purpose === 'make' && (await isInstalled(ollama, made.embedder.model)))
      made.db.clear();
    if (vectors === made) await drop(error.message);
    return true;
  };
  const embed = async (made: Vectors, signal: AbortSignal): Promise<void> => {
    const endLease = await takeLease(made.db, 'embedding', owner, signal);
    try {
      const source = chunkSource(root, options.store(), made.db.model);
      const missing = (): string[] => source.missing().filter((key) => !refused.has(key));
      const result = await syncVectors(made, { ...source, missing }, signal, (next) => {
        progress = next;
        if (!isCurrent()) options.onUnusable?.(false);
        onChange();
      });
      for (const key of result.refused) refused.add(key);
      problem = undefined;
    } finally {
      endLease();
    }
  };
  const round = async (): Promise<void> => {
    const { signal } = life;
    const made = await opened();
    if (purpose === 'use' || signal.aborted) return;
    if (made === undefined) return later();
    try {
      await embed(made, signal);
      pauseMs = FIRST_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (isDamage(error)) options.onUnusable?.(true);
      problem = (await isOver(made, error)) ? undefined : errorMessage(error);
      later();
    } finally {
      progress = undefined;
    }
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
    await opening;
    await running;
    await drop('the index is closed');
  };
  const find = async (query: string, k: number, signal: AbortSignal): Promise<VectorHit[]> => {
    const isLate = vectors === undefined;
    const made = await opened();
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
      if (running === undefined && (await isOver(made, error))) refresh();
      return [];
    }
  };
  return {
    refresh,
    async settled() {
      await running;
      await vectors?.store.settled();
    },
    async nearest(query, k, patienceMs, signal) {
      const over = new AbortController();
      const limited = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
      const tooLate = delay(patienceMs, [], { signal: limited, ref: false }).catch(() => []);
      const hits = await Promise.race([find(query, k, life.signal).catch(() => []), tooLate]);
      over.abort();
      signal?.throwIfAborted();
      return hits.filter(({ score }) => score > 0);
    },
    setChat(next) {
      chat = next;
    },
    status() {
      if (vectors === undefined) return { unavailable };
      try {
        return {
          ...vectors.status(),
          ...(progress === undefined ? {} : { progress }),
          ...(problem === undefined ? {} : { problem }),
          ...(questionProblem === undefined ? {} : { questionProblem }),
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
