/**
 * The items of a stretch of lines: each statement, definition or block of its outermost indentation, with the comments
 * and decorators directly above it and the blank lines after it. Items follow each other without a gap and cover the
 * stretch; linear.
 */
import { type Kind, type Lines, weigh } from './lines.ts';

export interface Item {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The row that names it: its first line of code, or its first line if it is only a comment. */
  readonly head: number;
  /** After the blank line that ends a paragraph. */
  readonly isApart: boolean;
}

interface Growing {
  readonly start: number;
  head: number | undefined;
  hasDecorator: boolean;
  readonly isApart: boolean;
}

/** Rows `from` to `to`, exclusive. */
export function itemsOf(lines: Lines, from: number, to: number): Item[] {
  const found: Growing[] = [];
  const base = baseOf(lines, from, to);
  let held = -1;
  for (let row = from; row < to; row += 1) {
    const kind = lines.kinds[row] ?? 'blank';
    const isDeeper = (lines.indents[row] ?? 0) > base;
    const isHeld = row <= held;
    if (!isDeeper) held = Math.max(held, closingWithin(lines, row, to));
    if (isHeld || !isCandidate(kind)) continue;
    const last = found.at(-1);
    if (isDeeper && last !== undefined) {
      // Code below a comment that is indented less: the comment is in the middle of the block above.
      if (kind === 'code' && last.head === undefined && !last.hasDecorator && found.length > 1) found.pop();
      continue;
    }
    if (beginsItem(lines, row, last)) {
      const isApart = last === undefined || lines.kinds[row - 1] === 'blank';
      found.push({ start: row, head: undefined, hasDecorator: false, isApart });
    }
    const current = found.at(-1);
    if (current === undefined) continue;
    if (kind === 'code') current.head ??= row;
    if (kind === 'decorator') current.hasDecorator = true;
  }
  return closed(found, from, to);
}

function closed(found: readonly Growing[], from: number, to: number): Item[] {
  return found.map(({ start, head, isApart }, at) => ({
    start: at === 0 ? from : start,
    end: found[at + 1]?.start ?? to,
    head: head ?? start,
    isApart,
  }));
}

/** Lines of these kinds may begin an item. */
function isCandidate(kind: Kind): boolean {
  return kind === 'code' || kind === 'comment' || kind === 'decorator';
}

/** The row that closes what this one leaves open, if it is in the stretch. */
function closingWithin({ closings, kinds }: Lines, row: number, to: number): number {
  const closing = kinds[row] === 'inside' || kinds[row] === 'comment' ? -1 : (closings[row] ?? -1);
  return closing < to ? closing : -1;
}

/** The smallest indentation of its code. */
function baseOf({ indents, kinds, isWithin }: Lines, from: number, to: number): number {
  let base = Number.POSITIVE_INFINITY;
  for (let row = from; row < to; row += 1)
    if (kinds[row] === 'code' && isWithin[row] !== true) base = Math.min(base, indents[row] ?? 0);
  return base;
}

function beginsItem(lines: Lines, row: number, last: Growing | undefined): boolean {
  if (last === undefined) return true;
  const { kinds, isWithin } = lines;
  if (isWithin[row] === true) return false;
  if (last.head === undefined) {
    // Comments belong to what directly follows; decorators in any case.
    return kinds[row - 1] === 'blank' && !last.hasDecorator;
  }
  return kinds[row] !== 'code' || !isContinuation(lines, row, last.head);
}

/** Code that belongs to the statement above although it is indented no further. */
function isContinuation({ syntax, heads, tails, kinds, indents }: Lines, row: number, head: number): boolean {
  const text = heads[row] ?? '';
  const isDirect = kinds[row - 1] !== 'blank';
  const above = tails[row - 1] ?? '';
  if (above.endsWith('\\')) return true;
  if (syntax.form === 'yaml') return text.startsWith('- ') && !(heads[head] ?? '').startsWith('- ');
  if (!isDirect) return false;
  if (syntax.form === 'css') return above.endsWith(',') || text === '{';
  if (text === '{' && (syntax.hasBraces || above.endsWith(')')))
    return kinds[row - 1] === 'code' && !/[;{},]$/.test(above);
  if (syntax.hasBraces && /\((?:[^()]*,)?$/.test(above)) return true;
  // A type on a line of its own before a name, as in GNU and BSD style.
  const isAligned = indents[row] === indents[row - 1];
  return syntax.hasPreprocessor && isAligned && head === row - 1 && /^[A-Za-z_][\w\s*&<>:,]*$/.test(above);
}

/** The row where the body begins, after the head and what belongs to it. */
export function headerEnd(lines: Lines, { head, end }: Item): number {
  const { syntax, tails, heads, kinds, closings } = lines;
  let row = head;
  const closing = closings[row] ?? -1;
  if (closing > row && closing < end && /[{:]$/.test(tails[closing] ?? '') && !/\{$/.test(tails[row] ?? ''))
    row = closing;
  const isOpened = (at: number): boolean => (syntax.isPython ? /:$/ : /\{$/).test(tails[at] ?? '');
  const mayBeLong = syntax.isPython ? PYTHON_BLOCK.test(heads[head] ?? '') : syntax.hasBraces;
  if (!isOpened(row) && (mayBeLong || syntax.form === 'css')) {
    for (let next = row + 1; next < Math.min(end, row + MOST_HEADER); next += 1) {
      if (kinds[next] === 'blank' || /[;}]$/.test(tails[next] ?? '')) break;
      if (isOpened(next)) {
        row = next;
        break;
      }
    }
  }
  if (heads[row + 1] === '{' && row + 1 < end && !/[{([,]$/.test(tails[row] ?? '')) row += 1;
  return row + 1;
}

/** The most lines that a block's header can have. */
const MOST_HEADER = 12;
const PYTHON_BLOCK = /^(?:async\s|def\s|class\s|if\b|for\b|while\b|with\b)/;

/** The row after the docstring of a Python definition; `from` if there is none. */
export function docstringEnd({ heads, kinds, isWithin }: Lines, from: number, end: number): number {
  let row = from;
  while (row < end && kinds[row] === 'blank') row += 1;
  if (row >= end || !/^[rRuU]?(?:"""|''')/.test(heads[row] ?? '')) return from;
  row += 1;
  while (row < end && isWithin[row] === true) row += 1;
  return row;
}

/** The weight of an item without the comments above its head and the blank lines at its end. */
export function bodyWeight(lines: Lines, { head, end }: Item): number {
  return weigh(lines, head, lastCode(lines, head, end) + 1);
}

export function lastCode({ kinds }: Lines, from: number, end: number): number {
  let row = end - 1;
  while (row > from && kinds[row] === 'blank') row -= 1;
  return row;
}
