/**
 * Where the caret may stand: between graphemes (what a reader takes for one character) and around marks.
 *
 * Invariants: a mark is one grapheme whatever stands beside it; finding a border looks only at the run of text around it
 * that could change the answer, so that a key costs the same in a long text. Does not: measure cells.
 */
import { MARK_LEAD, MARK_LENGTH } from './elements.ts';

let segmenter: Intl.Segmenter | undefined;

/** Made on first use: the tables of ICU are not needed to start. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** The pieces of a text, marks being one each. */
export function splitGraphemes(text: string): string[] {
  if (isPlain(text)) return text.split('');
  const pieces: string[] = [];
  let at = 0;
  while (at < text.length) {
    const mark = text.indexOf(MARK_LEAD, at);
    const end = mark < 0 ? text.length : mark;
    for (const { segment } of graphemesOf(text.slice(at, end))) pieces.push(segment);
    if (mark >= 0) pieces.push(text.slice(mark, mark + MARK_LENGTH));
    at = mark < 0 ? end : mark + MARK_LENGTH;
  }
  return pieces;
}

/** The border before `offset`, which is one itself; 0 at the start. */
export function previousBorder(text: string, offset: number): number {
  if (offset <= 0) return 0;
  if (isMarkAt(text, offset - MARK_LENGTH)) return offset - MARK_LENGTH;
  if (isCertain(text, offset - 1)) return offset - 1;
  return grapheme(text, offset - 1).start;
}

/** The border behind `offset`, which is one itself; the length at the end. */
export function nextBorder(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  if (isMarkAt(text, offset)) return offset + MARK_LENGTH;
  if (isCertain(text, offset + 1)) return offset + 1;
  return grapheme(text, offset).end;
}

/** The offset itself when it is a border, else the next one behind it. */
export function snapToBorder(text: string, offset: number): number {
  if (offset <= 0) return 0;
  if (offset >= text.length) return text.length;
  if (isCertain(text, offset)) return offset;
  if (isMarkAt(text, offset - 1)) return offset + 1;
  const { start, end } = grapheme(text, offset);
  return start === offset ? offset : end;
}

/** The grapheme that holds the unit at `offset`; the unit belongs to no mark. */
function grapheme(text: string, offset: number): { start: number; end: number } {
  let from = offset;
  while (!isCertain(text, from)) from -= 1;
  let to = offset + 1;
  while (!isCertain(text, to)) to += 1;
  const found = graphemesOf(text.slice(from, to)).containing(offset - from);
  if (found === undefined) return { start: offset, end: offset + 1 };
  return { start: from + found.index, end: from + found.index + found.segment.length };
}

/** Whether a border is at `offset` for sure: at the ends, around marks, and where two plain characters meet. */
function isCertain(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return true;
  if (text[offset] === MARK_LEAD || isMarkAt(text, offset - MARK_LENGTH)) return true;
  return isAscii(text.charCodeAt(offset - 1)) && isAscii(text.charCodeAt(offset));
}

export function isMarkAt(text: string, offset: number): boolean {
  return offset >= 0 && text[offset] === MARK_LEAD && offset + 1 < text.length;
}

function isAscii(code: number): boolean {
  return code < 0x80;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
