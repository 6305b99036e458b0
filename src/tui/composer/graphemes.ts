/**
 * Where the caret may stand: between graphemes (what a reader takes for one character) and around marks.
 *
 * Invariants: a mark is one grapheme whatever is next to it; finding a boundary looks only at the run of text around it
 * that could change the answer, so a key costs the same in a long text.
 */
import { MARK_LEAD, MARK_LENGTH } from './elements.ts';

/** Units on each side in which a certain boundary is looked for; only nonsense has none that near. */
const MAX_LOOK = 500;

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

/** The boundary before `offset`, which is one itself; 0 at the start. */
export function previousBoundary(text: string, offset: number): number {
  if (offset <= 0) return 0;
  if (isMarkAt(text, offset - MARK_LENGTH)) return offset - MARK_LENGTH;
  if (isCertain(text, offset - 1)) return offset - 1;
  return grapheme(text, offset - 1).start;
}

/** The boundary after `offset`, which is one itself; the length at the end. */
export function nextBoundary(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  if (isMarkAt(text, offset)) return offset + MARK_LENGTH;
  if (isCertain(text, offset + 1)) return offset + 1;
  return grapheme(text, offset).end;
}

/** The offset itself if it is a boundary, otherwise the next one. */
export function snapToBoundary(text: string, offset: number): number {
  if (offset <= 0) return 0;
  if (offset >= text.length) return text.length;
  if (isCertain(text, offset)) return offset;
  if (isMarkAt(text, offset - 1)) return offset + 1;
  const { start, end } = grapheme(text, offset);
  return start === offset ? offset : end;
}

/** The grapheme that contains the unit at `offset`, which is not part of a mark. */
function grapheme(text: string, offset: number): { start: number; end: number } {
  let from = offset;
  while (!isCertain(text, from) && (offset - from < MAX_LOOK || isLowSurrogate(text, from))) from -= 1;
  let to = offset + 1;
  while (!isCertain(text, to) && (to - offset < MAX_LOOK || isLowSurrogate(text, to))) to += 1;
  const found = graphemesOf(text.slice(from, to)).containing(offset - from);
  if (found === undefined) return { start: offset, end: offset + 1 };
  return { start: from + found.index, end: from + found.index + found.segment.length };
}

/** Whether `offset` is certainly a boundary: at the ends, around marks, and where two plain characters meet. */
function isCertain(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return true;
  if (text[offset] === MARK_LEAD || isMarkAt(text, offset - MARK_LENGTH)) return true;
  return standsAlone(text.charCodeAt(offset - 1)) && standsAlone(text.charCodeAt(offset));
}

export function isMarkAt(text: string, offset: number): boolean {
  return offset >= 0 && text[offset] === MARK_LEAD && offset + 1 < text.length;
}

/** Whether a unit is a character that never joins its neighbour: Latin, Greek, Cyrillic, kana, ideographs, Hangul. */
function standsAlone(code: number): boolean {
  return (
    code < 0x80 ||
    (code >= 0xc0 && code < 0x300) ||
    (code >= 0x370 && code < 0x483) ||
    (code >= 0x3041 && code < 0x3097) ||
    (code >= 0x30a1 && code < 0x3100) ||
    (code >= 0x3400 && code < 0xa000) ||
    (code >= 0xac00 && code < 0xd7a4)
  );
}

function isLowSurrogate(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code < 0xe000;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
