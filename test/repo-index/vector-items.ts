/** Made-up vectors, the same in every run and process. */
import type { VectorItem } from '../../src/repo-index/vectors/vector-store.ts';

/** Numbers between -1 and 1 that are the same in every run. */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 0x80000000 - 1;
  };
}

/** A vector of length 1. */
export function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

export function vectorFor(seed: number, dimensions = 16): Float32Array {
  const next = noise(seed * 7919 + 13);
  return unit(Array.from({ length: dimensions }, next));
}

export function item(number: number, dimensions = 16): VectorItem {
  const sha = new Uint8Array(20);
  new DataView(sha.buffer).setUint32(0, number);
  return { id: `id-${number}`, sha, vector: vectorFor(number, dimensions) };
}

export const items = (from: number, to: number, dimensions = 16): VectorItem[] =>
  Array.from({ length: to - from }, (_, index) => item(from + index, dimensions));

export const never = { signal: new AbortController().signal };
