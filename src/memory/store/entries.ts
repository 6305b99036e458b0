/** The lines of the handbook. */
import type { Sqlite } from '../../system/sqlite.ts';
import { forgottenTexts } from './forgotten.ts';
import type { EntryRow } from './schema.ts';

const COLUMNS = 'id, topic, kind, text, project, is_trusted, weight, threads, dated, replaced_by';

const PUT = `INSERT INTO entries (topic, kind, text, project, is_trusted, weight, threads, dated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** An entry before it has an id; `threads` oldest first. */
export type NewEntry = Omit<EntryRow, 'id' | 'threads' | 'replaced_by'> & {
  readonly threads: readonly string[];
};

/** @returns its id; undefined: the user has forgotten this. */
export function addEntry(store: Sqlite, entry: NewEntry): number | undefined {
  return store.transaction(() => {
    if (forgottenTexts(store).has(entry.text)) return undefined;
    const { topic, kind, text, project, is_trusted, weight, threads, dated } = entry;
    return Number(
      store.sql(PUT).run(topic, kind, text, project, is_trusted, weight, JSON.stringify(threads), dated)
        .lastInsertRowid,
    );
  });
}

export function entryOf(store: Sqlite, id: number): EntryRow | undefined {
  return store.sql(`SELECT ${COLUMNS} FROM entries WHERE id = ?`).get(id) as unknown as EntryRow | undefined;
}

/** In the order in which they were added, those that were replaced too. */
export function allEntries(store: Sqlite): EntryRow[] {
  return store.sql(`SELECT ${COLUMNS} FROM entries ORDER BY id`).all() as unknown as EntryRow[];
}

/** Those that hold. */
export function currentEntries(store: Sqlite): EntryRow[] {
  return allEntries(store).filter(({ replaced_by: by }) => by === null);
}

/** The ids of sessions, oldest first. A file that was changed by hand may hold anything. */
export function threadsOf({ threads }: Pick<EntryRow, 'threads'>): string[] {
  try {
    const value: unknown = JSON.parse(threads);
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Deletes an entry and those that it has replaced: they must not hold again. @returns what was deleted. */
export function deleteEntry(store: Sqlite, id: number): EntryRow[] {
  return store.transaction(() => {
    const deleted: EntryRow[] = [];
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const entry = entryOf(store, next);
      if (entry === undefined || deleted.some((one) => one.id === next)) continue;
      deleted.push(entry);
      const older = store.sql('SELECT id FROM entries WHERE replaced_by = ?').all(next);
      open.push(...older.map((row) => Number(row.id)));
    }
    const drop = store.sql('DELETE FROM entries WHERE id = ?');
    for (const entry of deleted.toReversed()) drop.run(entry.id);
    return deleted;
  });
}
