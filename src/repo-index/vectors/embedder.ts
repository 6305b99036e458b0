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
  normalised,
} from './embed-call.ts';
import { EmbedMemory, type MemoryOptions } from './embed-memory.ts';
import type { EmbedModel } from './embed-models.ts';
import type { CachedVector, VectorDb } from './vector-db.ts';

export interface EmbedderOptions extends MemoryOptions {
  readonly client: EmbedClient;
  readonly model: EmbedModel;
  readonly db: VectorDb;
  /** Texts a call. Default: as many as take two seconds, at most 16. */
  readonly batchSize?: number;
  /** How long one call may take; without a GPU a batch is slow. Default 120 s. */
  readonly timeoutMs?: number;
}

/** A question waits for the batch that is being embedded, and so does a chat model that has to be loaded. A larger one is hardly faster. */
const BATCH = 16;
const FIRST_BATCH = 4;
const CALL_MS = 2_000;
/** A token of code has at least so many characters in nearly every text: a shorter text fits into the window. */
const CHARS_PER_TOKEN = 2;
/** A text is halved so often, and no further. */
const MOST_HALVINGS = 4;
const TIMEOUT_MS = 120_000;
const QUERY_TIMEOUT_MS = 5000;

export class Embedder {
  readonly model: EmbedModel;
  readonly #options: EmbedderOptions;
  readonly #memory: EmbedMemory;
  readonly #counts = { cached: 0, embedded: 0, refused: 0, calls: 0, promptTokens: 0 };
  /** The last call, and whatever it waits for. */
  #queue: Promise<unknown> = Promise.resolve();
  #batch = FIRST_BATCH;

