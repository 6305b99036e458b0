/**
 * The entries as the consolidation changes them: sessions come and go, lines contradict each other. Everything here runs within the
 * transaction of its caller.
 *
 * Invariant: lines that contradict each other form one succession, each replaced by the next newer one, whatever the order in which
 * they came and whichever of them go. The newest applies.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import { allEntries, entryOf, threadsOf } from '../store/entries.ts';
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
  relink(store, successionOf(store, [id]));
}

/** Two lines contradict each other: the newer one applies; of two that are equally old the one that came later. */
export function contradict(store: Sqlite, id: number, other: number): void {
  relink(store, successionOf(store, [id, other]));
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
    relink(store, successionOf(store, [entry.id]));
  }
  return touched.map(({ id }) => id);
}

/** Deletes those of `ids` that no session says any more. */
export function dropUnsourced(store: Sqlite, ids: readonly number[]): void {
  for (const id of ids) {
    const entry = entryOf(store, id);
    if (entry !== undefined && threadsOf(entry).length === 0) drop(store, id);
  }
}

/** What it had replaced is replaced by whatever replaces it, or applies again. */
export function drop(store: Sqlite, id: number): void {
  const others = successionOf(store, [id]).filter((entry) => entry.id !== id);
  store.sql('UPDATE entries SET replaced_by = NULL WHERE id = ? OR replaced_by = ?').run(id, id);
  store.sql('DELETE FROM entries WHERE id = ?').run(id);
  relink(store, others);
}

/** All that contradicts these, directly or not; they themselves, too. */
function successionOf(store: Sqlite, ids: readonly number[]): readonly EntryRow[] {
  const entries = allEntries(store);
  const found = new Set(ids);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { id, replaced_by: by } of entries) {
      if (by === null || found.has(id) === found.has(by)) continue;
      found.add(id).add(by);
    }
  }
  return entries.filter(({ id }) => found.has(id));
}

function relink(store: Sqlite, entries: readonly EntryRow[]): void {
  const sorted = entries.toSorted((a, b) => a.dated - b.dated || a.id - b.id);
  for (const [at, { id, replaced_by: by }] of sorted.entries()) {
    const next = sorted[at + 1]?.id ?? null;
    if (by !== next) store.sql('UPDATE entries SET replaced_by = ? WHERE id = ?').run(next, id);
  }
}

function dateOf(store: Sqlite, thread: string): number | undefined {
  const row = store.sql('SELECT source_updated AS at FROM records WHERE thread = ?').get(thread);
  return row === undefined ? undefined : Number(row.at);
}

function byAge(store: Sqlite, threads: readonly string[]): readonly string[] {
  const age = new Map(threads.map((thread) => [thread, dateOf(store, thread) ?? 0]));
  return [...threads].sort((a, b) => (age.get(a) ?? 0) - (age.get(b) ?? 0) || (a < b ? -1 : 1));
}
