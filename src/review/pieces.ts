/**
 * Divides a diff into pieces that a model can read, each with lines of one file. Pure.
 *
 * Invariants: every line of every hunk is in exactly one piece, in order, with its number; a piece is larger than it may be only if a
 * single line is.
 */
import { printable } from '../config/errors.ts';
import type { ChangedFile, DiffLine, Hunk } from './changed-files.ts';
import { MOST_LINE } from './left-out.ts';

export interface Piece extends Pick<ChangedFile, 'path' | 'movedFrom' | 'change'> {
  readonly hunks: readonly Hunk[];
}

/** What is around the lines. */
const HEAD_BYTES = 100;

/** @param mostBytes of the text of one piece. */
export function piecesOf(file: ChangedFile, mostBytes: number): Piece[] {
  const { path, movedFrom, change } = file;
  const pieces: Hunk[][] = [];
  let room = 0;
  for (const hunk of file.hunks.flatMap((one) => dividedHunk(one, mostBytes - HEAD_BYTES))) {
    const size = hunkBytes(hunk);
    const last = pieces.at(-1);
    if (last !== undefined && size <= room) {
      last.push(hunk);
      room -= size;
    } else {
      pieces.push([hunk]);
      room = mostBytes - HEAD_BYTES - size;
    }
  }
  return pieces.map((hunks) => ({ path, movedFrom, change, hunks }));
}

/** Undefined: it has one line. */
export function halves(piece: Piece): readonly [Piece, Piece] | undefined {
  const all = piece.hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  if (all < 2) return undefined;
  const first: Hunk[] = [];
  const second: Hunk[] = [];
  let left = Math.floor(all / 2);
  for (const { section, lines } of piece.hunks) {
    if (left > 0) first.push({ section, lines: lines.slice(0, left) });
    if (left < lines.length) second.push({ section, lines: lines.slice(Math.max(0, left)) });
    left -= lines.length;
  }
  return [
    { ...piece, hunks: first },
    { ...piece, hunks: second },
  ];
}

/** Something was added or removed in it. */
export function hasChange({ hunks }: Piece): boolean {
  return hunks.some(({ lines }) => lines.some(({ kind }) => kind !== ' '));
}

/** Of the file as it is now, both included. */
export function rangeOf({ hunks }: Piece): { readonly start: number; readonly end: number } {
  const numbers = hunks.flatMap(({ lines }) => [lines[0]?.line ?? 1, lines.at(-1)?.line ?? 1]);
  return { start: Math.min(...numbers), end: Math.max(...numbers) };
}

/** As the model reads it: number, sign and text of each line. */
export function pieceText({ path, movedFrom, change, hunks }: Piece): string {
  const about =
    change === 'add' ? ' (new file)' : movedFrom === undefined ? '' : ` (was ${printable(movedFrom)})`;
  const width = String(Math.max(...hunks.flatMap(({ lines }) => lines.map(({ line }) => line)))).length;
  const body = hunks.map(({ section, lines }) =>
    [`@@ ${section.trim()}`.trimEnd(), ...lines.map((line) => lineText(line, width))].join('\n'),
  );
  return `${printable(path)}${about}\n${body.join('\n')}`;
}

function lineText({ kind, text, line }: DiffLine, width: number): string {
  const number = kind === '-' ? '' : String(line);
  return `${number.padStart(width)} ${kind}${cutLine(text)}`;
}

/** A line that nobody wrote by hand is not whole; the report names it. */
export function isCutLine({ text }: DiffLine): boolean {
  return text.length > MOST_LINE;
}

function cutLine(text: string): string {
  return text.length > MOST_LINE ? `${text.slice(0, MOST_LINE).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

function dividedHunk(hunk: Hunk, mostBytes: number): Hunk[] {
  if (hunkBytes(hunk) <= mostBytes) return [hunk];
  const parts: DiffLine[][] = [];
  let room = 0;
  for (const line of hunk.lines) {
    const size = lineBytes(line);
    const last = parts.at(-1);
    if (last === undefined || size > room) {
      parts.push([line]);
      room = mostBytes - sectionBytes(hunk) - size;
    } else {
      last.push(line);
      room -= size;
    }
  }
  return parts.map((lines) => ({ section: hunk.section, lines }));
}

function hunkBytes(hunk: Hunk): number {
  return hunk.lines.reduce((sum, line) => sum + lineBytes(line), sectionBytes(hunk));
}

function sectionBytes({ section }: Hunk): number {
  return Buffer.byteLength(section) + 5;
}

/** As it is sent: in JSON, with its number, a sign and a line break. */
function lineBytes({ text }: DiffLine): number {
  return Buffer.byteLength(JSON.stringify(cutLine(text))) + 8;
}
