/** Ids, and the few uses of node:crypto, which is loaded on first use. */
import type { Hash } from 'node:crypto';

/**
 * UUID version 7 (RFC 9562), for threads and turns: they sort by the time they were made.
 * @param now milliseconds since the epoch.
 */
export function uuidv7(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** `bytes` random bytes. */
export function randomBytes(bytes: number): Buffer {
  return process.getBuiltinModule('node:crypto').randomBytes(bytes);
}

/** SHA-256 in base64. */
export function sha256(text: string): string {
  const hash: Hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(text).digest('base64');
}

/** Names `prefix1`, `prefix2` and so on. @param last the number of the last one given, 0 if none. */
export function counter(prefix: string, last: number): () => string {
  let number = last;
  return () => {
    number += 1;
    return `${prefix}${number}`;
  };
}
