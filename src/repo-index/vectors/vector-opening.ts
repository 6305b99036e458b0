/**
 * The vectors that there are at this moment: opened when there is a model for them, given up when that model is removed or changes.
 *
 * Invariants: one is opened at a time; a server that had no model is asked again only after a while, or when that is asked for.
 */

import type { ModelServer } from '../../model/server.ts';
import { isDamage } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { Store } from '../store/store.ts';
import { EmbedError } from './embed-call.ts';
import { isInstalled } from './embed-models.ts';
import { createVectors, type Vectors, type VectorsOptions } from './vectors.ts';

export interface OpeningOptions extends Omit<VectorsOptions, 'db' | 'ollama'> {
  readonly ollama: ModelServer;
  /** The current store. */
  readonly store: () => Store;
  /** The store was found damaged. */
  readonly onDamage: () => void;
}

const ASK_AGAIN_MS = 30_000;
const NONE_MADE = 'there are no vectors yet: a session makes them, or `oagent index build`';

export class VectorOpening {
  readonly #options: OpeningOptions;
  readonly #isLocalOnly: boolean;
  #vectors: Vectors | undefined;
  #opening: Promise<Vectors | undefined> | undefined;
  #reason = 'the embedding model is being looked for';
  #triedAt = Number.NEGATIVE_INFINITY;
  #isPassing = true;

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#isLocalOnly = options.isLocalOnly ?? false;
  }

  get current(): Vectors | undefined {
    return this.#vectors;
  }

  /** Why there are none. */
  get reason(): string {
    return this.#reason;
  }

  /** There are none because something failed, or a model was removed; not because nobody has installed one. */
  get isPassing(): boolean {
    return this.#isPassing;
  }

  /** The vectors, opened if they are not; undefined where there are none. */
  open(signal: AbortSignal): Promise<Vectors | undefined> {
    if (this.#vectors !== undefined) return Promise.resolve(this.#vectors);
    if (this.#opening === undefined && performance.now() - this.#triedAt >= ASK_AGAIN_MS) {
      this.#opening = this.#begin(signal)
        .catch((error: unknown) => {
          this.#reason = errorMessage(error);
          this.#isPassing = true;
          if (isDamage(error)) this.#options.onDamage();
          return undefined;
        })
        .finally(() => {
          this.#opening = undefined;
        });
    }
    return this.#opening ?? Promise.resolve(undefined);
  }

  /** The next `open` asks the server, no matter when the last one did. */
  askAgain(): void {
    this.#triedAt = Number.NEGATIVE_INFINITY;
  }

  /** @returns whether these vectors are given up for this error: the model was removed, or is another one. */
  async isOver(made: Vectors, error: unknown, signal: AbortSignal): Promise<boolean> {
    if (!(error instanceof EmbedError) || (error.kind !== 'model_gone' && error.kind !== 'changed'))
      return false;
    // Those of an older model stay, for the day on which it is there again.
    const isUseless = error.kind === 'changed' && !this.#isLocalOnly && this.#vectors === made;
    if (isUseless && (await isInstalled(this.#options.ollama, made.embedder.model, signal))) made.db.clear();
    if (this.#vectors === made) await this.#drop(error.message);
    return true;
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#drop('the index is closed');
  }

  async #begin(signal: AbortSignal): Promise<Vectors | undefined> {
    this.#triedAt = performance.now();
    const store = this.#options.store();
    // Then the server need not be asked for anything.
    if (this.#isLocalOnly && store.sql('SELECT 1 FROM vectors LIMIT 1').get() === undefined) {
      this.#reason = NONE_MADE;
      return undefined;
    }
    const made = await createVectors({ ...this.#options, db: store.db }, signal);
    if ('unavailable' in made) {
      this.#reason = made.unavailable;
      this.#isPassing = made.isPassing ?? false;
      return undefined;
    }
    try {
      if (!this.#isLocalOnly) made.prune();
    } catch (error) {
      await made.close();
      throw error;
    }
    this.#vectors = made;
    this.#isPassing = true;
    return made;
  }

  async #drop(why: string): Promise<void> {
    const old = this.#vectors;
    this.#vectors = undefined;
    // Another model may be there instead.
    this.askAgain();
    this.#reason = why;
    await old?.close();
  }
}
