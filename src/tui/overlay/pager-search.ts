/**
 * Searching in a long text: the next place that has the words, how many there are, and which part of a row they are.
 *
 * Invariants: without case; places do not overlap; a line whose letters change their length with their case has none.
 */
import type { PagerSection, PagerSource } from './pager-place.ts';

/** Where in a line the words begin; the offset is in its text without styles. */
export interface Hit {
  readonly section: number;
  readonly line: number;
  readonly at: number;
}

/** The offsets in a line's text (without styles) at which the words begin. */
function offsetsIn(text: string, query: string): number[] {
  const [lower, wanted] = [text.toLowerCase(), query.toLowerCase()];
  if (wanted === '' || lower.length !== text.length) return [];
  const offsets: number[] = [];
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length))
    offsets.push(at);
  return offsets;
}

/**
 * The next place in a direction, wrapping around; undefined if there is none.
 *
 * @param isHere the place `from` itself counts.
 */
export function nextHit(
  source: PagerSource,
  query: string,
  from: Hit,
  step: 1 | -1,
  isHere: boolean,
): Hit | undefined {
  const { sections } = source;
  const isPast = (hit: Hit): boolean => {
    const order = hit.line - from.line || hit.at - from.at;
    return order === 0 ? isHere : order * step > 0;
  };
  // The section that it begins in comes first with what is past `from`, and last with all of it.
  for (let walked = 0; walked <= sections.length; walked += 1) {
    const section = (((from.section + step * walked) % sections.length) + sections.length) % sections.length;
    const hits = hitsIn(source, section, query);
    const found = step > 0 ? hits : hits.reverse();
    const next = walked === 0 ? found.find(isPast) : found[0];
    if (next !== undefined) return next;
  }
  return undefined;
}

/** How many places there are, and which of them this one is, from 1. */
export function countHits(source: PagerSource, query: string, hit: Hit): { of: number; at: number } {
  const counts = source.sections.map((section) => countIn(source, section, query));
  const sum = (list: readonly number[]): number => list.reduce((total, count) => total + count, 0);
  const inside = hitsIn(source, hit.section, query).filter(
    ({ line, at }) => line < hit.line || (line === hit.line && at <= hit.at),
  );
  return { of: sum(counts), at: sum(counts.slice(0, hit.section)) + inside.length };
}

function hitsIn({ sections, textOf }: PagerSource, section: number, query: string): Hit[] {
  const lines = sections[section]?.lines() ?? [];
  return lines.flatMap((text, line) => offsetsIn(textOf(text), query).map((at) => ({ section, line, at })));
}

/** Of the search before: only what was added has to be counted when it is repeated. */
const counted = new WeakMap<PagerSection, { readonly query: string; readonly count: number }>();

function countIn({ textOf }: PagerSource, section: PagerSection, query: string): number {
  const known = counted.get(section);
  if (known?.query === query) return known.count;
  const count = section.lines().reduce((sum, line) => sum + offsetsIn(textOf(line), query).length, 0);
  counted.set(section, { query, count });
  return count;
}

/**
 * A row with the words in it marked, also where they go on from the row before; a row that has any loses its own styles.
 *
 * @param line all of the line's text, without styles. @param row its part, also without. @param from where that begins in the line.
 */
export function markedRow(
  styled: string,
  { line, row, from, indent }: { line: string; row: string; from: number; indent: string },
  query: string,
  markOf: (offset: number) => (text: string) => string,
): string {
  const ranges = offsetsIn(line, query)
    .map((offset) => ({
      offset,
      start: Math.max(0, offset - from),
      end: Math.min(row.length, offset + query.length - from),
    }))
    .filter(({ start, end }) => start < end);
  if (ranges.length === 0) return styled;
  let result = indent;
  let at = 0;
  for (const { offset, start, end } of ranges) {
    result += row.slice(at, start) + markOf(offset)(row.slice(start, end));
    at = end;
  }
  return result + row.slice(at);
}
