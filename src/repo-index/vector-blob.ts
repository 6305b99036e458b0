/**
 * Vectors as SQLite keeps them: float32, little-endian, and how many.
 *
 * Invariants: a row that is not whole is no vector. Does not: know of tables.
 */

export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** Undefined: the row is broken. A blob may begin at any byte, a Float32Array may not: then it is copied. */
export function vectorOf(row: Record<string, unknown>): Float32Array | undefined {
  const data = row.data as Uint8Array;
  if (!(data instanceof Uint8Array) || data.length === 0 || data.length !== Number(row.dim) * 4)
    return undefined;
  const { buffer, byteOffset } = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Float32Array(buffer, byteOffset, data.length / 4);
}
