/**
 * What has changed in a repository, as one unified diff: in the working tree, since another branch, or by one commit.
 *
 * No program that the repository names is run (git.ts); time and output are bounded.
 */
import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import type { WantedChanges } from '../protocol.ts';
import { checkedOut, git, ignoreRules, topFolder } from './git.ts';
import { commitCalled, mergeBase } from './git-commits.ts';

export interface Changes {
  /** Prefixes `a/` and `b/`; paths are relative to `top`. */
  readonly diff: string;
  /** The folder of the repository. */
  readonly top: string;
  /** What is new in the working tree, and on purpose not in the diff. */
  readonly unread: readonly UnreadFile[];
  /** What is new in the working tree, and could not be read. Bytes of a name that are no UTF-8 are shown as U+FFFD. */
  readonly failed: readonly string[];
  /** The diff ends at `outputLimit`. */
  readonly isCut: boolean;
}

interface UnreadFile {
  /** Relative to the repository. */
  readonly path: string;
  /** Completes "it is …". */
  readonly reason: string;
}

export interface ChangesOptions {
  /** Characters. */
  readonly outputLimit: number;
  /** Unchanged lines around a change. */
  readonly context: number;
  /** New files of the working tree beyond these are left out. */
  readonly mostNewFiles?: number;
  readonly signal?: AbortSignal | undefined;
}

const PARALLEL = 4;
/** Larger files count as binary. */
const FILE_LIMIT = '2m';
const LIMIT_MS = 60_000;
const HUGE = 256 * 2 ** 20;
/** Of what a program prints, no piece is larger. */
const BEYOND = 2 ** 20;

type Run = (args: readonly string[], goodCodes?: readonly number[]) => Promise<string>;

/** @throws Error for the user: `cwd` is in no repository, or a name means nothing; what `git` throws. */
export async function changesIn(
  cwd: string,
  wanted: WantedChanges,
  options: ChangesOptions,
): Promise<Changes> {
  const top = topFolder(cwd);
  if (top === undefined) throw new Error('this folder is not in a git repository');
  const { outputLimit, context, signal } = options;
  const run: Run = async (args, goodCodes) => {
    // More than the limit, so that what is longer is seen to be longer.
    const limits = { cwd: top, signal, goodCodes, outputLimit: outputLimit + BEYOND, timeoutMs: LIMIT_MS };
    return (await git(['-c', `core.bigFileThreshold=${FILE_LIMIT}`, ...args], limits)).toString();
  };
  const flags = [
    ...['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
    ...['--find-renames', '--src-prefix=a/', '--dst-prefix=b/', `--unified=${context}`],
  ];
  const changes =
    wanted.type === 'uncommitted'
      ? await uncommitted(top, run, flags, options)
      : {
          diff: await run([...flags, ...(await ends(top, wanted, run, signal)), '--']),
          unread: [],
          failed: [],
        };
  if (changes.diff.length <= outputLimit) return { ...changes, top, isCut: false };
  const { diff } = changes;
  return { ...changes, diff: diff.slice(0, diff.lastIndexOf('\n', outputLimit) + 1), top, isCut: true };
}

async function uncommitted(
  top: string,
  run: Run,
  flags: readonly string[],
  { outputLimit, mostNewFiles = Number.POSITIVE_INFINITY, signal }: ChangesOptions,
): Promise<Pick<Changes, 'diff' | 'unread' | 'failed'>> {
  const { commit } = await checkedOut(top, signal);
  const tracked = await run([...flags, commit ?? (await emptyTree(run)), '--']);
  const names = await run(['ls-files', '--others', ...ignoreRules(top), '-z', '--full-name']);
  const all = names.split('\0').filter((name) => name !== '');
  const unread = all.flatMap((name) => {
    const reason = whyUnread(top, name);
    return reason === undefined ? [] : [{ path: name, reason }];
  });
  const left = new Set(unread.map(({ path: name }) => name));
  const files = all.filter((name) => !left.has(name));
  // Exit code 1 means that there is a difference, and also that the file was not found; 128 that it cannot be read.
  const one = (file: string) => run([...flags, '--no-index', '--', '/dev/null', file], [0, 1, 128]);
  const failed: string[] = [];
  let diff = tracked;
  let at = 0;
  while (at < Math.min(files.length, mostNewFiles) && diff.length <= outputLimit) {
    const group = files.slice(at, Math.min(at + PARALLEL, mostNewFiles));
    const diffs = await Promise.all(group.map(one));
    // Of an empty file, too, there is a head.
    failed.push(...group.filter((_, index) => diffs[index] === ''));
    diff += diffs.join('');
    at += group.length;
  }
  const others = files.slice(at).map((name) => ({ path: name, reason: 'one of too many new files' }));
  return { diff, unread: [...others, ...unread], failed };
}

/** Undefined: git can show it. */
function whyUnread(top: string, name: string): string | undefined {
  if (name.endsWith('/')) return 'a repository of its own';
  const file = path.join(top, name);
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    // Git would look for a file in the folder.
    if (found?.isSymbolicLink() && statSync(file, { throwIfNoEntry: false })?.isDirectory())
      return 'a link to a folder';
    // Git would read all of it to name its hash.
    return (found?.size ?? 0) > HUGE ? 'too large to be read' : undefined;
  } catch {
    return undefined;
  }
}

async function emptyTree(run: Run): Promise<string> {
  return (await run(['hash-object', '-t', 'tree', '/dev/null'])).trim();
}

const SHALLOW = 'This clone has only the newest commits: fetch the others (`git fetch --unshallow`)';

async function isShallow(run: Run): Promise<boolean> {
  return (await run(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
}

/** By its own words: where a clone ends, git says that there is none. */
async function hasParent(commit: string, run: Run): Promise<boolean> {
  const [head = ''] = (await run(['cat-file', 'commit', commit])).split('\n\n', 1);
  return /^parent /m.test(head);
}

/** The two commits of a diff. @throws Error for the user */
async function ends(
  top: string,
  wanted: Exclude<WantedChanges, { type: 'uncommitted' }>,
  run: Run,
  signal: AbortSignal | undefined,
): Promise<readonly [from: string, to: string]> {
  const { name } = wanted;
  const commit = await commitCalled(top, name, signal);
  if (commit === undefined) {
    const branch = wanted.type === 'base' ? '. A branch of a remote may have to be fetched first' : '';
    const cure = (await isShallow(run)) ? `. ${SHALLOW}` : branch;
    throw new Error(`there is no commit called ${JSON.stringify(name)}${cure}`);
  }
  if (wanted.type === 'commit') {
    const parent = await commitCalled(top, `${commit}^`, signal);
    // Otherwise all of the repository would be taken for the change.
    if (parent === undefined && (await hasParent(commit, run)))
      throw new Error(`the commit before ${JSON.stringify(name)} is not here. ${SHALLOW}`);
    return [parent ?? (await emptyTree(run)), commit];
  }
  const { commit: head } = await checkedOut(top, signal);
  if (head === undefined) throw new Error('there is no commit yet: only uncommitted changes can be reviewed');
  const base = await mergeBase(top, commit, head, signal);
  if (base !== undefined) return [base, head];
  throw new Error(`HEAD and ${name} have no commit in common${(await isShallow(run)) ? `. ${SHALLOW}` : ''}`);
}
