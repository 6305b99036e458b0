/**
 * What of a message is looked for: of a pasted log only the lines that name something of this repository, because a search takes a
 * few words.
 *
 * Invariants: a message that is short enough, or has no such line, is taken as it is; the first and the last line are always kept,
 * for there the user says what is wanted.
 */
import type { Store } from '../store/store.ts';
import { isLong, namesOf } from '../store/tokens.ts';
import { frequencies } from './recall.ts';

const MOST_TEXT = 50_000;
const MOST_NAMES = 400;

export function questionOf(store: Store, message: string): string {
  if (!isLong(message)) return message;
  const lines = message
    .slice(0, MOST_TEXT)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const names = lines.map(namesOf);
  const known = frequencies(store, [...new Set(names.flat())].slice(0, MOST_NAMES));
  /** In how many chunks the rarest name of a line is; none: it names nothing. */
  const rarest = (at: number): number =>
    Math.min(...(names[at] ?? []).map((name) => known.get(name) || Infinity));
  const inner = lines.flatMap((line, at) =>
    at > 0 && at < lines.length - 1 ? [{ line, count: rarest(at) }] : [],
  );
  const telling = inner.filter(({ count }) => count < Infinity).sort((a, b) => a.count - b.count);
  if (telling.length === 0) return message;
  return [lines[0], lines.at(-1), ...new Set(telling.map(({ line }) => line))].join('\n');
}
