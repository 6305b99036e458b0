/**
 * The keys of vi in the composer: normal mode, and the way into it and out of it.
 *
 * Invariants: nothing that was typed is lost: whatever a command removes can be undone and put back; in normal mode the
 * caret is on a character. Keys that vi has no use for do what they always do.
 */
import { chordOf, type Key } from '../term/keys.ts';
import { kill, moveTo, redo, replaceRange, type TextBuffer, undo } from './buffer.ts';
import { cleanInput, INLINE_LIMIT } from './elements.ts';
import { nextBoundary, previousBoundary } from './graphemes.ts';
import {
  firstOfLine,
  lastOfLine,
  nextWord,
  restOfWord,
  wordAround,
  wordBack,
  wordEnd,
} from './vi-motions.ts';
import { lineEnd, lineStart } from './words.ts';

export interface Vi {
  readonly mode: 'insert' | 'normal';
  /** What was typed of a command: `2d`. */
  readonly pending: string;
}

export interface ViText {
  readonly vi: Vi;
  readonly buffer: TextBuffer;
  /** The rows to go up (negative) or down, which may lead to other prompts. */
  readonly rows?: number;
}

export const INSERT: Vi = { mode: 'insert', pending: '' };
const NORMAL: Vi = { mode: 'normal', pending: '' };

const COUNT = '([1-9]\\d{0,3})?';
const COMMAND = new RegExp(
  `^${COUNT}(?:([dcy])${COUNT}(\\2|iw|gg|[hjklwbe0^$G])|(gg|[hjklwbe0^$G])|([xXsSDCYiaIAoOupP])|r(.+))$`,
  's',
);
const BEGINNING = new RegExp(`^${COUNT}(?:[dcy]${COUNT}[ig]?|g|r)?$`);
/** What begins a command of oagent's, a file or a line for the shell; there is nothing else to do in an empty text. */
const BEGINS_TEXT = '/@!';

/** @returns undefined if the key is not vi's. */
export function handleViKey({ vi, buffer }: ViText, key: Key): ViText | undefined {
  const chord = chordOf(key);
  if (vi.mode === 'insert') return chord === 'escape' ? leaveInsert(buffer) : undefined;
  if (chord === 'escape') return { vi: NORMAL, buffer: onCharacter(buffer) };
  if (chord === 'ctrl+r') return { vi: NORMAL, buffer: onCharacter(redo(buffer)) };
  if (chord === 'backspace') return typed({ vi, buffer }, 'h');
  if (chord === 'delete') return typed({ vi, buffer }, 'x');
  return key.name === 'text' ? typed({ vi, buffer }, key.text) : undefined;
}

function leaveInsert(buffer: TextBuffer): ViText {
  const { text, caret } = buffer;
  const at = Math.max(lineStart(text, caret), previousBoundary(text, caret));
  return { vi: NORMAL, buffer: onCharacter(moveTo(buffer, at)) };
}

/** The commands in a text, which several keys may have come with; what follows the way into insert mode is text. */
function typed(before: ViText, text: string): ViText {
  let now = before;
  for (let at = 0; at < text.length; at = nextBoundary(text, at)) {
    const { vi, buffer, rows } = now;
    if (rows !== undefined) return now;
    if (vi.mode === 'insert') return { vi, buffer: putAt(buffer, buffer.caret, cleanInput(text.slice(at))) };
    now = oneTyped(now, text.slice(at, nextBoundary(text, at)));
  }
  return now;
}

function oneTyped({ vi, buffer }: ViText, character: string): ViText {
  if (buffer.text === '' && BEGINS_TEXT.includes(character)) {
    return { vi: INSERT, buffer: putAt(buffer, 0, character) };
  }
  const isLetter = vi.pending.endsWith('r');
  const pending = vi.pending + (character === ' ' && !isLetter ? 'l' : character);
  const command = COMMAND.exec(pending);
  if (command === null) {
    return { vi: BEGINNING.test(pending) ? { ...NORMAL, pending } : NORMAL, buffer: onCharacter(buffer) };
  }
  const [, first, operator, second, object, motion, other, letter] = command;
  const given = first ?? second;
  const count = Math.min(999, Number(first ?? 1) * Number(second ?? 1));
  const at = onCharacter(buffer);
  if (operator !== undefined) return operate(at, operator, object ?? '', count, given !== undefined);
  if (motion === 'j' || motion === 'k')
    return { vi: NORMAL, buffer: at, rows: motion === 'j' ? count : -count };
  if (motion !== undefined) return normal(moveTo(at, target(at, motion, count, given !== undefined)));
  if (letter !== undefined) return normal(replaced(at, cleanInput(letter), count));
  return simple(at, other ?? '', count);
}

