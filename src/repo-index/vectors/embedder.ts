/**
 * Texts to vectors of length 1, by one embedding model of the Ollama server, with the cache of vector-db.ts in front.
 *
 * Invariants: a cached text is never asked for; a call holds few texts and one call runs at a time, so that an interrupt loses little
 * and a chat waits for little; each answer is in the cache before the next call; a text that the model cannot take costs only itself.
 */
import { ModelError } from '../../model/errors.ts';
import { withRetries } from '../../model/retry.ts';
import { timeLimit } from '../../system/within.ts';
import { sha1 } from '../reading/read-file.ts';
import {
  askForVectors,
  type EmbedClient,
  type EmbedCounts,
  EmbedError,
  type EmbedProgress,
} from './embed-call.ts';
import { EmbedMemory, type MemoryOptions } from './embed-memory.ts';
import type { EmbedModel } from './embed-models.ts';
import type { CachedVector, VectorDb } from './vector-db.ts';

export interface EmbedderOptions extends MemoryOptions {
  readonly client: EmbedClient;
  readonly model: EmbedModel;
  readonly db: VectorDb;
  /** Texts a call. Default 16. */
  readonly batchSize?: number;
  /** How long one call may take; without a GPU a batch is slow. Default 120 s. */
  readonly timeoutMs?: number;
}

/** A question waits for the batch that is being embedded; a larger one is hardly faster. */
const BATCH = 16;
const TIMEOUT_MS = 120_000;
const QUERY_TIMEOUT_MS = 5000;

export class Embedder {
  readonly model: EmbedModel;
  readonly #options: EmbedderOptions;
  readonly #memory: EmbedMemory;
  readonly #counts = { cached: 0, embedded: 0, refused: 0, calls: 0, promptTokens: 0 };
  /** The last call, and whatever it waits for. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: EmbedderOptions) {
    this.model = options.model;
    this.#options = options;
    this.#memory = new EmbedMemory(options.client, options.model.name, options);
  }

  get counts(): EmbedCounts {
    return { ...this.#counts };
  }

  /** The key of the text in the cache. */
  shaOf(text: string): Uint8Array {
    return sha1(this.model.documentPrefix + text);
  }

  /**
   * The vectors of the texts, in their order; undefined for one that the model cannot take.
   *
   * @throws EmbedError; the signal's reason.
   */
  async embed(
    texts: readonly string[],
    signal: AbortSignal,
    onProgress: (progress: EmbedProgress) => void = () => undefined,
  ): Promise<(CachedVector | undefined)[]> {
    const results = new Map<string, CachedVector>();
    const wanted = new Map<string, string>();
    for (const text of texts) {
      const sha = this.shaOf(text);
      const vector = this.#options.db.cached(sha);
      if (vector) results.set(text, { sha, vector });
      else wanted.set(text, this.model.documentPrefix + text);
    }
    const missing = [...wanted.keys()];
    const cached = texts.filter((text) => results.has(text)).length;
    this.#counts.cached += cached;
    const startedAt = performance.now();
    let asked = 0;
    const report = (isPaused: boolean): void =>
      onProgress({
        done: texts.filter((text) => results.has(text)).length,
        total: texts.length,
        cached,
        rate: asked === 0 ? 0 : (asked * 1000) / (performance.now() - startedAt),
        isPaused,
      });
    const size = this.#options.batchSize ?? BATCH;
    for (let start = 0; start < missing.length; start += size) {
      const batch = missing.slice(start, start + size);
      await this.#memory.waitForTurn(signal, () => report(true));
      const vectors = await this.#ask(
        batch.map((text) => wanted.get(text) ?? text),
        signal,
      );
      const fresh = batch.flatMap((text, index) => {
        const vector = vectors[index];
        if (vector === undefined) return [];
        const entry = { sha: this.shaOf(text), vector };
        results.set(text, entry);
        return [entry];
      });
      this.#options.db.remember(fresh);
      asked += batch.length;
      this.#counts.embedded += fresh.length;
      this.#counts.refused += batch.length - fresh.length;
      report(false);
    }
    if (missing.length === 0) report(false);
    return texts.map((text) => results.get(text));
  }

  /**
   * The vector of a question. Undefined if asking would push the chat model out of memory: the search then is by
   * keywords.
   *
   * @throws EmbedError; the signal's reason.
   */
  async embedQuery(
    text: string,
    signal: AbortSignal,
    timeoutMs = QUERY_TIMEOUT_MS,
  ): Promise<Float32Array | undefined> {
    const limited = timeLimit(timeoutMs, signal);
    try {
      if (!(await this.#memory.mayAsk(limited))) return undefined;
      const [vector] = await this.#ask([this.model.queryPrefix + text], limited);
      return vector;
    } catch (error) {
      signal.throwIfAborted();
      if (limited.aborted)
        throw new EmbedError('failed', `${this.model.name} did not answer in ${timeoutMs} ms`);
      throw error;
    }
  }

  /** One call after another. */
  #ask(inputs: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]> {
    const mine = this.#queue.then(() => this.#askBisecting(inputs, signal));
    this.#queue = mine.catch(() => undefined);
    return mine;
  }

  /** One text that the server refuses fails the whole call: the halves are asked separately. */
  async #askBisecting(inputs: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]> {
    try {
      return await this.#askOnce(inputs, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof ModelError)) throw error;
      if (error.status === 404 || error.status === 501) {
        throw new EmbedError('model_gone', `${this.model.name}: ${error.message}`);
      }
      // Without a status nobody answered: its halves would not do better.
      if (error.status === undefined) throw new EmbedError('failed', error.message);
      if (inputs.length === 1) return this.#askShorter(inputs[0] ?? '', error, signal);
      const middle = Math.ceil(inputs.length / 2);
      const first = await this.#askBisecting(inputs.slice(0, middle), signal);
      return [...first, ...(await this.#askBisecting(inputs.slice(middle), signal))];
    }
  }

  /** A single text that is refused may be too long for a server that does not cut it; its first half still says much of it. */
  async #askShorter(
    input: string,
    error: ModelError,
    signal: AbortSignal,
  ): Promise<[Float32Array | undefined]> {
    // A server that fails at everything is not the text's fault.
    if (!(await this.#canEmbedAtAll(signal))) throw new EmbedError('failed', error.message);
    try {
      const [vector] = await this.#askOnce(
        [input.slice(0, Math.ceil(input.length / 2)).toWellFormed()],
        signal,
      );
      return [vector];
    } catch (second) {
      if (signal.aborted || !(second instanceof ModelError)) throw second;
      return [undefined];
    }
  }

  async #canEmbedAtAll(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#askOnce(['text'], signal);
      return true;
    } catch (error) {
      if (signal.aborted || error instanceof EmbedError) throw error;
      return false;
    }
  }

  async #askOnce(inputs: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const { client, timeoutMs = TIMEOUT_MS, db } = this.#options;
    const { vectors, promptTokens } = await withRetries(
      () => {
        this.#counts.calls += 1;
        return askForVectors(client, this.model.name, inputs, this.#memory.keepAlive, timeoutMs, signal);
      },
      () => undefined,
      signal,
    );
    this.#counts.promptTokens += promptTokens;
    // If this fails, the next call is another chance.
    await this.#memory.learn(signal).catch(() => signal.throwIfAborted());
    const known = db.dimensions() ?? vectors[0]?.length;
    const other = vectors.find((vector) => vector.length !== known);
    if (other) {
      throw new EmbedError(
        'changed',
        `${this.model.name} now returns ${other.length} dimensions, not ${known}`,
      );
    }
    return vectors;
  }
}
