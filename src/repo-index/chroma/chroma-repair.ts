/**
 * Makes what a Chroma server holds equal to the list of vector-db.ts, and finds out whether it is.
 *
 * A kill in the middle of a write can leave a collection unusable, or without vectors that it counts; then it is rebuilt
 * from the cache, without one new embedding. Invariant: a change is confirmed in the list only after the server
 * has taken it, so that all of this may be interrupted anywhere and started again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { VectorDb } from '../vectors/vector-db.ts';
import { VectorStoreError } from '../vectors/vector-store.ts';
import type { ChromaStore } from './chroma-store.ts';

const PAGE = 100;
/** Probes: each asks for a vector that must be there. */
const PROBES = 5;
/** A vector and itself, after rounding. */
const SAME = 1 - 1e-3;
/** Another oagent may be writing while we count. */
const COUNT_TRIES = 10;
const COUNT_PAUSE_MS = 100;

/**
 * Sends everything that the server is owed. The signal ends it between two writes, never in the middle of one.
 *
 * @throws VectorStoreError; the signal's reason.
 */
export async function settleDebts(db: VectorDb, store: ChromaStore, signal: AbortSignal): Promise<void> {
  const options = { signal: new AbortController().signal };
  for (;;) {
    signal.throwIfAborted();
    // Adds first: an entry of the cache that turns out to be broken becomes a delete.
    const items = db.owedAdds(PAGE);
    if (items.length > 0) {
      await store.upsert(items, options);
      db.added(items);
    }
    const ids = db.owedDeletes(PAGE);
    if (ids.length > 0) {
      await store.delete(ids, options);
      db.dropped(ids);
    }
    if (items.length === 0 && ids.length === 0) return;
  }
}

/** Whether the server has as many vectors as it should, and finds a sample of them. @throws VectorStoreError */
export async function isWhole(db: VectorDb, store: ChromaStore, signal: AbortSignal): Promise<boolean> {
  if (!(await hasSameCount(db, store, signal))) return false;
  for (const item of db.sample(PROBES)) {
    const [nearest] = await store.query(item.vector, 1, { signal });
    // Another id with the same text is as near.
    if (nearest === undefined || nearest.score < SAME) return false;
  }
  return true;
}

async function hasSameCount(db: VectorDb, store: ChromaStore, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const before = db.generation();
    const there = await store.count({ signal });
    if (there === db.count()) return true;
    const isQuiet = db.generation() === before && db.owed() === 0;
    if (isQuiet || attempt >= COUNT_TRIES) return false;
    await delay(COUNT_PAUSE_MS, undefined, { signal });
    if (db.owed() > 0) await settleDebts(db, store, signal);
  }
}

/** Empties the collection and fills it from the cache. */
export async function rebuild(db: VectorDb, store: ChromaStore, signal: AbortSignal): Promise<void> {
  await store.reset({ signal });
  db.oweAll();
  await settleDebts(db, store, signal);
}

/** Whether an error says that the collection is broken, not that the server is gone. */
export function isBroken(error: unknown): boolean {
  return error instanceof VectorStoreError && (error.fault === 'refused' || error.fault === 'missing');
}