const normal = (buffer: TextBuffer): ViText => ({ vi: NORMAL, buffer: onCharacter(buffer) });
const insert = (buffer: TextBuffer): ViText => ({ vi: INSERT, buffer });

/** Never after the last character of a line that has one. */
function onCharacter(buffer: TextBuffer): TextBuffer {
  const last = lastOfLine(buffer.text, buffer.caret);
  return buffer.caret > last ? moveTo(buffer, last) : buffer;
}

function target({ text, caret }: TextBuffer, motion: string, count: number, isCounted: boolean): number {
  switch (motion) {
    case 'h':
      return Math.max(lineStart(text, caret), repeated(text, caret, count, previousBoundary));
    case 'l':
      return Math.min(lineEnd(text, caret), repeated(text, caret, count, nextBoundary));
    case 'w':
      return repeated(text, caret, count, nextWord);
    case 'b':
      return repeated(text, caret, count, wordBack);
    case 'e':
      return repeated(text, caret, count, wordEnd);
    case '0':
      return lineStart(text, caret);
    case '^':
      return firstOfLine(text, caret);
    case '$':
      return lineEnd(text, lineBelow(text, caret, count - 1));
    case 'j':
      return lineBelow(text, caret, count);
    case 'k':
      return lineAbove(text, caret, count);
    default:
      return motion === 'gg' || isCounted
        ? lineBelow(text, 0, isCounted ? count - 1 : 0)
        : lineStart(text, text.length);
  }
}

type Step = (text: string, at: number) => number;

function repeated(text: string, from: number, count: number, step: Step): number {
  let at = from;
  for (let left = count; left > 0; left -= 1) {
    const next = step(text, at);
    if (next === at) break;
    at = next;
  }
  return at;
}

const lineBelow = (text: string, from: number, count: number): number =>
  repeated(text, from, count, (whole, at) => {
    const end = lineEnd(whole, at);
    return end === whole.length ? at : end + 1;
  });

const lineAbove = (text: string, from: number, count: number): number =>
  repeated(text, from, count, (whole, at) => {
    const start = lineStart(whole, at);
    return start === 0 ? at : lineStart(whole, start - 1);
  });

function operate(
  buffer: TextBuffer,
  operator: string,
  object: string,
  count: number,
  isCounted: boolean,
): ViText {
  const { text, caret } = buffer;
  if (object === operator) return ofLines(buffer, operator, caret, lineBelow(text, caret, count - 1));
  const isLines = ['j', 'k', 'gg', 'G'].includes(object);
  if (object === 'iw') {
    const { start, end } = wordAround(text, caret);
    return ofRange(buffer, operator, start, end);
  }
  const to = target(buffer, object, count, isCounted);
  if (isLines) return ofLines(buffer, operator, Math.min(caret, to), Math.max(caret, to));
  const end = object === 'e' && text.length > 0 ? nextBoundary(text, to) : to;
  return ofRange(buffer, operator, Math.min(caret, end), wordRange(buffer, operator, object, count, end));
}

/** `cw` ends with the word, and `dw` with the line of the last word. */
function wordRange(
  { text, caret }: TextBuffer,
  operator: string,
  object: string,
  count: number,
  to: number,
): number {
  if (object !== 'w') return Math.max(caret, to);
  const last = repeated(text, caret, count - 1, nextWord);
  if (operator === 'c') return Math.max(caret, restOfWord(text, last));
  return Math.max(caret, Math.min(to, Math.max(lineEnd(text, last), caret)));
}

function ofRange(buffer: TextBuffer, operator: string, start: number, end: number): ViText {
  const taken = buffer.text.slice(start, end);
  if (operator === 'y') return normal(moveTo(taken === '' ? buffer : { ...buffer, killed: taken }, start));
  const left = moveTo(kill(buffer, start, end), start);
  return operator === 'c' ? insert(left) : normal(left);
}

