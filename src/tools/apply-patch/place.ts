/**
 * Where the hunks of one update go in a file.
 *
 * Hunks are in file order. Where old lines stand more than once, line numbers, the `@@` line, the end of the file or the hunks around
 * decide; each hunk's first and last possible place are found, and if these differ the caller has to see whether that matters.
 */
import { fileError } from './errors.ts';
import { explainMissingContext, explainMissingLines } from './explain.ts';
import type { Chunk, PatchLine } from './parse.ts';
import { seekAll, seekSequence } from './seek.ts';

/** A header as unified diffs have it (`@@ -1,3 +1,4 @@ heading`), seen by the parser as a context line. */
const NUMBERED_HEADER = /^-(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@(?: (.*))?$/;

export interface Placement {
  /** The hunk's lines, perhaps without an empty last one. */
  readonly body: readonly PatchLine[];
  /** Of its first old line; without old lines, of the line that it goes in front of. */
  readonly index: number;
  /** How many old lines there are. */
  readonly count: number;
  /** Every place that it can have, ascending. */
  readonly places: readonly number[];
  /** The `@@` line that a hunk without old lines goes behind. */
  readonly anchor?: string | undefined;
}

type Candidates = Omit<Placement, 'index'>;

export interface Placements {
  readonly first: readonly Placement[];
  readonly last: readonly Placement[];
}

/**
 * The first and the last possible places of `chunks`.
 * @param path as the patch spells it, for messages.
 * @throws PatchError when a hunk's place is not found.
 */
export function placeChunks(lines: readonly string[], chunks: readonly Chunk[], path: string): Placements {
  const candidates: Candidates[] = [];
  let position = 0;
  for (const chunk of chunks) {
    const found = candidatesOf(lines, chunk, position, path);
    candidates.push(found);
    if (isBound(found)) position = (found.places[0] ?? 0) + found.count;
  }
  const first = candidates.map((found) => ({ ...found, index: found.places[0] ?? 0 }));
  let limit = lines.length;
  const last = candidates.toReversed().map((found): Placement => {
    const { places, count } = found;
    const index = places.findLast((place) => place + count <= limit) ?? places[0] ?? 0;
    if (isBound(found)) limit = index;
    return { ...found, index };
  });
  return { first, last: last.reverse() };
}

/** A hunk that goes to the end of the file, wherever it stands in the patch, says nothing about its neighbours. */
function isBound({ count, anchor }: Pick<Placement, 'count' | 'anchor'>): boolean {
  return count > 0 || anchor !== undefined;
}

function oldLines(body: readonly PatchLine[]): string[] {
  return body.filter((line) => line.kind !== 'add').map((line) => line.text);
}

function candidatesOf(lines: readonly string[], chunk: Chunk, position: number, path: string): Candidates {
  const old = oldLines(chunk.lines);
  const starts = startsOf(lines, chunk, position, path);
  if (old.length === 0) {
    const anchor = anchorOf(chunk);
    const isBehindAnchor = anchor !== undefined && !chunk.endOfFile && lines.length > 0;
    if (isBehindAnchor) return { body: chunk.lines, count: 0, places: starts, anchor };
    const blankLast = lines.at(-1) === '' ? 1 : 0;
    return { body: chunk.lines, count: 0, places: [lines.length - blankLast] };
  }
  for (const body of [chunk.lines, withoutBlankEnd(chunk.lines)]) {
    if (body === undefined) continue;
    const wanted = oldLines(body);
    const places = placesOf(lines, wanted, starts, chunk);
    if (places.length > 0) return { body, count: wanted.length, places: nearNumber(places, chunk) };
  }
  throw fileError(
    `Failed to find expected lines in ${path}:\n${old.join('\n')}`,
    explainMissingLines(lines, chunk, starts[0] ?? position),
  );
}

/** The line indexes from which a hunk's old lines are searched: behind each line that its `@@` line can be, or `position`. */
function startsOf(lines: readonly string[], chunk: Chunk, position: number, path: string): readonly number[] {
  const context = anchorOf(chunk);
  if (context === undefined) return [position];
  const anchors = [...(chunk.outer ?? []), context];
  const found = seekNested(lines, anchors, position);
  if (found.length > 0) return found.map((index) => index + 1);
  const numbered = NUMBERED_HEADER.exec(context);
  const old = oldLines(chunk.lines);
  // Without old lines only the numbers would say where the hunk goes, and models count badly.
  if (numbered !== null && (old.length > 0 || lines.length === 0)) {
    return [afterHeading(lines, numbered[2], old, position)];
  }
  const isMissing = (_: string, at: number): boolean =>
    seekNested(lines, anchors.slice(0, at + 1), position).length === 0;
  const missing = anchors.find(isMissing) ?? context;
  throw fileError(
    `Failed to find context '${missing}' in ${path}`,
    explainMissingContext(lines, missing, position),
  );
}

/** The text after `@@` without what models put around it: a second `@@`, dots for what they leave out. */
function anchorOf({ context }: Chunk): string | undefined {
  if (context === undefined || NUMBERED_HEADER.test(context)) return context;
  const plain = context.replace(/(?:^|\s+)(?:@@|(?:\.\.\.|…)(?: @@)?)\s*$/, '');
  return plain.trim() === '' ? undefined : plain;
}

/** The lines that the last of `anchors` can be: below each line that the one before can be, the first. */
function seekNested(
  lines: readonly string[],
  [anchor = '', ...inner]: readonly string[],
  position: number,
): readonly number[] {
  let found = seekAnchor(lines, anchor, position);
  for (const next of inner) {
    const below = seekAnchor(lines, next, position);
    found = [...new Set(found.flatMap((outer) => below.find((index) => index > outer) ?? []))];
  }
  return found;
}

/** Lines that are `anchor`; if there is none, those that begin with it: `def f` for `def f(self):`. */
function seekAnchor(lines: readonly string[], anchor: string, position: number): readonly number[] {
  const found = seekAll(lines, [anchor], position, false);
  const start = anchor.trim();
  if (found.length > 0 || !/\w/.test(start) || NUMBERED_HEADER.test(anchor)) return found;
  return lines.flatMap((line, index) => {
    const text = line.trim();
    const begins = index >= position && text.startsWith(start);
    return begins && !/^\w\w/.test(text.slice(start.length - 1)) ? [index] : [];
  });
}

/** The heading of a unified diff only narrows the search: it may be above the hunk before this one. */
function afterHeading(
  lines: readonly string[],
  heading: string | undefined,
  old: readonly string[],
  position: number,
): number {
  if (heading === undefined || heading.trim() === '') return position;
  const found = seekSequence(lines, [heading], position, false);
  if (found === undefined) return position;
  return seekSequence(lines, old, found + 1, false) === undefined ? position : found + 1;
}

/** Behind a `@@` line the first place counts, for each line that it can be; it may also be the first old line itself. */
function placesOf(
  lines: readonly string[],
  wanted: readonly string[],
  starts: readonly number[],
  chunk: Chunk,
): readonly number[] {
  const [start = 0] = starts;
  const { endOfFile } = chunk;
  const places = seekAll(lines, wanted, start, endOfFile);
  const context = anchorOf(chunk);
  if (context === undefined || NUMBERED_HEADER.test(context)) return places;
  if (places.length === 0) {
    const atAnchor = new Set(starts.map((index) => index - 1));
    return seekAll(lines, wanted, start - 1, endOfFile).filter((place) => atAnchor.has(place));
  }
  let next = 0;
  const behind = starts.flatMap((from) => {
    while (next < places.length && (places[next] ?? 0) < from) next++;
    return places[next] ?? [];
  });
  return [...new Set(behind)];
}

/** Of several places those that are nearest to the line number of a unified diff. */
function nearNumber(places: readonly number[], { context }: Chunk): readonly number[] {
  const number = NUMBERED_HEADER.exec(context ?? '')?.[1];
  if (number === undefined || places.length < 2) return places;
  const distances = places.map((place) => Math.abs(place + 1 - Number(number)));
  const least = distances.reduce((a, b) => Math.min(a, b));
  return places.filter((_, at) => distances[at] === least);
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
