/**
 * One pass of ripgrep over the files, for the words of a question as they are in the text. It needs no index, so that a search works
 * from the first moment.
 *
 * Invariants: one process per question; the words are fixed text, without case; bounded in time and in matches (what was found until
 * then counts); a name or line that is not UTF-8 is skipped.
 */

import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { isObject } from '../../model/json-object.ts';
import { startRipgrep } from '../../system/ripgrep.ts';
import { within as waitFor } from '../../system/within.ts';
import { workspaceFlags } from '../../system/workspace-files.ts';
import { smallText } from '../../text/regular-file.ts';
import { IGNORE_FILE } from '../reading/file-kinds.ts';

const MOST_MATCHES = 20_000;
/** Lines with any of the words that count. */
export const MOST_PER_FILE = 20;
const TIME_LIMIT_MS = 2_000;

/** Where the words are in one file. */
export interface TextHit {
  readonly path: string;
  /** For each word of the question, by its place in it: the lines that have it. */
  readonly lines: ReadonlyMap<number, readonly number[]>;
}

export interface TextPassOptions {
  readonly root: string;
  readonly words: readonly string[];
  /** Folders or files, relative; default: all. */
  readonly within?: readonly string[];
  readonly signal?: AbortSignal;
  readonly timeLimitMs?: number;
}

const FLAGS = [
  ...['--json', '--ignore-case', '--fixed-strings', `--max-count=${MOST_PER_FILE}`, '--max-filesize=1M'],
];

/** The files with any of the words, in no order. Never throws: without rg there are no hits. */
export async function textPass(options: TextPassOptions): Promise<TextHit[]> {
  const { root, words, within, signal, timeLimitMs = TIME_LIMIT_MS } = options;
  if (words.length === 0 || within?.length === 0 || signal?.aborted) return [];
  const isBelow = within !== undefined;
  const args = [
    ...FLAGS,
    ...(await workspaceFlags(root, { isBelow })),
    ...words.flatMap((word) => ['-e', word]),
  ];
  if (smallText(path.join(root, IGNORE_FILE)) !== undefined) args.push(`--ignore-file=${IGNORE_FILE}`);
  const reader = createReader(words);
  const group = await startRipgrep([...args, '--', ...(within ?? ['./'])], { cwd: root }).catch(
    () => undefined,
  );
  if (group === undefined) return [];
  group.stderr.resume();
  const reading = (async () => {
    const decoder = new StringDecoder();
    for await (const chunk of group.stdout) {
      if (reader.read(decoder.write(chunk as Buffer)) >= MOST_MATCHES) return false;
    }
    return true;
  })().catch(() => false);
  const waited = await waitFor(reading, timeLimitMs, signal);
  const isDone = waited.kind === 'done' && waited.value;
  // Not terminate(): it polls, which would keep the search waiting, and ripgrep has no children.
  if (!isDone) group.signal('SIGKILL');
  group.stdout.destroy();
  await group.exited;
  return reader.hits();
}

/** Reads rg's JSON lines piece by piece; `read` gives the matching lines so far. */
export function createReader(words: readonly string[]): {
  readonly read: (text: string) => number;
  readonly hits: () => TextHit[];
} {
  const places = new Map(words.map((word, at) => [word.toLowerCase(), at]));
  const found = new Map<string, Map<number, number[]>>();
  let rest = '';
  let count = 0;
  const take = (line: string): void => {
    if (!line.startsWith('{"type":"match"')) return;
    const match = matchOf(line);
    if (match === undefined) return;
    count += 1;
    const lines = found.get(match.path) ?? new Map<number, number[]>();
    found.set(match.path, lines);
    for (const text of new Set(match.texts.map((found) => found.toLowerCase()))) {
      const at = places.get(text);
      if (at !== undefined) lines.set(at, [...(lines.get(at) ?? []), match.line]);
    }
  };
  return {
    read(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      return count;
    },
    hits: () => [...found].map(([path, lines]) => ({ path, lines })),
  };
}

interface Match {
  readonly path: string;
  readonly line: number;
  readonly texts: readonly string[];
}

/** The event of rg; undefined for one with bytes that are not text. */
function matchOf(line: string): Match | undefined {
  const event: unknown = parse(line);
  if (!isObject(event) || !isObject(event.data)) return undefined;
  const { path, line_number, submatches } = event.data;
  if (!isObject(path) || typeof path.text !== 'string' || typeof line_number !== 'number') return undefined;
  const texts = Array.isArray(submatches)
    ? submatches.flatMap((sub: unknown) =>
        isObject(sub) && isObject(sub.match) && typeof sub.match.text === 'string' ? [sub.match.text] : [],
      )
    : [];
  return { path: path.text.replace(/^\.\//, ''), line: line_number, texts };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
