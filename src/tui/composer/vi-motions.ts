/**
 * Where vi's motions lead, and what its text objects are.
 *
 * Invariants: every result is a grapheme boundary; a word is a run of one kind of character; an element is a word of its
 * own.
 */
import { nextBoundary, previousBoundary } from './graphemes.ts';
import { kindAfter, kindBefore, lineEnd, lineStart } from './words.ts';

const isBreak = (text: string, at: number): boolean => text[at] === '\n';

/** The end of the run of one kind that begins at the offset; a line ends it. */
function runEnd(text: string, from: number): number {
  const kind = kindAfter(text, from);
  let at = nextBoundary(text, from);
  while (kind !== 'element' && at < text.length && !isBreak(text, at) && kindAfter(text, at) === kind) {
    at = nextBoundary(text, at);
  }
  return at;
}

function runStart(text: string, from: number): number {
  const kind = kindAfter(text, from);
  let at = from;
  while (kind !== 'element' && at > 0 && !isBreak(text, at - 1) && kindBefore(text, at) === kind) {
    at = previousBoundary(text, at);
  }
  return at;
}

/** `w`: the start of the next word; an empty line is one. */
export function nextWord(text: string, from: number): number {
  let at = from < text.length && kindAfter(text, from) !== 'space' ? runEnd(text, from) : from;
  while (at < text.length && kindAfter(text, at) === 'space') {
    at = nextBoundary(text, at);
    if (isBreak(text, at) && isBreak(text, at - 1)) return at;
  }
  return at;
}

/** `e`: the last character of this word or, from there, of the next. */
export function wordEnd(text: string, from: number): number {
  let at = nextBoundary(text, from);
  while (at < text.length && kindAfter(text, at) === 'space') at = nextBoundary(text, at);
  return at >= text.length ? from : previousBoundary(text, runEnd(text, at));
}

/** `b`: the start of this word or, from there, of the one before. */
export function wordBack(text: string, from: number): number {
  let at = from;
  while (at > 0 && kindBefore(text, at) === 'space') at = previousBoundary(text, at);
  return at === 0 ? 0 : runStart(text, previousBoundary(text, at));
}

/** `iw`: the run around the offset; nothing on an empty line. */
export function wordAround(text: string, at: number): { start: number; end: number } {
  if (at >= lineEnd(text, at)) return { start: at, end: at };
  return { start: runStart(text, at), end: runEnd(text, at) };
}

/** `cw`: to the end of the word that the offset is in. */
export function restOfWord(text: string, at: number): number {
  return at >= lineEnd(text, at) ? at : runEnd(text, at);
}

/** `^`: the first character of the line that is not blank. */
export function firstOfLine(text: string, from: number): number {
  const end = lineEnd(text, from);
  let at = lineStart(text, from);
  while (at < end && kindAfter(text, at) === 'space') at = nextBoundary(text, at);
  return at;
}

/** The last place in the line where a character is, which is where normal mode ends. */
export function lastOfLine(text: string, from: number): number {
  const [start, end] = [lineStart(text, from), lineEnd(text, from)];
  return end === start ? end : previousBoundary(text, end);
}
