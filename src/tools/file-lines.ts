/**
 * Takes some lines out of a file of any size. Memory is bounded by the budget and one block, even for a single line of gigabytes.
 */
import { isUtf8 } from 'node:buffer';
import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { countCharacters } from '../context/utf8.ts';

const BLOCK_BYTES = 2 ** 18;
const LINE_CHARACTERS = 500;
/** Bytes that 500 characters can take. */
const LINE_BYTES = LINE_CHARACTERS * 4;
/** How far to read on after the last line that is taken, to count the others. */
const COUNT_BYTES = 2 ** 28;
const NEWLINE = 10;
const RETURN = 13;

const readAsync = promisify(read);

export interface LinesWanted {
  /** From 1. */
  readonly first: number;
  readonly most: number;
  /** Bytes that all lines together may take; the first one is always taken. */
  readonly budget: number;
  readonly signal: AbortSignal;
}

export interface FileLines {
  readonly first: number;
  /** `NUMBER<tab>TEXT`, without line ends; text beyond 500 characters is cut and counted. */
  readonly lines: readonly string[];
  readonly total: number;
  /** False if the file is so long that the lines after those taken were not all counted. */
  readonly totalIsExact: boolean;
  /** Some bytes of these lines were not UTF-8. */
  readonly replaced: boolean;
}

/** Reads the open `file` from its start; undefined if `signal` aborts. */
export async function readLines(file: number, wanted: LinesWanted): Promise<FileLines | undefined> {
  const { first, most, budget, signal } = wanted;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const lines: string[] = [];
  let replaced = false;
  let bytesLeft = budget;
  let full = false;
  let number = 1;
  /** The start of the current line, as far as it may be shown, and what of it is left out. */
  let kept: Buffer = Buffer.alloc(0);
  let left = 0;
  let lastByte = NEWLINE;
  let readOn = 0;

  const endLine = (): void => {
    if (number >= first && !full) {
      const { text, valid } = showLine(kept, left);
      const line = `${number}\t${text}`;
      bytesLeft -= Buffer.byteLength(line) + 1;
      if (bytesLeft >= 0 || lines.length === 0) {
        lines.push(line);
        replaced ||= !valid;
      }
      full = bytesLeft < 0 || lines.length === most;
    }
    number += 1;
    kept = Buffer.alloc(0);
    left = 0;
  };

  for (let position = 0; ; ) {
    if (signal.aborted) return undefined;
    // The first block at once, since most files have no second and the thread pool takes longer than the reading.
    const bytesRead =
      position === 0
        ? readSync(file, block, 0, BLOCK_BYTES, 0)
        : (await readAsync(file, block, 0, BLOCK_BYTES, position)).bytesRead;
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = block.subarray(0, bytesRead);
    for (let at = 0; at < bytesRead; ) {
      if (full || number < first) {
        if (bytes[at] === NEWLINE) number += 1;
        at += 1;
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline === -1 ? bytesRead : newline;
      const piece = bytes.subarray(at, Math.min(end, at + LINE_BYTES + 1 - kept.length));
      kept = Buffer.concat([kept, piece]);
      left += countCharacters(bytes.subarray(at + piece.length, end));
      if (newline !== -1) endLine();
      at = end + 1;
    }
    lastByte = bytes[bytesRead - 1] ?? NEWLINE;
    if (full) readOn += bytesRead;
    if (readOn > COUNT_BYTES) return { first, lines, total: number - 1, totalIsExact: false, replaced };
  }
  if (lastByte !== NEWLINE) endLine();
  return { first, lines, total: number - 1, totalIsExact: true, replaced };
}

/** The same of a text in memory. */
export function linesOf(text: string, { first, most, budget }: Omit<LinesWanted, 'signal'>): FileLines {
  const all = text.split('\n');
  const lines: string[] = [];
  let bytesLeft = budget;
  for (let at = first - 1; at < all.length && lines.length < most; at++) {
    const line = `${at + 1}\t${showLine(Buffer.from(all[at] ?? ''), 0).text}`;
    bytesLeft -= Buffer.byteLength(line) + 1;
    if (bytesLeft < 0 && lines.length > 0) break;
    lines.push(line);
  }
  return { first, lines, total: all.length, totalIsExact: true, replaced: false };
}

/** A line's text from its first bytes; `left` characters follow that are not among them. */
function showLine(kept: Buffer, left: number): { text: string; valid: boolean } {
  const whole = left === 0 && kept[kept.length - 1] === RETURN ? kept.subarray(0, -1) : kept;
  const characters = Array.from(whole.toString());
  const text = characters.slice(0, LINE_CHARACTERS).join('');
  const cut = characters.length - Math.min(characters.length, LINE_CHARACTERS) + left;
  // Bytes that were cut in the middle of a character are far beyond the text.
  const valid = isUtf8(whole) || !text.includes('\ufffd');
  return { text: cut === 0 ? text : `${text}…${cut} chars cut…`, valid };
}
