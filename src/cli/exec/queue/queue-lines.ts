/**
 * The lines of a queue file: prompts for `exec --queue`.
 *
 * A line is a prompt, or a JSON object with one for what has line breaks. Empty lines and lines that begin with `#` are
 * none. Each other line is an entry or a problem, whatever its bytes are; nothing here throws.
 */
import { isUtf8 } from 'node:buffer';
import { errorMessage } from '../../../text/error-message.ts';

/** No model can read more. Bytes. */
export const MAX_LINE_BYTES = 16 * 2 ** 20;

export interface QueueEntry {
  /** Its number in the file, from 1. */
  readonly line: number;
  readonly text: string;
  /** No line break ends it: more of it may be on its way. */
  readonly isOpen?: true;
}

export interface QueueProblem {
  readonly line: number;
  /** Completes "line 3: ". */
  readonly problem: string;
}

export type QueueLine = QueueEntry | QueueProblem;

const NEWLINE = 10;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const FORM = 'such as {"prompt": "two\\nlines"}';

/** Divides bytes into lines, in whatever pieces they come. */
export class QueueLines {
  #line = 1;
  #held: Buffer[] = [];
  #length = 0;

  /** @returns what the lines that have ended now are. */
  add(chunk: Buffer): QueueLine[] {
    const found: QueueLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#hold(chunk.subarray(from, end));
      found.push(...this.#take());
      this.#line += 1;
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
    return found;
  }

  /** A line so long that its end is not worth waiting for. */
  get isTooLong(): boolean {
    return this.#length > MAX_LINE_BYTES;
  }

  /** @returns the last line, if no line break ends it. */
  end(): QueueLine[] {
    return this.#take().map((line) => ('text' in line ? { ...line, isOpen: true } : line));
  }

  /** Of a line that is too long only its length. */
  #hold(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.isTooLong) this.#held = [];
    else if (bytes.length > 0) this.#held.push(bytes);
  }

  #take(): QueueLine[] {
    const line = this.#line;
    const said = this.isTooLong
      ? { problem: `it is longer than ${MAX_LINE_BYTES / 2 ** 20} MiB` }
      : lineOf(Buffer.concat(this.#held), line === 1);
    this.#held = [];
    this.#length = 0;
    return said === undefined ? [] : [{ line, ...said }];
  }
}

type Said = { readonly text: string } | { readonly problem: string };

function lineOf(bytes: Buffer, isFirst: boolean): Said | undefined {
  const isMarked = isFirst && bytes.subarray(0, MARK.length).equals(MARK);
  const body = isMarked ? bytes.subarray(MARK.length) : bytes;
  if (!isUtf8(body)) return { problem: 'it is not UTF-8' };
  const text = body.toString().trim();
  if (text.includes('\0')) return { problem: 'it has a NUL byte, which no text has' };
  if (text === '' || text.startsWith('#')) return undefined;
  return text.startsWith('{') ? objectOf(text) : { text };
}

function objectOf(text: string): Said {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `it begins with { but is not JSON, ${FORM}: ${errorMessage(error)}` };
  }
  // What begins with { and can be parsed is an object.
  const { prompt, ...others } = value as { readonly [key: string]: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return { problem: `the key ${JSON.stringify(unknown)} is not known; there is only "prompt"` };
  if (typeof prompt !== 'string') return { problem: `it has no text as "prompt", ${FORM}` };
  if (prompt.trim() === '') return { problem: 'the prompt is empty' };
  if (prompt.includes('\0') || !prompt.isWellFormed())
    return { problem: 'the prompt has a NUL or half a character, which no text has' };
  return { text: prompt };
}

/** Those of a whole file. */
export function linesOf(bytes: Buffer): readonly QueueLine[] {
  const lines = new QueueLines();
  return [...lines.add(bytes), ...lines.end()];
}
