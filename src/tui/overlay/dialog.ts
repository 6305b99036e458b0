/**
 * Fits the parts of a dialog into its rows: title, body, options, hint.
 *
 * Invariants: never more than `maxRows` lines nor wider than the live region; the selected option is there even in one
 * row, then the title, then some of the body, the other options, the hint, and blank lines last.
 */
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { listWindow } from './list.ts';
import { roomOf } from './text.ts';

interface DialogParts {
  readonly title: readonly string[];
  /** The body in at most `rows` lines. */
  readonly body?: (rows: number) => readonly string[];
  /** Rows of the body that come before blank lines and the hint. */
  readonly least?: number;
  readonly options: readonly (readonly string[])[];
  readonly selected: number;
  readonly hint: string;
}

/** With this many rows there is a hint; with this many, blank lines between the parts. */
const ROWS_FOR_HINT = 6;
const ROWS_FOR_GAPS = 12;

export function dialogLines(parts: DialogParts, ctx: LineContext, maxRows: number): string[] {
  if (maxRows <= 0) return [];
  const { least = 1 } = parts;
  const wanted = parts.options.reduce((sum, lines) => sum + lines.length, 0);
  const title = parts.title.slice(0, maxRows > 1 ? Math.max(1, Math.floor(maxRows / 4)) : 0);
  const hasBody = parts.body !== undefined;
  const gaps = hasBody ? 3 : 2;
  const free = maxRows - title.length - wanted - (hasBody ? least : 0);
  const hint = maxRows >= ROWS_FOR_HINT && (free >= 1 || least <= 1) ? [parts.hint] : [];
  const gap = maxRows >= ROWS_FOR_GAPS && (free >= hint.length + gaps || least <= 1) ? [''] : [];
  let room = maxRows - title.length - hint.length - gap.length * gaps;

  // The options come first, because an answer that is not seen cannot be given; but never without a word of what is asked.
  const forBody = hasBody ? Math.min(room - 1, Math.max(1, Math.min(least, 3), room - wanted)) : 0;
  // Whatever the body does not need goes to the options.
  const bodyRows = forBody > 0 ? (parts.body?.(forBody) ?? []).length : 0;
  const options = listWindow(parts.options, parts.selected, Math.min(wanted, Math.max(1, room - bodyRows)));
  room -= options.length;
  const body = hasBody && room > 0 ? (parts.body?.(room) ?? []) : [];

  return [
    ...title,
    ...(body.length > 0 ? [...gap, ...body] : []),
    ...gap,
    ...options,
    ...(hint.length > 0 ? [...gap, ...hint] : []),
  ]
    .slice(0, maxRows)
    .map((line) => truncateEnd(line, roomOf(ctx)));
}

/** The first and last lines around a marker for the rest. `marker` gets the number left out, and where they begin. */
export function clipMiddle(
  lines: readonly string[],
  maxRows: number,
  marker: (hidden: number, from: number) => string,
): string[] {
  if (lines.length <= maxRows) return [...lines];
  if (maxRows <= 0) return [];
  const head = Math.ceil((maxRows - 1) / 2);
  const tail = maxRows - 1 - head;
  return [
    ...lines.slice(0, head),
    marker(lines.length - head - tail, head),
    ...(tail === 0 ? [] : lines.slice(-tail)),
  ];
}
