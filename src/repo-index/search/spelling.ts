/**
 * What a word that the index does not know was meant to be: a word of the index that differs by a letter or two.
 *
 * Invariants: the beginning of a word is taken to be right, so that only a small part of the vocabulary is read; short words are not
 * corrected; the answer depends on what is in the index alone.
 */
import type { Store } from '../store/store.ts';

const SHORTEST = 6;
/** From this length on two letters may be wrong. */
const LONG = 10;
const BEGINNING = 3;
/** A search has time for so many. */
const MOST_WORDS = 4;

/** For tokens that the index does not have: those that were meant, where there are any. */
export function corrected(store: Store, tokens: readonly string[]): Map<string, string> {
  const wanted = tokens
    .filter((token) => token.length >= SHORTEST && /^[a-z]+$/.test(token))
    .slice(0, MOST_WORDS);
  return new Map(
    wanted.flatMap((token) => {
      const near = nearest(store, token);
      return near === undefined ? [] : [[token, near] as const];
    }),
  );
}

function nearest(store: Store, token: string): string | undefined {
  const beginning = token.slice(0, BEGINNING);
  // '{' is the character after 'z'.
  const terms = store
    .sql('SELECT term, doc FROM word_counts WHERE term >= ? AND term < ?')
    .all(beginning, `${beginning}{`)
    .map(({ term, doc }) => ({ term: String(term), count: Number(doc) }));
  const most = token.length < LONG ? 1 : 2;
  const near = terms
    .filter(({ term }) => term.length >= SHORTEST - 1)
    .map((term) => ({ ...term, distance: distance(token, term.term, most) }))
    .filter(({ distance }) => distance <= most);
  near.sort((a, b) => a.distance - b.distance || b.count - a.count || (a.term < b.term ? -1 : 1));
  return near[0]?.term;
}

/** Letters to add, take out, change or swap with the next; more than `most` is any number above it. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(change, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
