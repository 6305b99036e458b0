/** All that can be recalled, from the database and from the user's notes. */
import type { Sqlite } from '../../system/sqlite.ts';
import type { MemoryFolder } from '../folder.ts';
import { allNotes, type Note } from '../manage/notes.ts';
import { oneLine, withoutEndTags } from '../render/text.ts';
import { currentEntries, threadsOf } from '../store/entries.ts';
import { forgottenTexts } from '../store/forgotten.ts';
import { allRecords } from '../store/records.ts';
import type { EntryKind, EntryRow, RecordRow } from '../store/schema.ts';
import type { Rankable } from './rank.ts';

export interface Memory extends Rankable {
  /** Where it was learnt, or what it is about; absolute. Empty: all projects. */
  readonly folder: string;
  readonly kind: EntryKind | undefined;
  /** Milliseconds of the epoch. */
  readonly dated: number;
  readonly isTrusted: boolean;
  /** Sessions that it is from; none: a note. */
  readonly threads: readonly string[];
  /** Of a note: its file. */
  readonly note?: string;
  /** What is recalled: a part of a short text brings all of it. */
  readonly shown: string;
}

/** A longer text of a session or a note is cut here, between its lines where it can be. */
const MOST_CHARS = 400;

/** Best known first: of two that say the same, the first one is taken. */
export function memoriesOf(store: Sqlite | undefined, folder: Pick<MemoryFolder, 'notes'>): Memory[] {
  const written = allNotes(folder).flatMap(ofNote);
  if (store === undefined) return written;
  const forgotten = forgottenTexts(store);
  const learnt = [...currentEntries(store).map(ofEntry), ...allRecords(store).flatMap(ofRecord)];
  return [...written, ...learnt.filter(({ text }) => !forgotten.has(text))];
}

function ofEntry(entry: EntryRow): Memory {
  const { id, topic, text, project, kind, dated, is_trusted } = entry;
  return {
    head: topic,
    text: toldLine(text),
    source: `entry ${id}`,
    folder: project,
    kind,
    dated,
    isTrusted: is_trusted === 1,
    threads: threadsOf(entry),
    shown: toldLine(text),
  };
}

function ofRecord({ thread, slug, summary, cwd, source_updated, is_trusted }: RecordRow): Memory[] {
  return partsOf(summary).map(({ text, shown }) => ({
    head: toldLine(slug),
    text,
    shown: slug === '' ? shown : `${toldLine(slug)}: ${shown}`,
    source: `session ${thread}`,
    folder: cwd,
    kind: undefined,
    dated: source_updated,
    isTrusted: is_trusted === 1,
    threads: [thread],
  }));
}

function ofNote({ name, text, dated }: Note): Memory[] {
  return partsOf(text).map((part) => ({
    head: '',
    ...part,
    source: `note ${name}`,
    folder: '',
    kind: undefined,
    dated,
    isTrusted: true,
    threads: [],
    note: name,
  }));
}

interface Part {
  readonly text: string;
  readonly shown: string;
}

/** Points of a list and paragraphs, each on one line. */
function partsOf(text: string): Part[] {
  const parts: string[] = [];
  let open = '';
  const close = (): void => {
    if (open !== '') parts.push(open);
    open = '';
  };
  for (const raw of text.split(/\r\n?|\n/)) {
    const line = toldLine(raw);
    if (line === '' || BULLET.test(line) || open.length + line.length > MOST_CHARS) close();
    const said = line.replace(BULLET, '');
    open = open === '' ? said : `${open} ${said}`;
  }
  close();
  const all = parts.join(' ');
  return parts.map((part) => ({
    text: part,
    shown: all.length <= MOST_CHARS ? all : cut(part),
  }));
}

/** Signs of a list or a heading. */
const BULLET = /^(?:[-*+•]|\d{1,3}[.)]|#{1,6}|[-=_*]{3,}$)\s*(?=\s|$)\s*/;

function cut(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS).toWellFormed()}…`;
}

/** Without what nobody sees, and without an end of what it is told in. */
export function toldLine(text: string): string {
  return withoutEndTags(oneLine(text));
}
