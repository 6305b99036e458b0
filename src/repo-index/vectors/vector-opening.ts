/**
 * The vectors that there are at this moment: opened when there is a model for them, given up when that model goes.
 *
 * Owns: when the embedding model is looked for, and what its going or changing means for what it has made. Invariants: one is opened
 * at a time; a server that had nothing is asked again only after a while, or when it is told to. Does not: embed or search.
 */

import type { OllamaClient } from '../../model/client.ts';
import { isDamage } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { Store } from '../store/store.ts';
import { EmbedError } from './embed-call.ts';
import { isInstalled } from './embed-models.ts';
import { createVectors, type Vectors, type VectorsOptions } from './vectors.ts';

export interface OpeningOptions extends Omit<VectorsOptions, 'db' | 'ollama'> {
  readonly ollama: OllamaClient;
  /** The store as it is now. */
  readonly store: () => Store;
  /** The store was found damaged. */
  readonly onDamage: () => void;
}

export interface Opening {
  readonly current: () => Vectors | undefined;
  /** The vectors, opened if they are not; undefined where there are none. */
  readonly open: (signal: AbortSignal) => Promise<Vectors | undefined>;
  /** The next `open` asks the server, however short ago the last did. */
  readonly askAgain: () => void;
  /** @returns whether these vectors are given up for this error: the model has gone, or is another one. */
  readonly isOver: (made: Vectors, error: unknown, signal: AbortSignal) => Promise<boolean>;
  /** Why there are none. */
  readonly reason: () => string;
  /** It was a failure, or one has gone that was there; not that nobody has installed a model. */
  readonly isPassing: () => boolean;
  readonly close: () => Promise<void>;
}

const ASK_AGAIN_MS = 30_000;
const NONE_MADE = 'there are no vectors yet: a session makes them, or `oagent index build`';

export function createOpening(options: OpeningOptions): Opening {
  const { ollama, isLocalOnly = false } = options;
  let vectors: Vectors | undefined;
  let opening: Promise<Vectors | undefined> | undefined;
  let reason = 'the embedding model is being looked for';
  let triedAt = Number.NEGATIVE_INFINITY;
  let isPassing = true;

  const begin = async (signal: AbortSignal): Promise<Vectors | undefined> => {
    triedAt = performance.now();
    const { db, sql } = options.store();
    // Then the server need not be asked for anything.
    if (isLocalOnly && sql('SELECT 1 FROM vectors LIMIT 1').get() === undefined) {
      reason = NONE_MADE;
      return undefined;
    }
    const made = await createVectors({ ...options, db }, signal);
    if ('unavailable' in made) {
      reason = made.unavailable;
      isPassing = made.isPassing ?? false;
      return undefined;
    }
    try {
      if (!isLocalOnly) made.prune();
    } catch (error) {
      await made.close();
      throw error;
    }
    vectors = made;
    isPassing = true;
    return made;
  };
  const drop = async (why: string): Promise<void> => {
    const old = vectors;
    vectors = undefined;
    // Another model may be there instead.
    triedAt = Number.NEGATIVE_INFINITY;
    reason = why;
    await old?.close();
  };
  return {
    current: () => vectors,
    open(signal) {
      if (vectors !== undefined) return Promise.resolve(vectors);
      if (opening === undefined && performance.now() - triedAt >= ASK_AGAIN_MS) {
        opening = begin(signal)
          .catch((error: unknown) => {
            reason = errorMessage(error);
            isPassing = true;
            if (isDamage(error)) options.onDamage();
            return undefined;
          })
          .finally(() => {
            opening = undefined;
          });
      }
      return opening ?? Promise.resolve(undefined);
    },
    askAgain() {
      triedAt = Number.NEGATIVE_INFINITY;
    },
    async isOver(made, error, signal) {
      if (!(error instanceof EmbedError) || error.kind === 'failed') return false;
      // Those of an older model stay, for the day on which it is there again.
      const isUseless = error.kind === 'changed' && !isLocalOnly && vectors === made;
      if (isUseless && (await isInstalled(ollama, made.embedder.model, signal))) made.db.clear();
      if (vectors === made) await drop(error.message);
      return true;
    },
    reason: () => reason,
    isPassing: () => isPassing,
    async close() {
      await opening;
      await drop('the index is closed');
    },
  };
}
