/** What the handbook loses: what was removed or forgotten, and what is beyond its limits. Runs within the transaction of its caller. */
import type { Sqlite } from '../../system/sqlite.ts';
import { allEntries, deleteEntry } from '../store/entries.ts';
import { forgottenTexts } from '../store/forgotten.ts';
import { usesOf } from '../store/uses.ts';
import { drop, dropUnsourced, withoutSource } from './handbook.ts';

const MOST_ENTRIES = 400;

/** Sessions whose records are gone take with them what no other session says. */
export function removeThreads(store: Sqlite, threads: readonly string[]): void {
  for (const thread of threads) {
    dropUnsourced(store, withoutSource(store, thread));
    store.sql('DELETE FROM merged WHERE thread = ?').run(thread);
  }
}

export function removeForgotten(store: Sqlite): void {
  const forgotten = forgottenTexts(store);
  for (const { id, text } of allEntries(store)) if (forgotten.has(text)) deleteEntry(store, id);
}

/** Those that were replaced go first, then the least used, the least important, the oldest. */
export function keepLimits(store: Sqlite): void {
  const entries = allEntries(store);
  const uses = usesOf(store);
  const order = entries.toSorted(
    (a, b) =>
      Number(a.replaced_by === null) - Number(b.replaced_by === null) ||
      uses(a) - uses(b) ||
      a.weight - b.weight ||
      a.dated - b.dated ||
      a.id - b.id,
  );
  for (const { id } of order.slice(0, Math.max(0, entries.length - MOST_ENTRIES))) drop(store, id);
}
