/**
 * What the view shows of git: the branch, and the changes in the working tree.
 *
 * No program that the repository names is run (system/git.ts); time and output are bounded.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { checkedOut, git, ignoreRules, topFolder } from '../../system/git.ts';
import { headOf, repositoryAround } from '../../system/git-folders.ts';

const OUTPUT_LIMIT = 10 * 1024 * 1024;
/** New files beyond these are counted, not shown. */
const NEW_FILES_SHOWN = 200;
const PARALLEL = 4;
/** Larger files count as binary. */
const FILE_LIMIT = '2m';
const LIMIT_MS = 60_000;
const HUGE = 256 * 2 ** 20;

/**
 * The changes since the last commit, staged or not, and the untracked files as one diff; empty if there are none.
 * Paths are relative to the repository's root.
 *
 * @throws Error if `cwd` is not in a repository, or git is not installed.
 */
export async function gitDiff(cwd: string, signal = new AbortController().signal): Promise<string> {
  const top = topFolder(cwd);
  if (top === undefined) throw new Error('this folder is not in a git repository');
  const run = async (args: readonly string[], goodCodes?: readonly number[]): Promise<string> => {
    const options = { cwd: top, signal, goodCodes, outputLimit: OUTPUT_LIMIT, timeoutMs: LIMIT_MS };
    return (await git(['-c', `core.bigFileThreshold=${FILE_LIMIT}`, ...args], options)).toString();
  };
  const { commit } = await checkedOut(top, signal);
  const base = commit ?? (await run(['hash-object', '-t', 'tree', '/dev/null'])).trim();
  const flags = [
    ...['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
    ...['--src-prefix=a/', '--dst-prefix=b/'],
  ];
  const tracked = await run([...flags, base, '--']);
  const names = await run(['ls-files', '--others', ...ignoreRules(top), '-z', '--full-name']);
  const all = names.split('\0').filter((name) => name !== '');
  const files = all.filter((name) => !isHuge(path.join(top, name)));
  let diff = tracked;
  for (
    let at = 0;
    at < Math.min(files.length, NEW_FILES_SHOWN) && diff.length < OUTPUT_LIMIT;
    at += PARALLEL
  ) {
    const group = files.slice(at, Math.min(at + PARALLEL, NEW_FILES_SHOWN));
    // Exit code 1 means that there is a difference.
    const one = (file: string) => run([...flags, '--no-index', '--', '/dev/null', file], [0, 1]);
    diff += (await Promise.all(group.map(one))).join('');
  }
  if (diff.length > OUTPUT_LIMIT)
    return `${diff.slice(0, diff.lastIndexOf('\n', OUTPUT_LIMIT))}\n[diff cut at 10 MiB]\n`;
  const hidden = Math.max(files.length - NEW_FILES_SHOWN, 0) + all.length - files.length;
  return hidden > 0 ? `${diff}[${hidden} more new files]\n` : diff;
}

/** Git would read all of it to name its hash. */
function isHuge(file: string): boolean {
  try {
    return (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > HUGE;
  } catch {
    return true;
  }
}

/** The current branch, or the start of a commit id; undefined outside of a repository. Runs no program. */
export function gitBranch(cwd: string): string | undefined {
  const found = repositoryAround(cwd);
  if (found === undefined) return undefined;
  const { branch, commit } = headOf(found);
  // Without a branch, HEAD itself is the commit.
  return branch ?? commit?.slice(0, 7);
}
