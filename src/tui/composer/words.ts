/**
 * Where words and lines begin and end.
 *
 * Invariants: every result is a grapheme boundary; an element is a word of its own; a word is a run of letters, digits
 * and `_`, and what is between words is skipped, as in readline. Lines are logical; rows are layout.ts's business.
 */
import { isMarkAt, nextBoundary, previousBoundary } from './graphemes.ts';

type Kind = 'word' | 'space' | 'other' | 'element';

/** The start of the word before the offset. */
export function previousWordStart(text: string, offset: number): number {
  const at = skipBack(text, offset, (kind) => kind === 'space' || kind === 'other');
  if (kindBefore(text, at) === 'element') return previousBoundary(text, at);
  return skipBack(text, at, (kind) => kind === 'word');
}

/** The end of the word after the offset. */
export function nextWordEnd(text: string, offset: number): number {
  const at = skipForward(text, offset, (kind) => kind === 'space' || kind === 'other');
  if (kindAfter(text, at) === 'element') return nextBoundary(text, at);
  return skipForward(text, at, (kind) => kind === 'word');
}

/** The start of the run without white space before the offset. */
export function previousSpaceStart(text: string, offset: number): number {
  const at = skipBack(text, offset, (kind) => kind === 'space');
  if (kindBefore(text, at) === 'element') return previousBoundary(text, at);
  return skipBack(text, at, (kind) => kind === 'word' || kind === 'other');
}

export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

function skipBack(text: string, offset: number, skips: (kind: Kind) => boolean): number {
  let at = offset;
  while (at > 0 && skips(kindBefore(text, at))) at = previousBoundary(text, at);
  return at;
}

function skipForward(text: string, offset: number, skips: (kind: Kind) => boolean): number {
  let at = offset;
  while (at < text.length && skips(kindAfter(text, at))) at = nextBoundary(text, at);
  return at;
}

export function kindBefore(text: string, offset: number): Kind {
  return kindAfter(text, previousBoundary(text, offset));
}

/** The kind of the grapheme that begins at a boundary; its first character decides. */
export function kindAfter(text: string, offset: number): Kind {
  if (isMarkAt(text, offset)) return 'element';
  const first = String.fromCodePoint(text.codePointAt(offset) ?? 0x20);
  if (/\s/.test(first)) return 'space';
  return /[\p{L}\p{N}\p{M}_]/u.test(first) ? 'word' : 'other';
}
