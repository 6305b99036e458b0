/**
 * Rights that one oagent has at a time: to start, check and rebuild the Chroma server of an index; to embed for it.
 *
 * Invariants: a right is renewed while it is held, so that it ends soon after a holder that cannot give it back; that of a process that
 * has ended is free at once. Everybody may read and write vectors without one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { processExists } from '../../system/process-stat.ts';
import type { Right, VectorDb } from './vector-db.ts';

const LEASE_MS = 10_000;
/** How often a waiting process asks again. A server is ready soon, embedding can take hours. */
const POLL_MS: { readonly [right in Right]: number } = { server: 100, embedding: 2_000 };

/** Waits for the lease, and keeps it until the returned function is called. @throws the signal's reason. */
export async function takeLease(
  db: VectorDb,
  right: Right,
  owner: string,
  signal: AbortSignal,
): Promise<() => void> {
  while (!db.lease(right, owner, LEASE_MS, processExists)) await delay(POLL_MS[right], undefined, { signal });
  const renewal = setInterval(() => {
    try {
      db.lease(right, owner, LEASE_MS, processExists);
    } catch {
      // The file is busy or full; there is time for another renewal before the end.
    }
  }, LEASE_MS / 4);
  renewal.unref();
  return () => {
    clearInterval(renewal);
    try {
      db.endLease(right, owner);
    } catch {
      // As above: it ends by itself.
    }
  };
}
