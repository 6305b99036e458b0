/**
 * The entries as the consolidation changes them: sessions come and go, newer lines replace older ones. Everything here runs within the
 * transaction of its caller.
 *
 * Invariant: which of two lines that contradict each other applies is decided by their dates, not by the order in which they come.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import { allEntries, entryOf, replaceEntry, threadsOf } from '../store/entries.ts';
import type { EntryRow } from '../store/schema.ts';

/** A session that says a line, and when it was last updated. */
export interface Source {
  readonly thread: string;
  readonly dated: number;
}

/** Another session says it, too. One that says it after it was replaced brings it back. */
export function confirm(store: Sqlite, id: number, { thread, dated }: Source, weight: number): void {
  const entry = entryOf(store, id);
  if (entry === undefined) return;
  const threads = byAge(store, [...threadsOf(entry).filter((one) => one !== thread), thread]);
  store
    .sql('UPDATE entries SET threads = ?, dated = max(dated, ?), weight = max(weight, ?) WHERE id = ?')
    .run(JSON.stringify(threads), dated, weight, id);
  const successor = entry.replaced_by === null ? undefined : entryOf(store, entry.replaced_by);
  if (successor === undefined || dated <= successor.dated) return;
  setReplacedBy(store, id, successor.replaced_by);
  replaceEntry(store, successor.id, id);
}

/** Two lines contradict each other: the newer one applies, of two that are equally old the one that comes later. */
export function contradict(store: Sqlite, id: number, other: number): void {
  const [one, two] = [entryOf(store, id), entryOf(store, other)];
  if (one === undefined || two === undefined) return;
  const [older, newer] = one.dated >= two.dated ? [two, one] : [one, two];
  if (older.replaced_by === null) replaceEntry(store, older.id, newer.id);
}

/** @returns the entries that it was a source of; their dates are those of the sessions that are left. */
export function withoutSource(store: Sqlite, thread: string): readonly number[] {
  const touched = allEntries(store).filter((entry) => threadsOf(entry).includes(thread));
  for (const entry of touched) {
    const rest = threadsOf(entry).filter((one) => one !== thread);
    const dates = rest.flatMap((one) => dateOf(store, one) ?? []);
    store
      .sql('UPDATE entries SET threads = ?, dated = ? WHERE id = ?')
      .run(JSON.stringify(rest), dates.length === 0 ? entry.dated : Math.max(...dates), entry.id);
  }
  return touched.map(({ id }) => id);
}

/** Deletes those of `ids` that no session says any more. */
export function dropUnsourced(store: Sqlite, ids: readonly number[]): void {
  for (const id of ids) {
    const entry = entryOf(store, id);
    if (entry !== undefined && threadsOf(entry).length === 0) drop(store, entry);
  }
}

/** What it had replaced is replaced by whatever replaces it, or applies again. */
export function drop(store: Sqlite, { id, replaced_by }: EntryRow): void {
  store.sql('UPDATE entries SET replaced_by = ? WHERE replaced_by = ?').run(replaced_by, id);
  store.sql('DELETE FROM entries WHERE id = ?').run(id);
}

function setReplacedBy(store: Sqlite, id: number, by: number | null): void {
  store.sql('UPDATE entries SET replaced_by = ? WHERE id = ?').run(by, id);
}

function dateOf(store: Sqlite, thread: string): number | undefined {
  const row = store.sql('SELECT source_updated AS at FROM records WHERE thread = ?').get(thread);
  return row === undefined ? undefined : Number(row.at);
}

function byAge(store: Sqlite, threads: readonly string[]): readonly string[] {
  const age = new Map(threads.map((thread) => [thread, dateOf(store, thread) ?? 0]));
  return [...threads].sort((a, b) => (age.get(a) ?? 0) - (age.get(b) ?? 0) || (a < b ? -1 : 1));
}
