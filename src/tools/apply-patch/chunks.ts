/**
 * The new text of a file: its old text with the hunks of one update applied.
 *
 * Lines that no hunk removes keep their bytes, including context lines that matched loosely. Added lines take the ending of the line
 * above them and the file's indentation. A text that is not empty ends with a newline.
 */
import { fileError } from './errors.ts';
import { COPY_HINT, explainPlaces, quoteLines } from './explain.ts';
import { fitIndentation } from './indent.ts';
import type { Chunk } from './parse.ts';
import { type Placement, placeChunks } from './place.ts';

interface FileText {
  /** Lines without their endings. */
  readonly lines: readonly string[];
  /** Lines with their endings; the last one has got one if it had none. */
  readonly raw: readonly string[];
}

/**
 * Applies `chunks` to `original`.
 * @param path as the patch spells it, for messages.
 * @throws PatchError when a hunk's place, or the indentation of its added lines, is not certain.
 */
export function applyChunks(original: string, chunks: readonly Chunk[], path: string): string {
  const file = splitFile(original);
  const { first, last } = placeChunks(file.lines, chunks, path);
  const text = joinFile(file, first, path);
  const unclear = first.findIndex(({ index }, at) => index !== last[at]?.index);
  if (unclear === -1 || text === joinFile(file, last, path)) return text;
  const { body, places, anchor } = first[unclear] as Placement;
  const old =
    anchor === undefined ? body.filter(({ kind }) => kind !== 'add').map((line) => line.text) : [anchor];
  throw fileError(
    `Found the lines of a hunk in more than one place of ${path}:\n${old.join('\n')}`,
    explainPlaces(file.lines, anchor === undefined ? places : places.map((place) => place - 1)),
  );
}

function splitFile(text: string): FileText {
  const raw = text.split(/(?<=\n)/);
  if (raw.at(-1) === '') raw.pop();
  const last = raw.at(-1);
  if (last !== undefined && !last.endsWith('\n')) raw[raw.length - 1] = last + endingOf(raw.at(-2));
  return { lines: raw.map((line) => line.slice(0, -endingOf(line).length)), raw };
}

function endingOf(line: string | undefined): string {
  return line?.endsWith('\r\n') ? '\r\n' : '\n';
}

function joinFile(file: FileText, placements: readonly Placement[], path: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const placement of placements.toSorted((a, b) => a.index - b.index)) {
    for (; at < placement.index; at++) parts.push(file.raw[at] ?? '');
    for (const piece of newPieces(file, placement, path)) parts.push(piece);
    at = Math.max(at, placement.index + placement.count);
  }
  for (; at < file.raw.length; at++) parts.push(file.raw[at] ?? '');
  return parts.join('');
}

function newPieces(file: FileText, { body, index, count, anchor }: Placement, path: string): string[] {
  const fitted = fitIndentation(body, { lines: file.lines, index }, anchor);
  if (fitted === undefined) {
    throw fileError(
      `The lines of a hunk have another indentation in ${path}`,
      `${quoteLines(file.lines, anchor === undefined ? index : index - 1, Math.max(count, 2))}\n${COPY_HINT}`,
    );
  }
  const pieces: string[] = [];
  let at = index;
  for (const line of fitted) {
    if (line.kind === 'add') pieces.push(line.text + endingOf(file.raw[at - 1] ?? file.raw[at]));
    if (line.kind === 'context') pieces.push(file.raw[at] ?? '');
    if (line.kind !== 'add') at++;
  }
  return pieces;
}
