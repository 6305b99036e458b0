/**
 * The files that `@` finds: an index of paths, searched fuzzily without blocking the screen.
 *
 * Invariants: no stretch of work is longer than a 6 ms slice plus one chunk, whatever the number of paths; the newest
 * query wins and earlier ones end without an answer; at most 200,000 files are held. Folders are derived from the paths
 * and end in `/`.
 */
import { Fzf } from 'fzf';

export interface FileMatch {
  /** Relative, with `/`; a folder ends in `/`. */
  readonly path: string;
  /** UTF-16 offsets in `path` that the query matched, ascending. */
  readonly positions: readonly number[];
  /** It is no file: `path` is `server:uri`, which a message names with an `@`. */
  readonly resource?: { readonly name: string };
}

export interface FileIndexEnv {
  /** Milliseconds of a clock that does not go back. */
  readonly now: () => number;
  /** Lets other work run, as `setImmediate` does. */
  readonly pause: () => Promise<void>;
}

const MAX_FILES = 200_000;
const SLICE_MS = 6;
/** Paths between two looks at the clock. */
const CHUNK = 128;
/** fzf points for the likeliest file: more than a letter that begins a word, less than two letters. */
const LIFT = 30;
/** Fewer letters say nothing about what a file is about. */
const SHORTEST_MEANING = 3;

interface Scored extends FileMatch {
  readonly score: number;
}

export class FileIndex {
  readonly #env: FileIndexEnv;
  readonly #paths: string[] = [];
  /** The paths in lower case, for the quick look whether one can match at all; empty where fzf must look itself. */
  readonly #folded: string[] = [];
  readonly #folders = new Set<string>();
  #files = 0;
  #newest = 0;

  constructor(env: FileIndexEnv) {
    this.#env = env;
  }

  /** Files held; folders are not counted. */
  get size(): number {
    return this.#files;
  }

  /**
   * Adds the paths as they come. A search meanwhile sees those that are there. Ends early if there are too many, and
   * rejects if the iterable does.
   */
  async load(paths: AsyncIterable<string> | Iterable<string>): Promise<void> {
    let sliceEnd = this.#env.now() + SLICE_MS;
    let seen = 0;
    for await (const path of paths) {
      if (this.#files >= MAX_FILES) return;
      this.#add(path);
      seen += 1;
      if (seen % CHUNK === 0 && this.#env.now() >= sliceEnd) {
        await this.#env.pause();
        sliceEnd = this.#env.now() + SLICE_MS;
      }
    }
  }

  /**
   * The best matches, best first; undefined when a newer search began meanwhile. An empty query lists what is nearest
   * to the root. A query without capitals ignores case.
   *
   * @param likely files that the text is about, best first: they move up among the matches, and come after them if
   * their names do not match but the query is long enough to mean something.
   */
  async search(
    query: string,
    limit: number,
    likely: readonly string[] = [],
  ): Promise<FileMatch[] | undefined> {
    this.#newest += 1;
    const ticket = this.#newest;
    const rank = query === '' ? rankByDepth : rankBy(query, limit);
    const order = query === '' ? byName : byLength;
    const couldMatch = prefilter(query);
    let best: Scored[] = [];
    let sliceEnd = this.#env.now() + SLICE_MS;
    let chunk: string[] = [];
    for (let at = 0; at < this.#paths.length; at += 1) {
      if (couldMatch(this.#folded[at] ?? '')) chunk.push(this.#paths[at] ?? '');
      const isLast = at + 1 === this.#paths.length;
      if (chunk.length >= CHUNK || isLast) {
        best = [...best, ...rank(chunk)].sort(order).slice(0, limit);
        chunk = [];
      }
      if ((chunk.length === 0 || at % CHUNK === 0) && this.#env.now() >= sliceEnd) {
        await this.#env.pause();
        if (ticket !== this.#newest) return undefined;
        sliceEnd = this.#env.now() + SLICE_MS;
      }
    }
    return withLikely(best, likely, query, rank)
      .sort(order)
      .slice(0, limit)
      .map(({ path, positions }) => ({ path, positions }));
  }

  #add(path: string): void {
    if (path === '') return;
    this.#files += 1;
    this.#push(path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at + 1);
      // The folders above a known one are known too.
      if (this.#folders.has(folder)) return;
      this.#folders.add(folder);
      this.#push(folder);
    }
  }

  #push(path: string): void {
    this.#paths.push(path);
    // fzf takes letters with accents for those without.
    this.#folded.push(isAscii(path) ? path.toLowerCase() : '');
  }
}

/** The matches with the likely files among them. */
function withLikely(
  matches: readonly Scored[],
  likely: readonly string[],
  query: string,
  rank: (paths: string[]) => Scored[],
): Scored[] {
  const all = new Map(matches.map((match) => [match.path, match]));
  const matching = new Map(rank([...likely]).map((match) => [match.path, match]));
  for (const [at, path] of likely.entries()) {
    const lift = (LIFT * (likely.length - at)) / likely.length;
    const match = matching.get(path);
    if (query === '') all.set(path, { path, positions: [], score: lift });
    else if (match !== undefined) all.set(path, { ...match, score: match.score + lift });
    else if (query.length >= SHORTEST_MEANING) all.set(path, { path, positions: [], score: -at - 1 });
  }
  return [...all.values()];
}

function byLength(one: Scored, other: Scored): number {
  return other.score - one.score || one.path.length - other.path.length || compare(one.path, other.path);
}

function byName(one: Scored, other: Scored): number {
  return other.score - one.score || compare(one.path, other.path);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Whether the characters of the query are in a path in order; it lets through all that fzf could match. */
function prefilter(query: string): (folded: string) => boolean {
  const wanted = [...query.toLowerCase()].filter((character) => character < '\x80');
  return (folded) => {
    if (folded === '') return true;
    let from = 0;
    for (const character of wanted) {
      from = folded.indexOf(character, from) + 1;
      if (from === 0) return false;
    }
    return true;
  };
}

/** fzf's result; its own types do not resolve for ES modules. */
interface Found {
  readonly item: string;
  readonly score: number;
  readonly positions: ReadonlySet<number>;
}

function rankBy(query: string, limit: number): (paths: string[]) => Scored[] {
  // One or two letters match nearly every path, and the thorough algorithm would take three times as long.
  const fuzzy = query.length < 3 ? 'v1' : 'v2';
  return (paths) => {
    const shorter = (one: Found, other: Found): number => one.item.length - other.item.length;
    const found: Found[] = new Fzf(paths, { limit, fuzzy, tiebreakers: [shorter] }).find(query);
    return found.map(({ item, score, positions }) => ({
      path: item,
      // fzf counts in the composed form of the path.
      positions: item === item.normalize() ? [...positions].sort((one, other) => one - other) : [],
      score,
    }));
  };
}

function rankByDepth(paths: string[]): Scored[] {
  return paths.map((path) => ({ path, positions: [], score: -depthOf(path) }));
}

function depthOf(path: string): number {
  let depth = 0;
  for (let at = path.indexOf('/'); at >= 0 && at + 1 < path.length; at = path.indexOf('/', at + 1))
    depth += 1;
  return depth;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
