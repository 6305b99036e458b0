/**
 * How many cells text takes, and how to make it take fewer.
 *
 * Invariants: no grapheme is cut, cut text closes its styles, the result is never wider than asked for, and the work
 * grows with what is kept, not with the text.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { OpenStyles, unitsOf } from './units.ts';

const ELLIPSIS = '…';

/** The text if it fits, otherwise its start and `…`. */
export function truncateEnd(text: string, cells: number): string {
  if (fits(text, cells)) return text;
  if (cells <= 0) return '';
  const { kept, styles } = takeCells(text, cells - 1);
  return `${kept}${ELLIPSIS}${styles.closing()}`;
}

/** The text if it fits, otherwise its start, `…` and its end: for paths. The text has no styles. */
export function truncateMiddle(text: string, cells: number): string {
  if (fits(text, cells)) return text;
  if (cells <= 2) return truncateEnd(text, cells);
  const room = cells - 1;
  const { kept } = takeCells(text, Math.floor(room / 3));
  return `${kept}${ELLIPSIS}${lastCells(text, room - cellWidth(kept))}`;
}

/** Whether the text takes at most `cells` cells. */
export function fits(text: string, cells: number): boolean {
  if (text.length <= cells && /^[ -~]*$/.test(text)) return true;
  let width = 0;
  for (const unit of unitsOf(text)) {
    width += unit.width;
    if (width > cells) return false;
  }
  return true;
}

/** As much of the start as fits, its styles closed. */
export function firstCells(text: string, cells: number): string {
  const { kept, styles } = takeCells(text, cells);
  return kept + styles.closing();
}

function takeCells(text: string, cells: number): { kept: string; styles: OpenStyles } {
  const styles = new OpenStyles();
  let kept = '';
  let room = cells;
  for (const unit of unitsOf(text)) {
    if (unit.kind === 'code') styles.apply(unit.text);
    if (unit.width > room) {
      if (unit.kind !== 'grapheme') kept += unit.text.slice(0, room);
      break;
    }
    kept += unit.text;
    room -= unit.width;
  }
  return { kept, styles };
}

/** Characters that one cell can hold at most, marks included, when the end of a text is looked for. */
const UNITS_A_CELL = 16;

function lastCells(text: string, cells: number): string {
  const graphemes: string[] = [];
  const end = text.slice(-cells * UNITS_A_CELL);
  for (const unit of unitsOf(end)) {
    if (unit.kind === 'grapheme') graphemes.push(unit.text);
    else graphemes.push(...unit.text);
  }
  let kept = '';
  let room = cells;
  for (const grapheme of graphemes.reverse()) {
    room -= cellWidth(grapheme);
    if (room < 0) break;
    kept = grapheme + kept;
  }
  return kept;
}

/** The suffix stays, the line before it is cut. */
export function withSuffix(line: string, suffix: string, cells: number): string {
  const length = suffix.replace(/\x1b\[\d+m/g, '').length;
  return length * 2 > cells ? truncateEnd(line, cells) : truncateEnd(line, cells - length) + suffix;
}
