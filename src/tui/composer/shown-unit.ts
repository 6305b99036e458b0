/**
 * One grapheme or element of the composer as the screen shows it.
 *
 * Invariants: no control character, and never wider than the row. Tabs are four spaces wherever they are, so that a
 * row's width is the sum of its parts.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { MARK_LEAD } from './elements.ts';

const TAB = '    ';

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
  if (cellWidth(text) <= room) return text;
  if (text.trim() === '') return text.slice(0, room);
  const isLabel = /^[\x20-\x7e]+$/.test(text);
  return isLabel && room > 1 ? `${text.slice(0, room - 1)}…` : '·';
}
