/**
 * What the parts of the embedding side share: what they ask of the server's client, what they report, how they fail.
 *
 * Does not: hold logic.
 */
import type { JsonObject } from '../protocol.ts';

/**
 * - `model_gone`: the server does not have the model any more, or it cannot embed.
 * - `changed`: its vectors have other dimensions than those in the cache: the weights are others.
 * - `failed`: the server failed, also when asked again.
 * After the first two the vectors must be made anew (createVectors).
 */
export class EmbedError extends Error {
  override readonly name = 'EmbedError';
  readonly kind: 'model_gone' | 'changed' | 'failed';

  constructor(kind: 'model_gone' | 'changed' | 'failed', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What of a call is done; rates are texts a second of those that the model was asked for. */
export interface EmbedProgress {
  readonly done: number;
  readonly total: number;
  readonly cached: number;
  readonly rate: number;
  /** It waits for the chat model to come to its end. */
  readonly isPaused: boolean;
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

export interface EmbedClient {
  get(path: string, signal: AbortSignal): Promise<JsonObject>;
  /** POST of a long task: no answer for `timeoutMs` is an error. */
  post(path: string, body: JsonObject, timeoutMs: number, signal: AbortSignal): Promise<JsonObject>;
}
