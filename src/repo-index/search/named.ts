/**
 * Files that a question names outright: paths, and the frames of stack traces of most languages, which are paths with lines.
 *
 * Invariants: only files of the index; a path from another machine is known by its end; a path that fits many files names none; the
 * time grows only with the length of the question.
 */
import type { ChunkRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';

/** What may be a path, and what follows it. */
const RUN = /[^\s"'`()<>[\]{},;|=*]+/g;
const PLACE = /^(.*?\.[a-z][a-z0-9+]{0,7})(?:[:#]L?(\d+))?(?:[:-]\d+)*[.:!?]*$/i;
/** Python. */
const LINE_AFTER = /^"?, line (\d+)/;
const LONGEST_RUN = 300;
const MOST_TEXT = 20_000;
/** Other files: the rest of a trace is what called them. */
const MOST_NAMES = 8;
const MOST_FILES_OF_NAME = 3;
const NEXT = 0.1;
const LEAST = 0.5;

export interface Named {
  /** 1 for the first file, less for each further one. */
  readonly score: number;
  /** Of the file as the question knows it, from 1. */
  readonly lines: readonly number[];
  /** Given with a folder or a line, not by its name alone. */
  readonly isPlace: boolean;
}

interface Mention {
  readonly segments: readonly string[];
  readonly line: number | undefined;
}

/** By path, in the order of their importance. */
export function namedFiles(store: Store, question: string): Map<string, Named> {
  const mentions = mentionsIn(question.slice(0, MOST_TEXT));
  const files = filesCalled(store, new Set(mentions.map(({ segments }) => segments.at(-1) ?? '')));
  const named = new Map<string, Named>();
  for (const { segments, line } of mentions) {
    for (const path of meant(segments, files.get(segments.at(-1) ?? '') ?? [])) {
      const score = Math.max(LEAST, 1 - NEXT * named.size);
      const known = named.get(path) ?? { score, lines: [], isPlace: false };
      const isPlace = known.isPlace || segments.length > 1 || line !== undefined;
      named.set(path, {
        ...known,
        isPlace,
        lines: line === undefined ? known.lines : [...known.lines, line],
      });
    }
  }
  return named;
}

/** The first line of a chunk that a question names. */
export function namedLine(
  { path, start, end }: ChunkRow,
  named: ReadonlyMap<string, Named>,
): number | undefined {
  return named.get(path)?.lines.find((line) => line >= start && line <= end);
}

function mentionsIn(text: string): Mention[] {
  const mentions: Mention[] = [];
  for (const match of text.matchAll(RUN)) {
    const [run] = match;
    const place = run.length <= LONGEST_RUN ? PLACE.exec(run) : null;
    if (place === null || run.includes('://')) continue;
    const [, file = '', line] = place;
    const after =
      line ?? LINE_AFTER.exec(text.slice(match.index + run.length, match.index + run.length + 20))?.[1];
    const segments = file.split(/[\\/]+/).filter((segment) => segment !== '' && segment !== '.');
    mentions.push({ segments, line: after === undefined ? undefined : Number(after) });
  }
  // Python's traces end with the place of the error.
  return /most recent call last/i.test(text) ? mentions.reverse() : mentions;
}

/** The files of the index with these names, by name. */
function filesCalled(store: Store, names: ReadonlySet<string>): Map<string, string[]> {
  const found = store.sql(
    "SELECT path FROM files WHERE path = ?1 OR substr(path, -length(?1) - 1) = '/' || ?1",
  );
  const wanted = [...names].slice(0, MOST_NAMES);
  return new Map(wanted.map((name) => [name, found.all(name).map(({ path }) => String(path))]));
}

/** The files whose ends agree most with the path. A path with folders names no file in other folders. */
function meant(segments: readonly string[], files: readonly string[]): readonly string[] {
  const rated = files.map((path) => {
    const own = path.split('/');
    let shared = 0;
    while (shared < own.length && own.at(-1 - shared) === segments.at(-1 - shared)) shared += 1;
    return { path, shared, isWhole: shared === own.length };
  });
  const most = Math.max(0, ...rated.map(({ shared }) => shared));
  const best = rated.filter(
    ({ shared, isWhole }) => shared === most && (isWhole || shared > 1 || segments.length === 1),
  );
  return best.length > MOST_FILES_OF_NAME ? [] : best.map(({ path }) => path).sort();
}
