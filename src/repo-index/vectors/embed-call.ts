/**
 * One POST /api/embed, and what comes of it: the request, the check of every number of the answer, the errors.
 *
 * Invariants: as many vectors as texts, all of one length above zero, finite, and scaled to length 1. Nothing is tried again here
 * (embedder.ts).
 */

import { ModelError } from '../../model/errors.ts';
import type { ModelServer } from '../../model/server.ts';

export type EmbedClient = Pick<ModelServer, 'embed' | 'running'>;

export interface EmbedAnswer {
  readonly vectors: Float32Array[];
  readonly promptTokens: number;
}

/** @throws ModelError, even for an answer with status 200 that makes no sense. */
export async function askForVectors(
  client: Pick<EmbedClient, 'embed'>,
  model: string,
  input: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<EmbedAnswer> {
  const request = {
    model,
    input: input.map((text) => text.toWellFormed()),
    truncate: false,
  };
  const answer = await client.embed(request, timeoutMs, signal);
  const rows = answer.embeddings;
  if (!Array.isArray(rows) || rows.length !== input.length) {
    const got = Array.isArray(rows) ? rows.length : 'no';
    throw new ModelError(`${model} returned ${got} vectors for ${input.length} texts`, 'fail');
  }
  const vectors = rows.map((row: unknown) => vectorIn(row, model));
  const promptTokens = typeof answer.prompt_eval_count === 'number' ? answer.prompt_eval_count : 0;
  return { vectors, promptTokens };
}

/** A vector without a direction counts as an error of its text, as if the server had refused it. */
const BAD_VECTOR = { status: 422 };

function vectorIn(row: unknown, model: string): Float32Array {
  if (!Array.isArray(row) || row.length === 0) {
    throw new ModelError(`${model} returned something other than a vector`, 'fail', BAD_VECTOR);
  }
  const vector = Float32Array.from(row, (value: unknown) => (typeof value === 'number' ? value : Number.NaN));
  const unit = normalised(vector);
  if (unit === undefined) {
    throw new ModelError(`${model} returned a vector without a direction`, 'fail', BAD_VECTOR);
  }
  return unit;
}

/** The same direction with length 1; undefined if it has none. In place. */
export function normalised(vector: Float32Array): Float32Array | undefined {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (!Number.isFinite(length) || length === 0) return undefined;
  for (let i = 0; i < vector.length; i += 1) vector[i] = (vector[i] ?? 0) / length;
  return vector;
}

/** How far a call is. `rate`: texts a second, of those that the model was asked for. */
export interface EmbedProgress {
  readonly done: number;
  readonly total: number;
  readonly cached: number;
  readonly rate: number;
  /** What it waits for: another model has the server's memory. */
  readonly paused?: string;
}

/** Since the embedder was made. */
export interface EmbedCounts {
  readonly cached: number;
  readonly embedded: number;
  /** Texts that the model could not take. */
  readonly refused: number;
  readonly calls: number;
  readonly promptTokens: number;
}

/**
 * - `model_gone`: the server does not have the model any more, or it cannot embed.
 * - `changed`: its vectors have other dimensions than those in the cache, so its weights are different ones.
 * - `failed`: the server failed, even when asked again.
 * - `paused`: another model has the server's memory.
 * After the first two the vectors have to be opened again (vector-opening.ts).
 */
export class EmbedError extends Error {
  override readonly name = 'EmbedError';
  readonly kind: 'model_gone' | 'changed' | 'failed' | 'paused';

  constructor(kind: EmbedError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
