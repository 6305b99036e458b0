/**
 * Cuts a tool's output to what the model may read: the head and the tail, with a marker between them.
 *
 * Owns: the form of the cut (Codex's, so that models that know it understand it). Invariants: no character is
 * split; what is kept is a prefix and a suffix of the text; the two together never exceed the budget.
 * Does not: decide when to cut. That is done once, when an output is recorded, because a later cut would
 * change bytes that the server has already read.
 */
import { borderAfter, borderBefore, countCharacters } from './utf8.ts';

/** Bytes of one output that the model gets, unless the configuration says otherwise. */
export const DEFAULT_OUTPUT_LIMIT = 10_000;

export interface Truncation {
  /** Budget in UTF-8 bytes for head and tail together; the marker comes on top. 0 keeps the marker only. */
  readonly limitBytes?: number;
  /** The file that holds the whole output; the marker names it. */
  readonly fullOutputPath?: string | undefined;
}

/**
 * The text within `limitBytes`: half of the budget from its start, the rest from its end.
 * @example truncateText('abcdefgh', { limitBytes: 4 }) // { text: 'ab…4 chars truncated…gh', truncated: true }
 */
export function truncateText(
  text: string,
  { limitBytes = DEFAULT_OUTPUT_LIMIT, fullOutputPath }: Truncation = {},
): { text: string; truncated: boolean } {
  // A UTF-16 unit is at most 3 bytes: most outputs need no encoding to be known as short enough.
  if (text.length * 3 <= limitBytes) return { text, truncated: false };
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return { text, truncated: false };
  const { headEnd, tailStart } = cutPoints(bytes.length, limitBytes);
  const head = bytes.subarray(0, borderBefore(bytes, headEnd));
  const tail = bytes.subarray(borderAfter(bytes, tailStart));
  const removed = countCharacters(bytes) - countCharacters(head) - countCharacters(tail);
  return { text: joinCut(head.toString(), removed, tail.toString(), fullOutputPath), truncated: true };
}

/** Where the head ends and the tail starts, before they are moved to character borders. */
export function cutPoints(totalBytes: number, limitBytes: number): { headEnd: number; tailStart: number } {
  const headEnd = Math.floor(limitBytes / 2);
  return { headEnd, tailStart: totalBytes - (limitBytes - headEnd) };
}

/** Head, marker and tail as one text. `removed` counts characters (code points). */
export function joinCut(head: string, removed: number, tail: string, fullOutputPath?: string): string {
  const where = fullOutputPath === undefined ? '' : `[full output: ${fullOutputPath}]`;
  return `${head}…${removed} chars truncated…${where}${tail}`;
}
