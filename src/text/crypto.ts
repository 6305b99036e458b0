/**
 * The two functions of node:crypto that the rooms need, loaded when they are first called.
 *
 * Importing node:crypto as a module evaluates all of it, Web Crypto included: 6 ms at every start.
 */
import type { Hash } from 'node:crypto';

/** `bytes` random bytes. */
export function randomBytes(bytes: number): Buffer {
  return process.getBuiltinModule('node:crypto').randomBytes(bytes);
}

/** SHA-256 in base64. */
export function sha256(text: string): string {
  const hash: Hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  return hash.update(text).digest('base64');
}