/** Whole lines: kept with the end of the last, by which `p` knows them. */
function ofLines(buffer: TextBuffer, operator: string, from: number, to: number): ViText {
  const { text } = buffer;
  const [start, end] = [lineStart(text, from), lineEnd(text, to)];
  const killed = `${text.slice(start, end)}\n`;
  if (text === '') return operator === 'c' ? insert(buffer) : normal(buffer);
  if (operator === 'y') return normal(moveTo({ ...buffer, killed }, Math.min(start, buffer.caret)));
  if (operator === 'c') return insert({ ...moveTo(kill(buffer, start, end), start), killed });
  const isLast = end === text.length;
  const left = isLast ? kill(buffer, Math.max(0, start - 1), end) : kill(buffer, start, end + 1);
  const at = isLast ? lineStart(left.text, left.text.length) : start;
  return normal({ ...moveTo(left, firstOfLine(left.text, at)), killed });
}

function replaced(buffer: TextBuffer, letter: string, count: number): TextBuffer {
  const { text, caret } = buffer;
  const end = Math.min(lineEnd(text, caret), repeated(text, caret, count, nextBoundary));
  const isEnough = repeated(text, caret, count - 1, nextBoundary) < end;
  if (letter === '' || !isEnough) return buffer;
  const after = replaceRange(buffer, caret, end, letter.repeat(count));
  return moveTo(after, previousBoundary(after.text, after.caret));
}

function simple(buffer: TextBuffer, command: string, count: number): ViText {
  const { text, caret } = buffer;
  const end = lineEnd(text, caret);
  switch (command) {
    case 'x':
      return operate(buffer, 'd', 'l', count, true);
    case 'X':
      return operate(buffer, 'd', 'h', count, true);
    case 's':
      return operate(buffer, 'c', 'l', count, true);
    case 'S':
      return operate(buffer, 'c', 'c', count, true);
    case 'D':
      return operate(buffer, 'd', '$', count, true);
    case 'C':
      return operate(buffer, 'c', '$', count, true);
    case 'Y':
      return operate(buffer, 'y', 'y', count, true);
    case 'i':
      return insert(buffer);
    case 'a':
      return insert(moveTo(buffer, Math.min(end, nextBoundary(text, caret))));
    case 'I':
      return insert(moveTo(buffer, firstOfLine(text, caret)));
    case 'A':
      return insert(moveTo(buffer, end));
    case 'o':
      return insert(putAt(buffer, end, '\n'));
    case 'O': {
      const start = lineStart(text, caret);
      return insert(moveTo(putAt(buffer, start, '\n'), start));
    }
    case 'u':
      return normal(times(buffer, count, undo));
    default:
      return normal(put(buffer, command === 'p', count));
  }
}

function times(buffer: TextBuffer, count: number, change: (buffer: TextBuffer) => TextBuffer): TextBuffer {
  let now = buffer;
  for (let left = count; left > 0; left -= 1) {
    const next = change(now);
    if (next === now) break;
    now = next;
  }
  return now;
}

/** `p` and `P`: what was removed or taken last, after or before the caret; whole lines on lines of their own. */
function put(buffer: TextBuffer, isAfter: boolean, count: number): TextBuffer {
  const { text, caret, killed } = buffer;
  const copies = killed.length * count + text.length > INLINE_LIMIT ? 1 : count;
  if (!killed.endsWith('\n')) {
    const at = isAfter ? Math.min(lineEnd(text, caret), nextBoundary(text, caret)) : caret;
    const after = putAt(buffer, at, killed.repeat(copies));
    return moveTo(after, Math.max(at, previousBoundary(after.text, after.caret)));
  }
  const lines = killed.repeat(copies);
  if (!isAfter) return moveTo(putAt(buffer, lineStart(text, caret), lines), lineStart(text, caret));
  const end = lineEnd(text, caret);
  return moveTo(putAt(buffer, end, `\n${lines.slice(0, -1)}`), end + 1);
}

function putAt(buffer: TextBuffer, at: number, text: string): TextBuffer {
  return replaceRange(buffer, at, at, text);
}