  constructor(options: EmbedderOptions) {
    this.model = options.model;
    this.#options = options;
    this.#memory = new EmbedMemory(options.client, options.model.name, options.db, options);
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
    const report = (paused?: string): void =>
      onProgress({
        done: texts.filter((text) => results.has(text)).length,
        total: texts.length,
        cached,
        rate: asked === 0 ? 0 : (asked * 1000) / (performance.now() - startedAt),
        paused,
      });
    for (let start = 0; start < missing.length; ) {
      const batch = this.#batchFrom(missing, start);
      await this.#memory.waitForTurn(signal, report);
      const vectors = await this.#ask(
        batch.map((text) => wanted.get(text) ?? text),
        signal,
      );
      // The chat has begun while it waited for its turn.
      if (typeof vectors === 'string') continue;
      const fresh = batch.flatMap((text, index) => {
        const vector = vectors[index];
        if (vector === undefined) return [];
        const entry = { sha: this.shaOf(text), vector };
        results.set(text, entry);
        return [entry];
      });
      this.#options.db.remember(fresh);
      start += batch.length;
      asked += batch.length;
      this.#counts.embedded += fresh.length;
      this.#counts.refused += batch.length - fresh.length;
      report();
    }
    if (missing.length === 0) report();
    return texts.map((text) => results.get(text));
  }

  /**
   * Vectors of texts that are no chunks, without the cache and without waiting for a turn; undefined for one that the model cannot take.
   *
   * @throws EmbedError, `paused` if asking could push another model out of memory; the signal's reason.
   */
  async embedNow(texts: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]> {
    const inputs = texts.map((text) => this.model.documentPrefix + text);
    const results: (Float32Array | undefined)[] = [];
    while (results.length < inputs.length)
      results.push(...(await this.#askNow(this.#batchFrom(inputs, results.length), signal)));
    return results;
  }

  /**
   * The vector of a question; undefined if the model cannot take it.
   *
   * @throws EmbedError, `paused` if asking could push another model out of memory; the signal's reason.
   */
  async embedQuery(
    text: string,
    signal: AbortSignal,
    timeoutMs = QUERY_TIMEOUT_MS,
  ): Promise<Float32Array | undefined> {
    const limited = timeLimit(timeoutMs, signal);
    try {
      return (await this.#askNow([this.model.queryPrefix + text], limited))[0];
    } catch (error) {
      signal.throwIfAborted();
      if (limited.aborted)
        throw new EmbedError('failed', `${this.model.name} did not answer in ${timeoutMs} ms`);
      throw error;
    }
  }

  /** The next texts for one call. One that may be too long is asked alone: it would fail the others. */
  #batchFrom(texts: readonly string[], start: number): readonly string[] {
    const batch = texts.slice(start, start + (this.#options.batchSize ?? this.#batch));
    const long = batch.findIndex((text) => text.length > this.model.window * CHARS_PER_TOKEN);
    return long < 0 ? batch : batch.slice(0, Math.max(1, long));
  }

  async #askNow(inputs: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]> {
    const vectors = await this.#ask(inputs, signal);
    if (typeof vectors === 'string') throw new EmbedError('paused', vectors);
    return vectors;
  }

  /** One call after another. @returns a text: why nothing may be asked now. */
  #ask(inputs: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[] | string> {
    const mine = this.#queue.then(async () => {
      const obstacle = await this.#memory.obstacle(signal);
      if (obstacle !== undefined) return obstacle;
      const startedAt = performance.now();
      const vectors = await this.#askBisecting(inputs, signal);
      const msPerText = (performance.now() - startedAt) / inputs.length;
      this.#batch = Math.max(1, Math.min(BATCH, Math.floor(CALL_MS / msPerText)));
      return vectors;
    });
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
      if (inputs.length === 1) return this.#askParts(inputs[0] ?? '', error, signal);
      const middle = Math.ceil(inputs.length / 2);
      const first = await this.#askBisecting(inputs.slice(0, middle), signal);
      return [...first, ...(await this.#askBisecting(inputs.slice(middle), signal))];
    }
  }

  /** A single text that is refused is most likely too long: its vector is the mean of those of its parts. */
  async #askParts(
    input: string,
    error: ModelError,
    signal: AbortSignal,
  ): Promise<[Float32Array | undefined]> {
    // A server that fails at everything is not the text's fault.
    if (!(await this.#canEmbedAtAll(signal))) throw new EmbedError('failed', error.message);
    const { documentPrefix, queryPrefix } = this.model;
    const prefix = [documentPrefix, queryPrefix].find((start) => input.startsWith(start)) ?? '';
    return [meanOf(await this.#askHalves(prefix, input.slice(prefix.length), MOST_HALVINGS, signal))];
  }

  /** The parts of the text that the model can take. */
  async #askHalves(prefix: string, text: string, halvings: number, signal: AbortSignal): Promise<Part[]> {
    const parts: Part[] = [];
    for (const half of halvings === 0 ? [] : halves(text)) {
      try {
        for (const vector of await this.#askOnce([prefix + half], signal))
          parts.push({ vector, size: half.length });
      } catch (error) {
        if (signal.aborted || !(error instanceof ModelError) || error.status === undefined) throw error;
        parts.push(...(await this.#askHalves(prefix, half, halvings - 1, signal)));
      }
    }
    return parts;
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
        return askForVectors(client, this.model.name, inputs, timeoutMs, signal);
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

interface Part {
  readonly vector: Float32Array;
  readonly size: number;
}

/** Cut at the line end nearest to the middle, if there is one near. */
function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  const ends = [text.lastIndexOf('\n', middle - 1), text.indexOf('\n', middle - 1)];
  const near = ends
    .map((end) => ({ at: end + 1, distance: Math.abs(end + 1 - middle) }))
    .filter(({ at, distance }) => at > 0 && distance < middle / 2)
    .sort((a, b) => a.distance - b.distance);
  const at = near[0]?.at ?? middle;
  return [text.slice(0, at), text.slice(at)]
    .map((half) => half.toWellFormed())
    .filter((half) => half.trim() !== '');
}

/** A longer part counts more. */
function meanOf(parts: readonly Part[]): Float32Array | undefined {
  const mean = new Float32Array(parts[0]?.vector.length ?? 0);
  for (const { vector, size } of parts)
    for (const [at, value] of vector.entries()) mean[at] = (mean[at] ?? 0) + value * size;
  return normalised(mean);
}
