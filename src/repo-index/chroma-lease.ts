/**
 * The right to start, check and rebuild the Chroma server of an index: one oagent at a time has it.
 *
 * Invariants: it is renewed while it is held, so that it ends soon after a holder that cannot give it back; that of a process that is
 * no more is free at once. Does not: keep anybody from reading or writing vectors.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { VectorDb } from './vector-db.ts';

const LEASE_MS = 10_000;
const POLL_MS = 100;

/** Waits for the lease, and keeps it until the function it gives is called. @throws the signal's reason. */
export async function takeLease(db: VectorDb, owner: string, signal: AbortSignal): Promise<() => void> {
  while (!db.lease(owner, LEASE_MS, isAlive)) await delay(POLL_MS, undefined, { signal });
  const renewal = setInterval(() => {
    try {
      db.lease(owner, LEASE_MS, isAlive);
    } catch {
      // The file is busy or full; there is time for another renewal before the end.
    }
  }, LEASE_MS / 4);
  renewal.unref();
  return () => {
    clearInterval(renewal);
    db.endLease(owner);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
