/**
 * The text that is being written: its edits, and undo.
 *
 * Invariants: buffers are immutable; the caret is always at a grapheme boundary; edits that join a run (typing inside
 * one word, deleting one after another) are one undo step; the stacks are bounded.
 */
import { addElement, cleanInput, type Element, type Elements } from './elements.ts';
import { nextBoundary, previousBoundary, snapToBoundary } from './graphemes.ts';
import { lineEnd, lineStart, nextWordEnd, previousSpaceStart, previousWordStart } from './words.ts';

interface Snapshot {
  readonly text: string;
  readonly caret: number;
}

/** What kind of edit ended where: the next one that continues there joins its undo step. */
interface EditRun {
  readonly kind: 'type' | 'backspace' | 'delete';
  readonly caret: number;
}

export interface TextBuffer {
  readonly text: string;
  /** UTF-16 offset, at a grapheme boundary. */
  readonly caret: number;
  /** The column in cells that moves up and down keep; undefined after any other key. */
  readonly column: number | undefined;
  readonly elements: Elements;
  /** What the last kill took. */
  readonly killed: string;
  readonly past: readonly Snapshot[];
  readonly future: readonly Snapshot[];
  readonly run: EditRun | undefined;
}

const MAX_STEPS = 200;

export const emptyBuffer: TextBuffer = {
  text: '',
  caret: 0,
  column: undefined,
  elements: new Map(),
  killed: '',
  past: [],
  future: [],
  run: undefined,
};

/** A buffer without text and undo steps that still knows its elements and what was killed. */
export function cleared({ elements, killed }: TextBuffer): TextBuffer {
  return { ...emptyBuffer, elements, killed };
}

/** Replaces the whole text with a clean one, the caret at its end, as one undo step. */
export function withText(buffer: TextBuffer, text: string): TextBuffer {
  return text === buffer.text
    ? moveTo(buffer, text.length)
    : replaceRange(buffer, 0, buffer.text.length, text);
}

/** Puts the caret at the boundary at or after an offset. */
export function moveTo(buffer: TextBuffer, offset: number): TextBuffer {
  const caret = snapToBoundary(buffer.text, offset);
  return { ...buffer, caret, column: undefined, run: undefined };
}

/** Inserts typed text at the caret. */
export function insert(buffer: TextBuffer, typed: string): TextBuffer {
  const text = cleanInput(typed);
  if (text === '') return buffer;
  const { caret } = buffer;
  const continues = buffer.run?.kind === 'type' && buffer.run.caret === caret;
  const startsWord = /^\S/.test(text) && /\s/.test(buffer.text[caret - 1] ?? '');
  const isRun = !text.includes('\n');
  const after = replaceRange(buffer, caret, caret, text, continues && isRun && !startsWord);
  return isRun ? { ...after, run: { kind: 'type', caret: after.caret } } : after;
}

/** Inserts an element at the caret; a buffer that already holds thousands takes no more. */
export function insertElement(buffer: TextBuffer, element: Element): TextBuffer {
  const added = addElement(buffer.elements, element);
  if (added === undefined) return buffer;
  const { mark, elements } = added;
  return replaceRange({ ...buffer, elements }, buffer.caret, buffer.caret, mark, false);
}

/**
 * Replaces a range with `text`, as an undo step of its own unless it `joins` the last one. The text is clean and the
 * range ends at boundaries; the caret goes after the text.
 */
export function replaceRange(
  buffer: TextBuffer,
  start: number,
  end: number,
  text: string,
  joins = false,
): TextBuffer {
  if (start === end && text === '') return buffer;
  const whole = buffer.text.slice(0, start) + text + buffer.text.slice(end);
  const past = joins ? buffer.past : [...buffer.past, snapshot(buffer)].slice(-MAX_STEPS);
  return {
    ...buffer,
    text: whole,
    caret: snapToBoundary(whole, start + text.length),
    column: undefined,
    past,
    future: [],
    run: undefined,
  };
}

export function deleteBackward(buffer: TextBuffer): TextBuffer {
  return deleteRun(buffer, previousBoundary(buffer.text, buffer.caret), buffer.caret, 'backspace');
}

export function deleteForward(buffer: TextBuffer): TextBuffer {
  return deleteRun(buffer, buffer.caret, nextBoundary(buffer.text, buffer.caret), 'delete');
}

function deleteRun(buffer: TextBuffer, start: number, end: number, kind: 'backspace' | 'delete'): TextBuffer {
  if (start === end) return buffer;
  const joins = buffer.run?.kind === kind && buffer.run.caret === buffer.caret;
  const after = replaceRange(buffer, start, end, '', joins);
  return { ...after, run: { kind, caret: after.caret } };
}

/** Removes a range and keeps it for `yank`. */
export function kill(buffer: TextBuffer, start: number, end: number): TextBuffer {
  if (start === end) return buffer;
  return { ...replaceRange(buffer, start, end, ''), killed: buffer.text.slice(start, end) };
}

/** Deletes back to the white space before the caret's word. */
export function killToSpace(buffer: TextBuffer): TextBuffer {
  return kill(buffer, previousSpaceStart(buffer.text, buffer.caret), buffer.caret);
}

export function killWordBackward(buffer: TextBuffer): TextBuffer {
  return kill(buffer, previousWordStart(buffer.text, buffer.caret), buffer.caret);
}

export function killWordForward(buffer: TextBuffer): TextBuffer {
  return kill(buffer, buffer.caret, nextWordEnd(buffer.text, buffer.caret));
}

/** Deletes to the end of the line; at the end, the line break. */
export function killToEnd(buffer: TextBuffer): TextBuffer {
  const end = lineEnd(buffer.text, buffer.caret);
  return kill(buffer, buffer.caret, end === buffer.caret ? nextBoundary(buffer.text, end) : end);
}

/** Deletes to the start of the line; at the start, the line break before it. */
export function killToStart(buffer: TextBuffer): TextBuffer {
  const start = lineStart(buffer.text, buffer.caret);
  return kill(buffer, start === buffer.caret ? previousBoundary(buffer.text, start) : start, buffer.caret);
}

export function yank(buffer: TextBuffer): TextBuffer {
  return replaceRange(buffer, buffer.caret, buffer.caret, buffer.killed);
}

export function undo(buffer: TextBuffer): TextBuffer {
  const last = buffer.past.at(-1);
  if (last === undefined) return buffer;
  return travel(buffer, last, buffer.past.slice(0, -1), [...buffer.future, snapshot(buffer)]);
}

export function redo(buffer: TextBuffer): TextBuffer {
  const next = buffer.future.at(-1);
  if (next === undefined) return buffer;
  return travel(buffer, next, [...buffer.past, snapshot(buffer)], buffer.future.slice(0, -1));
}

function travel(
  buffer: TextBuffer,
  to: Snapshot,
  past: readonly Snapshot[],
  future: readonly Snapshot[],
): TextBuffer {
  return { ...buffer, ...to, column: undefined, past, future, run: undefined };
}

function snapshot({ text, caret }: TextBuffer): Snapshot {
  return { text, caret };
}
