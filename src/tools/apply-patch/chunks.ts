/**
 * The new text of a file: its old text with the hunks of one update applied.
 *
 * Lines that no hunk removes keep their bytes, including context lines that matched loosely. Added lines take the ending of the
 * file's first line. A text that is not empty ends with a newline.
 */
import { fileError } from './errors.ts';
import { explainMissingContext, explainMissingLines } from './explain.ts';
import type { Chunk, PatchLine } from './parse.ts';
import { seekSequence } from './seek.ts';

/** A header as unified diffs have it (`@@ -1,3 +1,4 @@ heading`), seen by the parser as a context line. */
const NUMBERED_HEADER = /^-\d+(?:,\d+)? \+\d+(?:,\d+)? @@(?: (.*))?$/;

interface FileText {
  /** Lines without their endings. */
  readonly lines: readonly string[];
  /** Lines with their endings; the last one has got one if it had none. */
  readonly raw: readonly string[];
  readonly eol: string;
}

/** `count` old lines at `index` become `pieces`: texts with their endings. */
interface Replacement {
  readonly index: number;
  readonly count: number;
  readonly pieces: readonly string[];
}

/**
 * Applies `chunks` to `original`.
 * @param path as the patch spells it, for messages.
 * @throws PatchError when a hunk's place is not found.
 */
export function applyChunks(original: string, chunks: readonly Chunk[], path: string): string {
  const file = splitFile(original);
  const replacements: Replacement[] = [];
  let position = 0;
  for (const chunk of chunks) {
    const placed = placeChunk(file, chunk, position, path);
    replacements.push(placed.replacement);
    position = placed.position;
  }
  return joinFile(file, replacements);
}

function splitFile(text: string): FileText {
  const raw = text.split(/(?<=\n)/);
  if (raw.at(-1) === '') raw.pop();
  const eol = raw[0]?.endsWith('\r\n') ? '\r\n' : '\n';
  const last = raw.at(-1);
  if (last !== undefined && !last.endsWith('\n')) raw[raw.length - 1] = last + eol;
  return { lines: raw.map((line) => line.slice(0, line.endsWith('\r\n') ? -2 : -1)), raw, eol };
}

function joinFile(file: FileText, replacements: readonly Replacement[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const replacement of replacements.toSorted((a, b) => a.index - b.index)) {
    for (; at < replacement.index; at++) parts.push(file.raw[at] ?? '');
    for (const piece of replacement.pieces) parts.push(piece);
    at = Math.max(at, replacement.index + replacement.count);
  }
  for (; at < file.raw.length; at++) parts.push(file.raw[at] ?? '');
  return parts.join('');
}

function oldLines(body: readonly PatchLine[]): string[] {
  return body.filter((line) => line.kind !== 'add').map((line) => line.text);
}

function placeChunk(
  file: FileText,
  chunk: Chunk,
  position: number,
  path: string,
): { replacement: Replacement; position: number } {
  const start = startOf(file, chunk, position, path);
  const old = oldLines(chunk.lines);
  if (old.length === 0) {
    const blankLast = file.lines.at(-1) === '' ? 1 : 0;
    const pieces = newPieces(file, chunk.lines, 0);
    return { replacement: { index: file.lines.length - blankLast, count: 0, pieces }, position: start };
  }
  for (const body of [chunk.lines, withoutBlankEnd(chunk.lines)]) {
    if (body === undefined) continue;
    const wanted = oldLines(body);
    const index = seekSequence(file.lines, wanted, start, chunk.endOfFile);
    if (index === undefined) continue;
    const replacement = { index, count: wanted.length, pieces: newPieces(file, body, index) };
    return { replacement, position: index + wanted.length };
  }
  throw fileError(
    `Failed to find expected lines in ${path}:\n${old.join('\n')}`,
    explainMissingLines(file.lines, chunk, start),
  );
}

/** The line from which a hunk's old lines are searched: after its context line, if it has one. */
function startOf(file: FileText, chunk: Chunk, position: number, path: string): number {
  const { context } = chunk;
  if (context === undefined) return position;
  const found = seekSequence(file.lines, [context], position, false);
  if (found !== undefined) return found + 1;
  const numbered = NUMBERED_HEADER.exec(context);
  const old = oldLines(chunk.lines);
  // Without old lines only the numbers would say where the hunk goes, and models count badly.
  if (numbered !== null && (old.length > 0 || file.lines.length === 0)) {
    return afterHeading(file, numbered[1], old, position);
  }
  throw fileError(
    `Failed to find context '${context}' in ${path}`,
    explainMissingContext(file.lines, context, position),
  );
}

/** The heading of a unified diff only narrows the search: it may be above the hunk before this one. */
function afterHeading(
  file: FileText,
  heading: string | undefined,
  old: readonly string[],
  position: number,
): number {
  if (heading === undefined || heading.trim() === '') return position;
  const found = seekSequence(file.lines, [heading], position, false);
  if (found === undefined) return position;
  return seekSequence(file.lines, old, found + 1, false) === undefined ? position : found + 1;
}

function newPieces(file: FileText, body: readonly PatchLine[], index: number): string[] {
  const pieces: string[] = [];
  let at = index;
  for (const line of body) {
    if (line.kind === 'add') pieces.push(line.text + file.eol);
    if (line.kind === 'context') pieces.push(file.raw[at] ?? '');
    if (line.kind !== 'add') at++;
  }
  return pieces;
}

/**
 * The body without an empty last old line, which is often only the blank line before the next operation; an
 * empty last new line goes with it. Undefined if the last old line is not empty.
 */
function withoutBlankEnd(body: readonly PatchLine[]): PatchLine[] | undefined {
  const lastOld = body.findLastIndex((line) => line.kind !== 'add');
  const lastNew = body.findLastIndex((line) => line.kind !== 'remove');
  if (body[lastOld]?.text !== '') return undefined;
  const dropsNew = body[lastNew]?.text === '';
  return body.flatMap((line, index): PatchLine[] => {
    const inOld = line.kind !== 'add' && index !== lastOld;
    const inNew = line.kind !== 'remove' && !(dropsNew && index === lastNew);
    if (inOld && inNew) return [line];
    if (inOld) return [{ kind: 'remove', text: line.text }];
    return inNew ? [{ kind: 'add', text: line.text }] : [];
  });
}
