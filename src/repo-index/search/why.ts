/**
 * Why a file is where it is among the answers to a question, or why it is not among them. Everything about its place is asked of the
 * ranking itself.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { mayBeShownUnasked } from '../../safety/instruction-files.ts';
import { IGNORE_FILE, leftOutAs } from '../reading/file-kinds.ts';
import { listFiles } from '../reading/files.ts';
import { readSource } from '../reading/read-file.ts';
import type { Store } from '../store/store.ts';
import { INJECTION, relevant } from './pack.ts';
import { type Reasons, rankFiles, reasonsOf } from './rank.ts';
import { collect, type Searched, type SearchOptions, search } from './search.ts';

const MOST_NEAR_NAMES = 5;
const MOST_LINES = 4;

export interface RankedPlace extends Reasons {
  readonly path: string;
  /** From 1. */
  readonly place: number;
  readonly score: number;
}

export interface Why {
  /** As the index names it. */
  readonly path: string;
  /** Why the index has nothing of the file; undefined: it has. */
  readonly absent: string | undefined;
  /** Files whose names are like that of a file that does not exist. */
  readonly near: readonly string[];
  /** Undefined: nothing speaks for it. */
  readonly here: RankedPlace | undefined;
  /** The first lines of the file that have words of the question. */
  readonly words: readonly { readonly word: string; readonly lines: readonly number[] }[];
  readonly first: RankedPlace | undefined;
  /** How many files something speaks for. */
  readonly found: number;
  /** Files that have not been read. */
  readonly waiting: number;
  /** What a message with the question would get; empty: nothing is relevant enough. */
  readonly relevant: readonly { readonly path: string; readonly start: number; readonly end: number }[];
}

/** @param name of the file, relative to the root, with `/`. @throws only the signal's reason. */
export async function why(
  index: Searched,
  query: string,
  name: string,
  options: SearchOptions = {},
): Promise<Why> {
  const evidence = await collect(index, query, options);
  const ranked = rankFiles(evidence);
  const placeOf = (at: number): RankedPlace | undefined => {
    const file = ranked[at];
    return file && { ...file, place: at + 1, ...reasonsOf(evidence, file.path) };
  };
  const lines = evidence.text.find((hit) => hit.path === name)?.lines ?? new Map<number, readonly number[]>();
  const hits = await search(index, query, { ...options, ...INJECTION });
  const shown = relevant(hits.filter((hit) => mayBeShownUnasked(hit.path, query)));
  const absent = await absence(index, name, options.signal);
  return {
    path: name,
    absent: absent === GONE ? 'there is no such file' : absent,
    near: absent === GONE ? nearNames(index.store, name) : [],
    here: placeOf(ranked.findIndex((file) => file.path === name)),
    words: [...lines].map(([word, at]) => ({
      word: evidence.words[word] ?? '',
      lines: at.slice(0, MOST_LINES),
    })),
    first: placeOf(0),
    found: ranked.length,
    waiting: index.store.counts().waiting,
    relevant: shown.map(({ path: file, start, end }) => ({ path: file, start, end })),
  };
}

const GONE = Symbol('there is no such file');

async function absence(
  { root, store }: Searched,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | typeof GONE | undefined> {
  const stats = statsOf(path.join(root, name));
  if (stats === undefined) return GONE;
  if (stats.isDirectory()) return 'it is a folder: name a file';
  if (!stats.isFile()) return 'it is not a regular file';
  const kind = leftOutAs(name, stats.size);
  if (kind !== undefined) return `it is left out: ${kind}`;
  const row = store.file(name);
  if (row?.isWaiting === true) return 'it has not been read yet';
  if (row !== undefined) {
    const isText = (readSource(root, name)?.lines.length ?? 0) > 0;
    return isText ? undefined : 'it is left out: not text that a person could read';
  }
  const listed = await listFiles(root, signal, [name]).catch(() => undefined);
  if (listed === undefined) return 'it is not in the index';
  return listed.paths.includes(name)
    ? 'it has not been read yet'
    : `it is ignored, by git's rules or by ${IGNORE_FILE}`;
}

function statsOf(file: string) {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Files of the index that have the same name or nearly the same path, the likeliest first. */
function nearNames(store: Store, wanted: string): string[] {
  const base = path.posix.basename(wanted).toLowerCase();
  const stem = base.replace(/\.[^.]*$/, '');
  const rated = store.files().map((file) => {
    const name = path.posix.basename(file.path).toLowerCase();
    const parts = [name === base, name.startsWith(`${stem}.`), pairsInCommon(name, base) >= 0.5];
    const isLike = parts.indexOf(true);
    return {
      path: file.path,
      rank: isLike,
      alike: pairsInCommon(file.path.toLowerCase(), wanted.toLowerCase()),
    };
  });
  return rated
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank || b.alike - a.alike || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_NEAR_NAMES)
    .map((file) => file.path);
}

/** How alike two names are, by their pairs of letters: 0 to 1. */
function pairsInCommon(a: string, b: string): number {
  const [one, other] = [pairs(a), pairs(b)];
  return (2 * [...one].filter((pair) => other.has(pair)).length) / Math.max(1, one.size + other.size);
}

function pairs(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}
