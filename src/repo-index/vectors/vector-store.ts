/**
 * The interface of a store of vectors: ids, vectors, and the nearest of them.
 *
 * Invariants: vectors are of length 1, so that a score is the cosine; no text of the code goes in. Every call takes an
 * AbortSignal and ends within its time limit; a call that fails rejects with a VectorStoreError, or with the signal's
 * reason.
 */
/** A vector and the text it stands for, by the SHA-1 of that text: the key of the vector cache. */
export interface VectorItem {
  readonly id: string;
  readonly sha: Uint8Array;
  readonly vector: Float32Array;
}

/** `score` is the cosine, 1 for the same direction. */
export interface VectorHit {
  readonly id: string;
  readonly score: number;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Default: the store's own. */
  readonly timeoutMs?: number;
}

export interface VectorStore {
  /** Adds, or replaces what has the same id. */
  upsert(items: readonly VectorItem[], options: CallOptions): Promise<void>;
  /** Unknown ids are ignored. */
  delete(ids: readonly string[], options: CallOptions): Promise<void>;
  /** The `k` nearest, best first. */
  query(vector: Float32Array, k: number, options: CallOptions): Promise<VectorHit[]>;
  count(options: CallOptions): Promise<number>;
  close(): Promise<void>;
}

/**
 * - `gone`: nobody answers there.
 * - `timeout`: no answer in time.
 * - `missing`: the server knows no such collection.
 * - `refused`: it answered with an error.
 */
export type VectorStoreFault = 'gone' | 'timeout' | 'missing' | 'refused';

export class VectorStoreError extends Error {
  override readonly name = 'VectorStoreError';
  readonly fault: VectorStoreFault;

  constructor(fault: VectorStoreFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
