/**
 * Cuts a tool's output for the model: head and tail with a marker between them, in Codex's form, which models may know.
 *
 * Invariants: no character is split; what is kept is a prefix and a suffix of the text, together never over the budget.
 * An output is cut once, when it is recorded: a later cut would change bytes that the server has already read.
 */
import { borderAfter, borderBefore, countCharacters } from './utf8.ts';

/** Bytes of one output, unless configured otherwise. */
export const DEFAULT_OUTPUT_LIMIT = 10_000;

interface Truncation {
  /** UTF-8 bytes for head and tail together, without the marker. 0 leaves only the marker. */
  readonly limitBytes?: number;
  /** The file with the whole output; the marker names it. */
  readonly fullOutputPath?: string | undefined;
}

/**
 * The text within `limitBytes`: half of the budget from the start, the rest from the end.
 * @example truncateText('abcdefgh', { limitBytes: 4 }) // { text: 'ab…4 chars truncated…gh', truncated: true }
 */
export function truncateText(
  text: string,
  { limitBytes = DEFAULT_OUTPUT_LIMIT, fullOutputPath }: Truncation = {},
): { text: string; truncated: boolean } {
  // A UTF-16 unit is at most 3 bytes, so most outputs are known to be short enough without encoding them.
  if (text.length * 3 <= limitBytes) return { text, truncated: false };
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return { text, truncated: false };
  const { headEnd, tailStart } = cutPoints(bytes.length, limitBytes);
  const head = bytes.subarray(0, borderBefore(bytes, headEnd));
  const tail = bytes.subarray(borderAfter(bytes, tailStart));
  const removed = countCharacters(bytes) - countCharacters(head) - countCharacters(tail);
  return { text: joinCut(head.toString(), removed, tail.toString(), fullOutputPath), truncated: true };
}

/** The end of the head and the start of the tail, before they are moved to character borders. */
export function cutPoints(totalBytes: number, limitBytes: number): { headEnd: number; tailStart: number } {
  const headEnd = Math.floor(limitBytes / 2);
  return { headEnd, tailStart: totalBytes - (limitBytes - headEnd) };
}

/** Head, marker and tail as one text. `removed` counts characters (code points). */
export function joinCut(head: string, removed: number, tail: string, fullOutputPath?: string): string {
  const where = fullOutputPath === undefined ? '' : `[full output: ${fullOutputPath}]`;
  return `${head}…${removed} chars truncated…${where}${tail}`;
}
