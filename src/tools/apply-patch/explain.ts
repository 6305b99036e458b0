/**
 * What a model reads when the place or the file of its patch was not found: the nearest lines with their numbers, or the nearest
 * names in the folder, and what to do next. Short: twelve quoted lines, three names, cut lines.
 */
import { nearPaths } from '../near-paths.ts';
import { findNearest } from './nearest.ts';
import type { Chunk } from './parse.ts';
import { seekAll, seekSequence } from './seek.ts';

const MAX_QUOTED = 12;
const MAX_QUOTED_LENGTH = 160;
const MAX_PLACES = 4;
const MAX_LINES_ABOVE = 400;
export const COPY_HINT =
  'Copy unchanged and removed lines exactly from the file and send the whole patch again.';

/** Lines as `grep -n` and most file readers show them, which models paste with the number. */
const LINE_NUMBER_PREFIX = /^\s*L?\d+\s*(?:[:|\t→]|\s{2,})/;

/** Why the old lines of `chunk` were not found from line index `start` on. */
export function explainMissingLines(lines: readonly string[], chunk: Chunk, start: number): string {
  if (lines.length === 0) return 'The file is empty.';
  const old = chunk.lines.filter((line) => line.kind !== 'add').map((line) => line.text);
  const anywhere = seekSequence(lines, old, 0, false);
  if (anywhere !== undefined) return explainPosition(anywhere, chunk, start);
  const done = chunk.lines.filter((line) => line.kind !== 'remove').map((line) => line.text);
  const isDone = done.some((line) => line.trim() !== '') && chunk.lines.some((line) => line.kind === 'add');
  const doneAt = isDone ? seekSequence(lines, done, 0, false) : undefined;
  if (doneAt !== undefined) {
    return `The new lines are already in the file at line ${doneAt + 1}: this change seems to have been made.`;
  }
  if (old.filter((line) => LINE_NUMBER_PREFIX.test(line)).length > old.length / 2) {
    return `The lines of the patch seem to carry line numbers; leave those out. ${COPY_HINT}`;
  }
  return quoteNearest(lines, old);
}

function explainPosition(found: number, chunk: Chunk, start: number): string {
  const place = `These lines are at line ${found + 1}`;
  if (chunk.endOfFile) return `${place}, not at the end of the file: leave out '*** End of File'.`;
  if (chunk.context !== undefined) {
    return `${place}, but the hunk searches from line ${start + 1}: its @@ line must be above them, and hunks must be in file order.`;
  }
  return `${place}, but the hunk before ends at line ${start}: put the hunks in file order.`;
}

/** Why the `@@` line was not found from line index `start` on. */
export function explainMissingContext(lines: readonly string[], context: string, start: number): string {
  if (/^-\d+(?:,\d+)? \+\d+/.test(context)) {
    return 'Line numbers are not used: write @@ alone, and show where added lines go by unchanged lines above or below them.';
  }
  const anywhere = seekSequence(lines, [context], 0, false);
  if (anywhere !== undefined) {
    return `It is at line ${anywhere + 1}, but the hunk searches from line ${start + 1}: put the hunks in file order.`;
  }
  return `The text after @@ must be one whole line of the file; @@ alone is enough if the lines below it are unique.\n${quoteNearest(lines, [context])}`;
}

function quoteNearest(lines: readonly string[], wanted: readonly string[]): string {
  const place = findNearest(lines, wanted);
  if (place === undefined) return 'Nothing in the file is similar. Read the file before you patch it.';
  const before = wanted.length === 1 ? 2 : 1;
  const skipped = wanted.length > MAX_QUOTED - 2 ? Math.max(0, place.firstDifference - 3) : 0;
  const first = Math.max(0, place.index + skipped - before);
  const quoted = quoteLines(lines, first, place.index + wanted.length + 1 - first);
  return `The nearest lines in the file:\n${quoted}\n${COPY_HINT}`;
}

/** Lines of a file with their numbers. */
export function quoteLines(lines: readonly string[], first: number, count: number): string {
  const last = Math.min(lines.length, first + Math.min(count, MAX_QUOTED));
  const width = String(last).length;
  return lines
    .slice(first, last)
    .map((line, index) => `${String(first + index + 1).padStart(width)}| ${cut(line)}`)
    .join('\n');
}

function cut(line: string): string {
  return line.length > MAX_QUOTED_LENGTH ? `${line.slice(0, MAX_QUOTED_LENGTH)}…` : line;
}

/** The places that a hunk can mean, each with a line above it that tells it apart. */
export function explainPlaces(lines: readonly string[], places: readonly number[]): string {
  const shown = places.slice(0, MAX_PLACES).map((place) => {
    const above = distinctLineAbove(lines, place);
    return `line ${place + 1}${above === undefined ? '' : `, below '${cut(above)}'`}`;
  });
  const more = places.length > MAX_PLACES ? `\nand ${places.length - MAX_PLACES} more` : '';
  return `${shown.join('\n')}${more}\nPut the line above the right place after @@, or add unchanged lines to the hunk.`;
}

/** The nearest line above that a person would name the place by: less indented where there is one, and only once in the file. */
function distinctLineAbove(lines: readonly string[], place: number): string | undefined {
  const depth = (line: string): number => line.length - line.trimStart().length;
  let most = depth(lines[place] ?? '') || 1;
  for (let at = place - 1; at >= 0 && at > place - MAX_LINES_ABOVE; at--) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || depth(line) >= most) continue;
    if (seekAll(lines, [line], 0, false).length === 1) return line;
    most = depth(line) || 1;
  }
  return undefined;
}

/** The existing paths that may be meant by one that does not exist, worded for a model. */
export async function explainMissingFile(missing: string, cwd: string): Promise<string> {
  const near = await nearPaths(missing, cwd);
  return near.length === 0 ? 'No file has this name or a similar one.' : `Did you mean: ${near.join(', ')}?`;
}
