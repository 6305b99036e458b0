/**
 * Forgets what the user names, and keeps it from coming back: the line goes out of the handbook with those that it has replaced, out of what was
 * taken from the sessions, and is known again by its words.
 */
import type { Sqlite } from '../../system/sqlite.ts';
import type { MemoryFolder } from '../folder.ts';
import { markOf } from '../merge/selection.ts';
import { writeSkills } from '../merge/skills.ts';
import { removeForgotten, removeThreads } from '../merge/tidy.ts';
import { allEntries, deleteEntry } from '../store/entries.ts';
import { noteForgottenText, noteForgottenThread } from '../store/forgotten.ts';
import { allRecords, cleanRecords, deleteRecord } from '../store/records.ts';
import type { MemoryItem } from './items.ts';
import { deleteNote } from './notes.ts';

export interface Forgotten {
  /** Lines of the handbook that are gone. */
  readonly lines: readonly string[];
  readonly sessions: readonly string[];
  /** Files that were deleted. */
  readonly notes: readonly string[];
}

/** The caller writes the files afterwards. @param now milliseconds of the epoch. @throws a system error: nothing is forgotten then. */
export function forgetItems(
  store: Sqlite,
  folder: MemoryFolder,
  items: readonly MemoryItem[],
  now: number,
): Forgotten {
  return store.transaction(() => {
    const before = allEntries(store);
    const marks = marksOf(store);
    for (const item of items) forgetItem(store, item, now);
    cleanRecords(store);
    removeForgotten(store);
    keepMerged(store, marks);
    writeSkills(store);
    const left = new Set(allEntries(store).map(({ id }) => id));
    const notes = items.filter(({ kind }) => kind === 'note').map(({ id }) => id);
    // Last: what cannot be deleted undoes the rest.
    for (const name of notes) deleteNote(folder, name);
    return {
      lines: before.filter(({ id }) => !left.has(id)).map(({ text }) => text),
      sessions: items.filter(({ kind }) => kind === 'session').map(({ id }) => id),
      notes,
    };
  });
}

function forgetItem(store: Sqlite, { kind, id, text }: MemoryItem, now: number): void {
  switch (kind) {
    case 'session':
      noteForgottenThread(store, id, now);
      deleteRecord(store, id);
      store.sql('UPDATE threads SET is_remembered = 0 WHERE id = ?').run(id);
      return removeThreads(store, [id]);
    case 'line':
      for (const gone of id === '' ? [] : deleteEntry(store, Number(id)))
        noteForgottenText(store, gone.text, now);
      return noteForgottenText(store, text, now);
    case 'note':
      return noteForgottenText(store, text, now);
    default:
      return kind satisfies never;
  }
}

function marksOf(store: Sqlite): ReadonlyMap<string, string> {
  return new Map(allRecords(store).map((record) => [record.thread, markOf(record)]));
}

/** A record that has lost a line need not be merged again: nothing is new in it. */
function keepMerged(store: Sqlite, before: ReadonlyMap<string, string>): void {
  const set = store.sql('UPDATE merged SET mark = ? WHERE thread = ? AND mark = ?');
  for (const record of allRecords(store)) {
    const [old, mark] = [before.get(record.thread), markOf(record)];
    if (old !== undefined && old !== mark) set.run(mark, record.thread, old);
  }
}
