/**
 * A search from the question to lines of code: recall (keywords, one pass of ripgrep, past commits, vectors if there are some),
 * ranking, and the reading of the lines.
 *
 * Invariants: what is returned is in the file now, at these line numbers: a file that has changed since it was indexed is cut into
 * chunks again; files that the index does not know yet are found by ripgrep.
 */
import { isIndexable } from '../reading/file-kinds.ts';
import { entriesOf, readSource } from '../reading/read-file.ts';
import type { Syntax } from '../reading/syntax.ts';
import type { ChunkRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { namesOf, queryTokens, queryWords, tellingTokens, tokensOf } from '../store/tokens.ts';
import type { VectorHit } from '../vectors/vector-store.ts';
import { filePass } from './file-pass.ts';
import { askedOf, type Measured, measure } from './measure.ts';
import { namedFiles, namedLine } from './named.ts';
import { questionOf } from './question.ts';
import { type Evidence, type RankedFile, rankChunks, rankFiles } from './rank.ts';
import {
  type ChunkHit,
  chunksByKey,
  chunksOf,
  frequencies,
  historyVotes,
  isBelow,
  keywordHits,
} from './recall.ts';
import { corrected } from './spelling.ts';
import { textPass } from './text-pass.ts';

/** Words that ripgrep looks for: the rarest. */
const MOST_WORDS = 12;
/** A word in a larger part of the chunks tells nothing, and its matches cost time. */
const COMMON_PART = 0.25;
/** With fewer keyword hits, all files are searched for the words. */
const FEW_KEYWORDS = 20;
/** Chunks that may contain a keyword of the question, all keywords together; each costs about two microseconds. */
const MOST_CANDIDATES = 40_000;
/** The rarest keywords, used whatever they cost. */
const LEAST_KEYWORDS = 3;
/** Lines before and after a line that the question names. */
const NEXT_TO = 15;
/** Files that are read for one search. */
const MOST_FILES = 40;

export interface SearchOptions {
  /** Chunks at most. Default 10. */
  readonly limit?: number;
  /** Chunks of one file that may come before other files. Default 1. */
  readonly perFile?: number;
  /** Only in this folder, or this file; relative, `/` between names. */
  readonly path?: string;
  /** Files that the conversation is about; relative. */
  readonly near?: readonly string[];
  /** Chunks by their vectors, best first: the ids are keys, the scores above 0. */
  readonly vectors?: readonly VectorHit[];
  /** The score of a vector from which its chunk is about the question even without a word in common. Default: none is. */
  readonly floor?: number;
  readonly signal?: AbortSignal;
}

/** `coverage`, `weight`: of path, symbol and lines; `focus`: in `lines`. */
export interface SearchHit extends Measured {
  readonly key: string;
  readonly path: string;
  /** From 1, both included, in the file as it is now. */
  readonly start: number;
  readonly end: number;
  /** The last line of the chunk before it; between the two are only blank lines. */
  readonly previousEnd: number;
  readonly symbol: string;
  /** 0 to about 1, comparable within one search. */
  readonly score: number;
  /** The question names its file. */
  readonly isNamed: boolean;
  /** How far its vector is above the floor; 0 or less: its words alone say whether it is about the question. */
  readonly meaning: number;
  readonly lines: readonly string[];
}

export interface Searched {
  readonly root: string;
  readonly store: Store;
  readonly syntax: Syntax;
}

/**
 * The chunks that answer best, best first: the best one of each file before the second of any, because a model that looks for a place
 * can read on in the file. At most `limit`; empty if nothing of the question is there.
 */
export async function search(
  index: Searched,
  query: string,
  options: SearchOptions = {},
): Promise<SearchHit[]> {
  const { limit = 10, perFile = 1, signal } = options;
  const evidence = await collect(index, query, options);
  const first: Found[] = [];
  const rest: Found[] = [];
  for (const [at, file] of rankFiles(evidence).slice(0, MOST_FILES).entries()) {
    // The chunks of a later file score no higher than the file.
    if (first.length >= limit && file.score <= (best(first, limit).at(-1)?.score ?? 0)) break;
    const found = await chunksIn(index, file, evidence);
    first.push(...found.slice(0, perFile));
    rest.push(...found.slice(perFile));
    if (at % 8 === 7) await new Promise(setImmediate);
    signal?.throwIfAborted();
  }
  const taken = best(first, limit);
  const { vectors = [], floor = Number.POSITIVE_INFINITY } = options;
  const near = new Map(vectors.map(({ id, score }) => [id, score - floor]));
  return best([...taken, ...best(rest, limit - taken.length)], limit).map((found) =>
    hitOf(found, evidence, near.get(found.chunk.key) ?? 0),
  );
}

function best(found: readonly Found[], limit: number): Found[] {
  return [...found]
    .sort((a, b) => b.score - a.score || (a.chunk.path < b.chunk.path ? -1 : 1))
    .slice(0, limit);
}

function hitOf(
  { chunk, score, previousEnd, lines: all }: Found,
  { asked, named }: Evidence,
  meaning: number,
): SearchHit {
  const { key, path, start, end, symbol } = chunk;
  const lines = all.slice(start - 1, end);
  const measured = measure(asked, `${path} ${symbol}`, lines);
  const line = namedLine(chunk, named);
  const place = line === undefined ? {} : around(line - start, lines.length);
  return {
    key,
    path,
    start,
    end,
    previousEnd,
    symbol,
    score,
    meaning,
    ...measured,
    ...place,
    isNamed: named.has(path),
    lines,
  };
}

/** What is shown of a chunk for one of its lines. */
function around(telling: number, count: number): Pick<Measured, 'focus' | 'telling'> {
  return {
    focus: { from: Math.max(0, telling - NEXT_TO), to: Math.min(count, telling + NEXT_TO + 1) },
    telling,
  };
}

/** All evidence for a question. @throws only the signal's reason. */
export async function collect(
  { root, store }: Searched,
  message: string,
  { path: folder = '', near = [], vectors = [], signal }: SearchOptions,
): Promise<Evidence> {
  const named = namedFiles(store, message);
  for (const path of named.keys()) if (!isBelow(path, folder)) named.delete(path);
  const query = questionOf(store, message);
  const written = queryTokens(query);
  const counts = store.counts();
  const writtenWords = queryWords(query);
  const known = frequencies(store, [...new Set([...written, ...writtenWords.flatMap(tokensOf)])]);
  const isUnknown = (token: string): boolean => known.get(token) === 0;
  const meant = counts.waiting > 0 ? new Map<string, string>() : corrected(store, written.filter(isUnknown));
  for (const [token, count] of frequencies(store, [...meant.values()])) known.set(token, count);
  const tokens = [...new Set([...written, ...meant.values()])];
  const wanted = [...writtenWords, ...[...meant.values()].filter((token) => !writtenWords.includes(token))];
  /** How many chunks have a word, at most. */
  const countOf = (word: string): number =>
    Math.min(counts.chunks, ...tokensOf(word).map((token) => known.get(token) ?? 0));
  const words = tellingWords(wanted, countOf, counts.waiting > 0 ? 0 : counts.chunks);
  const keywords = keywordHits(store, affordable(tokens, known), folder);
  const history = historyVotes(store, tokens);
  // While the index is not complete, or has next to nothing on the question, all files are searched; else the files of the
  // keywords are enough: measured, and it takes a small part of the time.
  const passing =
    counts.waiting > 0 || keywords.length < FEW_KEYWORDS
      ? textPass({ root, words, within: [folder === '' ? './' : folder], signal })
      : filePass({ root, words, files: [...new Set(keywords.map(({ chunk }) => chunk.path))], signal });
  const byKey = chunksByKey(
    store,
    vectors.map(({ id }) => id),
  );
  const byVector = vectors.flatMap(({ id, score }): ChunkHit[] => {
    const chunk = byKey.get(id);
    return chunk === undefined || !isBelow(chunk.path, folder) ? [] : [{ chunk, score }];
  });
  const text = (await passing).filter(({ path }) => isIndexable(path, 1));
  signal?.throwIfAborted();
  // Its stem may be common where the word itself is rare.
  const seen = new Map<number, number>();
  for (const { lines } of text) for (const word of lines.keys()) seen.set(word, (seen.get(word) ?? 0) + 1);
  const parts = words.map((word, at) =>
    Math.min(countOf(word) / Math.max(1, counts.chunks), (seen.get(at) ?? 1) / Math.max(1, counts.files)),
  );
  return {
    keywords,
    text,
    words,
    history,
    named,
    vectors: byVector,
    isWhole: counts.waiting === 0,
    near,
    frequency: (word) => parts[word] ?? 0,
    asked: askedOf(
      [...new Set(tellingTokens(query).map((token) => meant.get(token) ?? token))],
      namesOf(query).map((token) => meant.get(token) ?? token),
      (token) => known.get(token) ?? 0,
      counts.chunks,
    ),
    changedAt: (path) => store.file(path)?.mtime,
    now: Date.now(),
  };
}

/** The rarest tokens whose chunks can all be rated in time. Only in a large index is any left out. */
function affordable(tokens: readonly string[], known: ReadonlyMap<string, number>): string[] {
  const count = (token: string): number => known.get(token) ?? 0;
  let sum = 0;
  return tokens
    .toSorted((a, b) => count(a) - count(b))
    .filter((token, at) => {
      sum += count(token);
      return at < LEAST_KEYWORDS || sum <= MOST_CANDIDATES;
    });
}

/** The rarest words, without those that are everywhere. @param chunks 0 while the index is not complete. */
function tellingWords(words: readonly string[], countOf: (word: string) => number, chunks: number): string[] {
  if (chunks === 0) return words.slice(0, MOST_WORDS);
  const rated = words.map((word) => ({ word, count: countOf(word) }));
  const telling = rated.filter(({ count }) => count <= chunks * COMMON_PART);
  return (telling.length > 0 ? telling : rated)
    .sort((a, b) => a.count - b.count)
    .slice(0, MOST_WORDS)
    .map(({ word }) => word);
}

/** A chunk as it is in its file now. */
interface Found extends ChunkHit {
  readonly previousEnd: number;
  /** Of the whole file. */
  readonly lines: readonly string[];
}

/** The chunks of a file as they are now, best first. */
async function chunksIn(
  { root, store, syntax }: Searched,
  file: RankedFile,
  evidence: Evidence,
): Promise<Found[]> {
  const source = readSource(root, file.path);
  if (source === undefined || source.lines.length === 0) return [];
  const { lines, oid } = source;
  const known = store.file(file.path)?.oid;
  let chunks: readonly ChunkRow[] = [];
  if (known !== undefined && Buffer.compare(known, oid) === 0) chunks = chunksOf(store, file.path);
  // A chunk whose text is still there has the same key, and so keeps its evidence.
  else
    chunks = (await entriesOf(file.path, lines, syntax)).map((entry) => ({
      ...entry,
      id: 0,
      path: file.path,
    }));
  const ends = new Map(chunks.map(({ key }, at) => [key, chunks[at - 1]?.end ?? 0]));
  let ranked = rankChunks(file, chunks, evidence);
  // Everything that was known of it has changed: its beginning says what it is.
  if (ranked.length === 0 && chunks[0] !== undefined) ranked = [{ chunk: chunks[0], score: file.score / 2 }];
  return ranked.map((hit) => ({ ...hit, previousEnd: ends.get(hit.chunk.key) ?? 0, lines }));
}
