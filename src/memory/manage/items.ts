/** What is remembered, as the user sees it: their notes, the lines of the handbook, the sessions that were read. */
import type { Sqlite } from '../../system/sqlite.ts';
import type { MemoryFolder } from '../folder.ts';
import { oneLine } from '../render/text.ts';
import { currentEntries, threadsOf } from '../store/entries.ts';
import { wordsOf } from '../store/forgotten.ts';
import { allRecords } from '../store/records.ts';
import type { EntryRow, RecordRow } from '../store/schema.ts';
import { allNotes, type Note } from './notes.ts';

export interface MemoryItem {
  readonly kind: 'note' | 'line' | 'session';
  /** By which it is shown and forgotten: the name of a note's file, the number of a line, the id of a session. */
  readonly id: string;
  /** In one line. */
  readonly text: string;
  /** Milliseconds of the epoch. */
  readonly dated: number;
  /** The project, or the folder of the session; empty: all. */
  readonly folder: string;
  readonly isTrusted: boolean;
  /** Sessions that taught it. */
  readonly threads: readonly string[];
  readonly topic?: string;
}

/** Notes first, then the lines, then the sessions; of each the newest first. */
export function memoryItems(store: Sqlite, folder: MemoryFolder): MemoryItem[] {
  const newest = (items: MemoryItem[]): MemoryItem[] => items.sort((a, b) => b.dated - a.dated);
  return [
    ...newest(allNotes(folder).map(ofNote)),
    ...newest(currentEntries(store).map(ofEntry)),
    ...allRecords(store).map(ofRecord),
  ];
}

function ofNote({ name, text, dated }: Note): MemoryItem {
  return { kind: 'note', id: name, text: oneLine(text), dated, folder: '', isTrusted: true, threads: [] };
}

function ofEntry(entry: EntryRow): MemoryItem {
  const { id, text, dated, project, is_trusted, topic } = entry;
  return {
    kind: 'line',
    id: String(id),
    text: oneLine(text),
    dated,
    folder: project,
    isTrusted: is_trusted === 1,
    threads: threadsOf(entry),
    topic,
  };
}

function ofRecord({ thread, slug, summary, source_updated, cwd, is_trusted }: RecordRow): MemoryItem {
  return {
    kind: 'session',
    id: thread,
    text: oneLine(slug) || oneLine(summary),
    dated: source_updated,
    folder: cwd,
    isTrusted: is_trusted === 1,
    threads: [thread],
  };
}

/** Shorter beginnings of an id could be words. */
const LEAST_ID = 8;

/**
 * What the user means: one by its id, a session by the beginning of one, or all with these words. A line that was taken from a session and is not
 * in the handbook is found by its words as well.
 */
export function itemsMeant(store: Sqlite, folder: MemoryFolder, what: string): MemoryItem[] {
  const items = memoryItems(store, folder);
  const wanted = what
    .trim()
    .replace(/^notes\//, '')
    .replace(/^rollout_summaries\/(.*)\.md$/, '$1');
  const named = items.filter(({ id }) => id.toLowerCase() === wanted.toLowerCase());
  if (named.length > 0) return named;
  const isBeginning = wanted.length >= LEAST_ID && /^[0-9a-f-]+$/i.test(wanted);
  const begun = items.filter(
    ({ kind, id }) => isBeginning && kind === 'session' && id.startsWith(wanted.toLowerCase()),
  );
  return begun.length > 0 ? begun : withWords([...items, ...looseLines(store)], wordsOf(what));
}

/** Lines of records; they are forgotten by their text. */
function looseLines(store: Sqlite): MemoryItem[] {
  return allRecords(store).flatMap((record) =>
    [record.raw, record.summary].flatMap((text) =>
      text
        .split('\n')
        .map((line): MemoryItem => ({ ...ofRecord(record), kind: 'line', id: '', text: oneLine(line) })),
    ),
  );
}

/** The words next to each other; if nothing has them so, all of them anywhere. What says the same counts once. */
function withWords(items: readonly MemoryItem[], words: string): MemoryItem[] {
  if (words === '') return [];
  const texts = items
    .filter(({ kind }) => kind !== 'session')
    .map((item) => ({ item, own: wordsOf(item.text) }));
  const exact = texts.filter(({ own }) => ` ${own} `.includes(` ${words} `));
  const all = words.split(' ');
  const found =
    exact.length > 0 ? exact : texts.filter(({ own }) => all.every((word) => own.split(' ').includes(word)));
  return [...new Map(found.toReversed().map(({ item, own }) => [own, item])).values()].toReversed();
}
