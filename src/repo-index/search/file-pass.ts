/**
 * The words of a question as they are in the text of some files: what a pass of ripgrep (text-pass.ts) says of them, in a part of the
 * time that its process takes.
 *
 * Invariants: the files as they are now; a link is not followed; the thread is yielded again and again.
 */
import { readText } from '../reading/read-file.ts';
import { MOST_PER_FILE, type TextHit } from './text-pass.ts';

/** Milliseconds of work before the thread is yielded. */
const SLICE_MS = 12;

export interface FilePassOptions {
  readonly root: string;
  /** Without characters that mean something in a regular expression, but `$`. */
  readonly words: readonly string[];
  /** Relative. */
  readonly files: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** The files with any of the words, in no order; after an abort, those that were found until then. Never throws. */
export async function filePass({ root, words, files, signal }: FilePassOptions): Promise<TextHit[]> {
  if (words.length === 0) return [];
  const linesIn = searchFor(words);
  const hits: TextHit[] = [];
  let heldSince = performance.now();
  for (const path of files) {
    if (signal?.aborted) break;
    const lines = linesIn(readText(root, path));
    if (lines !== undefined) hits.push({ path, lines });
    if (performance.now() - heldSince < SLICE_MS) continue;
    await new Promise(setImmediate);
    heldSince = performance.now();
  }
  return hits;
}

/** Finds the lines of each word in a text; undefined if it has none. */
function searchFor(
  words: readonly string[],
): (file: ReturnType<typeof readText>) => TextHit['lines'] | undefined {
  const places = new Map(words.map((word, at) => [word.toLowerCase(), at]));
  const pattern = words.map((word) => word.replaceAll('$', '\\$')).join('|');
  const anyCase = new RegExp(pattern, 'giu');
  // Without `u` it is several times faster, and differs only in letters beyond ASCII.
  const ascii = /^[\x00-\x7f]*$/.test(pattern) ? new RegExp(pattern, 'gi') : anyCase;
  return ({ text, isAscii }) => {
    const found = new Map<number, number[]>();
    let [line, from, matching, last] = [1, 0, 0, 0];
    for (const { 0: match, index } of text.matchAll(isAscii ? ascii : anyCase)) {
      for (let end = text.indexOf('\n', from); end >= 0 && end < index; end = text.indexOf('\n', from)) {
        line += 1;
        from = end + 1;
      }
      if (line !== last) matching += 1;
      if (matching > MOST_PER_FILE) break;
      last = line;
      const at = places.get(match.toLowerCase());
      if (at === undefined) continue;
      const lines = found.get(at) ?? [];
      found.set(at, lines);
      if (lines.at(-1) !== line) lines.push(line);
    }
    return matching > 0 ? found : undefined;
  };
}
