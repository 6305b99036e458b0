/** What a turn was given of earlier sessions: what is used is kept longer. */
import type { Sqlite } from '../../system/sqlite.ts';

/** @param now milliseconds of the epoch. */
export function countUses(store: Sqlite, threads: readonly string[], now: number): void {
  const count = store.sql(
    'UPDATE records SET used = used + 1, last_used = max(coalesce(last_used, 0), ?) WHERE thread = ?',
  );
  store.transaction(() => {
    for (const thread of new Set(threads)) count.run(now, thread);
  });
}
