/**
 * The composer's text as rows of the screen, and where the caret is in them.
 *
 * Invariants: the rows' ranges tile each logical line; no row is wider than the space given and none holds a control
 * character; the caret's row is always included. A row breaks after white space, and inside a word only if the word is
 * longer than a row; one space may hang over the edge, unseen. Wrapped lines are kept for the next call, so a key costs
 * one line, not the text.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { moveTo, type TextBuffer } from './buffer.ts';
import { labelsOf, MARK_LEAD } from './elements.ts';
import { splitGraphemes } from './graphemes.ts';
import { shownUnit } from './shown-unit.ts';

/** Cells of the prompt glyph and its space, before every row. */
const PROMPT_CELLS = 2;

interface Layout {
  /** Rows without the cells of the prompt glyph. */
  readonly rows: string[];
  /** In cells of `rows`, and index into them. `x` may be one after the last cell of the row. */
  readonly caret: { readonly x: number; readonly y: number };
  /** Rows that are not shown. */
  readonly above: number;
  readonly below: number;
}

interface Row {
  /** Offsets in the line. */
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  /** Where the caret may stand: the offset in the line and the cell, in order. */
  readonly stops: readonly { readonly offset: number; readonly x: number }[];
}

/** Cells for text in a terminal of this width: one is left free for the caret and against wrapping. */
export function roomFor(width: number): number {
  return Math.max(1, width - PROMPT_CELLS - 1);
}

export function layout(buffer: TextBuffer, width: number, maxRows: number): Layout {
  const rows = allRows(buffer, roomFor(width));
  const { y, x } = caretCell(rows, buffer.caret);
  const shown = Math.max(1, maxRows);
  // The caret stays in the middle, so that its surroundings can be read.
  const top = Math.max(0, Math.min(y - Math.floor(shown / 2), rows.length - shown));
  const visible = rows.slice(top, top + shown);
  return {
    rows: visible.map(({ row }) => row.shown),
    caret: { x, y: y - top },
    above: top,
    below: rows.length - top - visible.length,
  };
}

/** The caret one row up (-1) or down (1), in the column where the moves began; undefined at the first or last row. */
export function moveByRow(buffer: TextBuffer, width: number, direction: -1 | 1): TextBuffer | undefined {
  const rows = allRows(buffer, roomFor(width));
  const from = caretCell(rows, buffer.caret);
  const column = buffer.column ?? from.x;
  const target = rows[from.y + direction];
  if (target === undefined) return undefined;
  // After the last unit of a row that continues in the next one, the caret is in the next one.
  const continues = rows[from.y + direction + 1]?.base === target.base;
  const stops = continues ? target.row.stops.slice(0, -1) : target.row.stops;
  const stop = stops.findLast(({ x }) => x <= column) ?? stops[0];
  return { ...moveTo(buffer, target.base + (stop?.offset ?? 0)), column };
}

interface PlacedRow {
  readonly row: Row;
  /** Offset of the row's logical line in the text. */
  readonly base: number;
}

/** The last row that begins at or before the caret has it. */
function caretCell(rows: readonly PlacedRow[], caret: number): { x: number; y: number } {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const at = rows[middle];
    if (at !== undefined && at.base + at.row.start <= caret) low = middle;
    else high = middle - 1;
  }
  const found = rows[low];
  if (found === undefined) return { x: 0, y: 0 };
  const inLine = caret - found.base;
  return { x: found.row.stops.findLast(({ offset }) => offset <= inLine)?.x ?? 0, y: low };
}

let cache = new Map<string, readonly Row[]>();
let cacheRoom = 0;

function allRows(buffer: TextBuffer, room: number): PlacedRow[] {
  const before = cacheRoom === room ? cache : new Map<string, readonly Row[]>();
  const kept = new Map<string, readonly Row[]>();
  const labels = labelsOf(buffer.text, buffer.elements);
  const placed: PlacedRow[] = [];
  let base = 0;
  for (const line of buffer.text.split('\n')) {
    const hasElement = labels.length > 0 && line.includes(MARK_LEAD);
    const rows =
      (hasElement ? undefined : (kept.get(line) ?? before.get(line))) ?? wrapLine(line, room, labels);
    if (!hasElement) kept.set(line, rows);
    for (const row of rows) placed.push({ row, base });
    base += line.length + 1;
  }
  cache = kept;
  cacheRoom = room;
  return placed;
}

/** Wraps one logical line; takes the labels of its elements from the front of `labels`. */
function wrapLine(line: string, room: number, labels: string[]): Row[] {
  const units = unitsOf(line, room, labels);
  const rows: Row[] = [];
  let from = 0;
  let cells = 0;
  let lastBreak = 0;
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at];
    if (unit === undefined) break;
    while (cells + unit.cells > room && from <= at) {
      const wordBreak = lastBreak > from ? lastBreak : at;
      const end = unit.isSpace ? at + 1 : wordBreak;
      rows.push(rowOf(units.slice(from, end), room));
      from = end;
      lastBreak = end;
      cells = cellsBetween(units, from, at);
    }
    if (from > at) continue;
    cells += unit.cells;
    if (unit.isSpace) lastBreak = at + 1;
  }
  if (from < units.length || rows.length === 0) rows.push(rowOf(units.slice(from), room));
  return rows;
}

interface Unit {
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  readonly cells: number;
  readonly isSpace: boolean;
}

function unitsOf(line: string, room: number, labels: string[]): Unit[] {
  let start = 0;
  return splitGraphemes(line).map((piece) => {
    const shown = shownUnit(piece, room, labels);
    const unit = {
      start,
      end: start + piece.length,
      shown,
      cells: cellWidth(shown),
      isSpace: piece === ' ' || piece === '\t',
    };
    start = unit.end;
    return unit;
  });
}

function cellsBetween(units: readonly Unit[], from: number, to: number): number {
  let cells = 0;
  for (let at = from; at < to; at += 1) cells += units[at]?.cells ?? 0;
  return cells;
}

function rowOf(units: readonly Unit[], room: number): Row {
  const start = units[0]?.start ?? 0;
  const stops = [{ offset: start, x: 0 }];
  let shown = '';
  let x = 0;
  for (const unit of units) {
    const hangs = x + unit.cells > room;
    if (!hangs) shown += unit.shown;
    x = hangs ? room : x + unit.cells;
    stops.push({ offset: unit.end, x });
  }
  return { start, end: units.at(-1)?.end ?? start, shown, stops };
}
