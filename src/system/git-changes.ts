/**
 * What has changed in a repository, as one unified diff: in the working tree, since another branch, or by one commit.
 *
 * No program that the repository names is run (git.ts); time and output are bounded.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import type { WantedChanges } from '../protocol.ts';
import { checkedOut, git, ignoreRules, topFolder } from './git.ts';
import { commitCalled, mergeBase } from './git-commits.ts';

export interface Changes {
  /** Prefixes `a/` and `b/`; paths are relative to `top`. */
  readonly diff: string;
  /** The folder of the repository. */
  readonly top: string;
  /** What is new in the working tree, and not in the diff: too many files, too large to be read, or a repository (`name/`). */
  readonly unread: readonly string[];
  /** The diff ends at `outputLimit`. */
  readonly isCut: boolean;
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
      : { diff: await run([...flags, ...(await ends(top, wanted, run, signal)), '--']), unread: [] };
  if (changes.diff.length <= outputLimit) return { ...changes, top, isCut: false };
  const { diff } = changes;
  return { ...changes, diff: diff.slice(0, diff.lastIndexOf('\n', outputLimit) + 1), top, isCut: true };
}

async function uncommitted(
  top: string,
  run: Run,
  flags: readonly string[],
  { outputLimit, mostNewFiles = Number.POSITIVE_INFINITY, signal }: ChangesOptions,
): Promise<Pick<Changes, 'diff' | 'unread'>> {
  const { commit } = await checkedOut(top, signal);
  const tracked = await run([...flags, commit ?? (await emptyTree(run)), '--']);
  const names = await run(['ls-files', '--others', ...ignoreRules(top), '-z', '--full-name']);
  const all = names.split('\0').filter((name) => name !== '');
  const files = all.filter((name) => !isRepository(name) && !isHuge(path.join(top, name)));
  // Exit code 1 means that there is a difference.
  const one = (file: string) => run([...flags, '--no-index', '--', '/dev/null', file], [0, 1]);
  let diff = tracked;
  let at = 0;
  while (at < Math.min(files.length, mostNewFiles) && diff.length <= outputLimit) {
    const group = files.slice(at, Math.min(at + PARALLEL, mostNewFiles));
    diff += (await Promise.all(group.map(one))).join('');
    at += group.length;
  }
  return { diff, unread: [...files.slice(at), ...all.filter((name) => !files.includes(name))] };
}

/** Of its own, inside this one. */
function isRepository(name: string): boolean {
  return name.endsWith('/');
}

/** Git would read all of it to name its hash. */
function isHuge(file: string): boolean {
  try {
    return (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > HUGE;
  } catch {
    return true;
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
