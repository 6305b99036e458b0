/** What a turn was given of earlier sessions: what is used is kept longer. */
import type { Sqlite } from '../../system/sqlite.ts';
import { threadsOf } from './entries.ts';
import type { EntryRow } from './schema.ts';

/** @param now milliseconds of the epoch. */
export function countUses(store: Sqlite, threads: readonly string[], now: number): void {
  const count = store.sql(
    'UPDATE records SET used = used + 1, last_used = max(coalesce(last_used, 0), ?) WHERE thread = ?',
  );
  store.transaction(() => {
    for (const thread of new Set(threads)) count.run(now, thread);
  });
}

/** How often sessions were given what the sources of an entry have taught. */
export function usesOf(store: Sqlite): (entry: EntryRow) => number {
  const rows = store.sql('SELECT thread, used FROM records').all();
  const used = new Map(rows.map((row) => [String(row.thread), Number(row.used)]));
  return (entry) => threadsOf(entry).reduce((sum, thread) => sum + (used.get(thread) ?? 0), 0);
}
