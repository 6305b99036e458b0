/** Which records the handbook is made of, and what of them is not in it yet. */
import type { Sqlite } from '../../system/sqlite.ts';
import { sha256 } from '../../text/uuid.ts';
import type { RecordRow } from '../store/schema.ts';

/** As much of a record as the handbook needs. */
export type SourceRecord = Pick<
  RecordRow,
  'thread' | 'source_updated' | 'cwd' | 'is_trusted' | 'slug' | 'raw'
>;

export interface Selection {
  readonly records: readonly SourceRecord[];
  /** Added or changed since they were merged, oldest first. */
  readonly pending: readonly SourceRecord[];
  /** Threads in the handbook whose record is not selected any more. */
  readonly removed: readonly string[];
  /** Changes when anything changes that the handbook is made of. */
  readonly mark: string;
}

const DAY_MS = 86_400_000;
const UNUSED_DAYS = 30;
const MOST_RECORDS = 256;

/** @param window tokens of the smallest window in use, which limits the summary. */
export function select(store: Sqlite, now: number, window: number): Selection {
  return store.transaction(() => {
    const records = selected(store, now);
    const merged = mergedMarks(store);
    const pending = records
      .filter((record) => merged.get(record.thread) !== markOf(record))
      .sort((a, b) => a.source_updated - b.source_updated || (a.thread < b.thread ? -1 : 1));
    const kept = new Set(records.map(({ thread }) => thread));
    const removed = [...merged.keys()].filter((thread) => !kept.has(thread));
    return { records, pending, removed, mark: inputMark(store, records, window) };
  });
}

/** What a record says, and for whom. */
export function markOf({ thread, source_updated, cwd, is_trusted, raw }: SourceRecord): string {
  return sha256(JSON.stringify([thread, source_updated, cwd, is_trusted, raw]));
}

function selected(store: Sqlite, now: number): readonly SourceRecord[] {
  return store
    .sql(
      `SELECT thread, source_updated, cwd, is_trusted, slug, raw FROM records
       WHERE trim(raw) <> '' AND coalesce(last_used, source_updated) >= ?
         AND thread NOT IN (SELECT what FROM forgotten)
         AND thread NOT IN (SELECT id FROM threads WHERE is_remembered = 0)
       ORDER BY used DESC, coalesce(last_used, source_updated) DESC, thread LIMIT ${MOST_RECORDS}`,
    )
    .all(now - UNUSED_DAYS * DAY_MS) as unknown as SourceRecord[];
}

function mergedMarks(store: Sqlite): ReadonlyMap<string, string> {
  const rows = store.sql('SELECT thread, mark FROM merged ORDER BY thread').all();
  return new Map(rows.map(({ thread, mark }) => [String(thread), String(mark)]));
}

function inputMark(store: Sqlite, records: readonly SourceRecord[], window: number): string {
  const forgotten = store.sql('SELECT what FROM forgotten ORDER BY what').all();
  const migrated = store.sql(`SELECT text, topic FROM entries WHERE threads = '[]' ORDER BY id`).all();
  const marks = records.map(markOf).sort();
  return sha256(JSON.stringify([window, marks, forgotten, migrated]));
}
