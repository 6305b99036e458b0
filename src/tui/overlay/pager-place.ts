/**
 * Places in a long text that is wrapped only where it is looked at.
 *
 * Invariants: moving by n rows wraps the lines passed and no others; a place outside of the text becomes the nearest
 * one inside; empty sections are skipped.
 */
import { breakRows } from '../lines/wrap.ts';

/** A part of the text that is built as a whole, an item of the conversation. */
export interface PagerSection {
  /** Logical lines, styled; the same array whenever it is asked for. */
  readonly lines: () => readonly string[];
  /** Roughly how long it is, for the position in percent. */
  readonly weight: number;
  /** The item's id if it is a message of the user. */
  readonly messageId?: string;
}

export interface PagerSource {
  readonly title: string;
  readonly sections: readonly PagerSection[];
  /** A line without its styles, for the search. */
  readonly textOf: (line: string) => string;
}

/** A row of the wrapped text. */
export interface Place {
  readonly section: number;
  readonly line: number;
  readonly row: number;
}

export const start: Place = { section: 0, line: 0, row: 0 };

/** The line that was wrapped last: walking through the rows of a long one needs it again and again. */
let last:
  | { readonly line: string; readonly width: number; readonly rows: string[]; texts?: readonly RowText[] }
  | undefined;

/** A line as the screen shows it; the rows after the first are indented. */
function rowsOf(line: string, width: number): string[] {
  if (last?.line !== line || last.width !== width) {
    last = { line, width, rows: breakRows(line, Math.max(1, width - 1), indentOf(1, width)) };
  }
  return last.rows;
}

/** What is before the text of a row. */
function indentOf(row: number, width: number): string {
  return row > 0 && width >= 20 ? '  ' : '';
}

/** A row without its styles and its indentation, and where in the text of its line it begins. */
export interface RowText {
  readonly line: string;
  readonly row: string;
  readonly from: number;
  readonly indent: string;
}

export function rowText(source: PagerSource, width: number, place: Place): RowText {
  return textsOf(source, width, place)[place.row] ?? { line: '', row: '', from: 0, indent: '' };
}

function textsOf(source: PagerSource, width: number, place: Omit<Place, 'row'>): readonly RowText[] {
  const styled = lineAt(source, place) ?? '';
  const rows = rowsOf(styled, width);
  if (last?.texts !== undefined) return last.texts;
  const line = source.textOf(styled);
  let from = 0;
  const texts = rows.map((styledRow, at) => {
    const indent = indentOf(at, width);
    const row = source.textOf(styledRow).slice(indent.length);
    from += row.length;
    return { line, row, from: from - row.length, indent };
  });
  if (last !== undefined) last.texts = texts;
  return texts;
}

/** The row of a line that has an offset of its text. */
export function rowAt(source: PagerSource, width: number, place: Omit<Place, 'row'>, offset: number): Place {
  const row = textsOf(source, width, place).findLastIndex(({ from }) => from <= offset);
  return { section: place.section, line: place.line, row: Math.max(0, row) };
}

/** The place `rows` rows further down, or up if negative. */
export function move(source: PagerSource, width: number, from: Place, rows: number): Place {
  let place = from;
  for (let left = Math.abs(rows); left > 0; left -= 1) {
    const next = rows > 0 ? after(source, width, place) : before(source, width, place);
    if (next === undefined) break;
    place = next;
  }
  return place;
}

/** The rows from a place on. */
export function rowsFrom(
  source: PagerSource,
  width: number,
  from: Place,
  count: number,
): { text: string; place: Place }[] {
  const rows: { text: string; place: Place }[] = [];
  let line: Place | undefined = settle(source, { ...from, row: 0 });
  let skip = line !== undefined && line.section === from.section && line.line === from.line ? from.row : 0;
  while (line !== undefined && rows.length < count) {
    const at: Place = line;
    const texts = rowsOf(lineAt(source, at) ?? '', width).slice(skip, skip + count - rows.length);
    rows.push(...texts.map((text, index) => ({ text, place: { ...at, row: skip + index } })));
    skip = 0;
    line = settle(source, { ...at, line: at.line + 1 });
  }
  return rows;
}

/** The top of the last page. */
export function endTop(source: PagerSource, width: number, page: number): Place {
  const last = lastPlace(source, width);
  return last === undefined ? start : move(source, width, last, 1 - page);
}

/** How much of the text is above a place, 0 to 1. */
export function shareAbove({ sections }: PagerSource, { section, line }: Place): number {
  const sum = (list: readonly PagerSection[]): number =>
    list.reduce((total, { weight }) => total + weight, 0);
  const here = sections[section];
  const inside = here === undefined ? 0 : (here.weight * line) / Math.max(1, here.lines().length);
  return (sum(sections.slice(0, section)) + inside) / Math.max(1, sum(sections));
}

function lineAt({ sections }: PagerSource, { section, line }: Omit<Place, 'row'>): string | undefined {
  return sections[section]?.lines()[line];
}

/** This line, or the first one of the sections after it. */
function settle({ sections }: PagerSource, { section, line }: Place): Place | undefined {
  let [at, index] = [section, line];
  while (at < sections.length) {
    if (index < (sections[at]?.lines().length ?? 0)) return { section: at, line: index, row: 0 };
    at += 1;
    index = 0;
  }
  return undefined;
}

function after(source: PagerSource, width: number, { section, line, row }: Place): Place | undefined {
  const text = lineAt(source, { section, line });
  if (text !== undefined && row + 1 < rowsOf(text, width).length) return { section, line, row: row + 1 };
  return settle(source, { section, line: line + 1, row: 0 });
}

function before(source: PagerSource, width: number, { section, line, row }: Place): Place | undefined {
  if (row > 0) return { section, line, row: row - 1 };
  let [at, index] = [section, line - 1];
  while (index < 0) {
    at -= 1;
    if (at < 0) return undefined;
    index = (source.sections[at]?.lines().length ?? 0) - 1;
  }
  return lastRow(source, width, at, index);
}

function lastPlace(source: PagerSource, width: number): Place | undefined {
  for (let at = source.sections.length - 1; at >= 0; at -= 1) {
    const count = source.sections[at]?.lines().length ?? 0;
    if (count > 0) return lastRow(source, width, at, count - 1);
  }
  return undefined;
}

function lastRow(source: PagerSource, width: number, section: number, line: number): Place {
  const text = lineAt(source, { section, line }) ?? '';
  return { section, line, row: rowsOf(text, width).length - 1 };
}
