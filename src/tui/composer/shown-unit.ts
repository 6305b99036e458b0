/**
 * One grapheme or element of the composer as the screen shows it.
 *
 * Invariants: no control character, and never wider than the row. Tabs are four spaces wherever they are, so that a
 * row's width is the sum of its parts.
 */
import stringWidth from 'string-width';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { MARK_LEAD } from './elements.ts';

const TAB = '    ';
const MAX_KNOWN = 2000;
const known = new Map<string, number>();

/** Cells of a short text; those that are not plain are remembered, because measuring one takes a while. */
export function cellsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const cells = stringWidth(text);
  known.set(text, cells);
  return cells;
}

/** How a piece looks in a row of `room` cells. An element takes its label from the front of `labels`. */
export function shownUnit(piece: string, room: number, labels: string[]): string {
  if (piece.length === 1 && piece >= ' ' && piece <= '~') return piece;
  const text = piece.startsWith(MARK_LEAD)
    ? (labels.shift() ?? '')
    : piece === '\t'
      ? TAB
      : sanitizeForTerminal(piece).replace(/[\n\t]/g, '');
  return cutToRoom(text, room);
}

/** Cuts a text that is wider than the room, with an ellipsis; a wide character that does not fit is a dot. */
function cutToRoom(text: string, room: number): string {
  if (cellsOf(text) <= room) return text;
  if (text.trim() === '') return text.slice(0, room);
  const isLabel = /^[\x20-\x7e]+$/.test(text);
  return isLabel && room > 1 ? `${text.slice(0, room - 1)}…` : '·';
}
