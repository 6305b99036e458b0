/**
 * The text that is being written: what each edit makes of it, and the way back.
 *
 * Invariants: a buffer never changes, every function gives a new one (or the same when nothing happened); the caret is
 * always at a border of graphemes; an edit that joins a run (typing inside one word, deleting one after another) is one
 * step of undo; the stacks are bounded. Does not: know keys, rows or cells.
 */
import { addElement, cleanInput, type Element, type Elements } from './elements.ts';
import { nextBorder, previousBorder, snapToBorder } from './graphemes.ts';
import { lineEnd, lineStart, nextWordEnd, previousSpaceStart, previousWordStart } from './words.ts';

interface Snapshot {
  readonly text: string;
  readonly caret: number;
}

/** What kind of edit ended where: the next one that goes on there joins its step of undo. */
interface EditRun {
  readonly kind: 'type' | 'backspace' | 'delete';
  readonly caret: number;
}

export interface TextBuffer {
  readonly text: string;
  /** UTF-16 offset, at a border of graphemes. */
  readonly caret: number;
  /** The column in cells that moves up and down keep; absent after any other key. */
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

/** A buffer without text and steps, that still knows its elements and what was killed. */
export function cleared({ elements, killed }: TextBuffer): TextBuffer {
  return { ...emptyBuffer, elements, killed };
}

/** Another clean text in the place of the whole, the caret at its end, as one step of undo. */
export function withText(buffer: TextBuffer, text: string): TextBuffer {
  return text === buffer.text
    ? moveTo(buffer, text.length)
    : replaceRange(buffer, 0, buffer.text.length, text);
}

/** Puts the caret at the border at or behind an offset. */
export function moveTo(buffer: TextBuffer, offset: number): TextBuffer {
  const caret = snapToBorder(buffer.text, offset);
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

/** Inserts an element at the caret; a buffer that holds thousands already takes no more. */
export function insertElement(buffer: TextBuffer, element: Element): TextBuffer {
  const added = addElement(buffer.elements, element);
  if (added === undefined) return buffer;
  const { mark, elements } = added;
  return replaceRange({ ...buffer, elements }, buffer.caret, buffer.caret, mark, false);
}

/**
 * Puts `text` in the place of a range, as a step of undo of its own unless it `joins` the last one. The text is clean and
 * the range ends at borders; the caret is put behind the text.
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
    caret: snapToBorder(whole, start + text.length),
    column: undefined,
    past,
    future: [],
    run: undefined,
  };
}

export function deleteBackward(buffer: TextBuffer): TextBuffer {
  return deleteRun(buffer, previousBorder(buffer.text, buffer.caret), buffer.caret, 'backspace');
}

export function deleteForward(buffer: TextBuffer): TextBuffer {
  return deleteRun(buffer, buffer.caret, nextBorder(buffer.text, buffer.caret), 'delete');
}

function deleteRun(buffer: TextBuffer, start: number, end: number, kind: 'backspace' | 'delete'): TextBuffer {
  if (start === end) return buffer;
  const joins = buffer.run?.kind === kind && buffer.run.caret === buffer.caret;
  const after = replaceRange(buffer, start, end, '', joins);
  return { ...after, run: { kind, caret: after.caret } };
}

/** Takes a range out and keeps it for `yank`. */
function kill(buffer: TextBuffer, start: number, end: number): TextBuffer {
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
  return kill(buffer, buffer.caret, end === buffer.caret ? nextBorder(buffer.text, end) : end);
}

/** Deletes to the start of the line; at the start, the line break before it. */
export function killToStart(buffer: TextBuffer): TextBuffer {
  const start = lineStart(buffer.text, buffer.caret);
  return kill(buffer, start === buffer.caret ? previousBorder(buffer.text, start) : start, buffer.caret);
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
