/**
 * Commits by the names that people have for them, and what a choice of them shows: branches, and the newest commits.
 *
 * Names are looked up in the files of the repository: `git` itself is started without its references (git.ts).
 */
import { realPath } from '../config/paths.ts';
import { askReferences, checkedOut, git, hasReftable } from './git.ts';
import { hashOf, type Repository, repositoryAround } from './git-folders.ts';
import { refsBelow } from './git-references.ts';

/** `main`, `origin/main`, `v1.2`, `HEAD~2`, or the beginning of a hash. */
const REVISION = /^([^~^:@{}\\\s*?[\]]+|@)((?:[~^]\d*)*)$/;
const HASH_START = /^[0-9a-f]{4,64}$/i;
const MOST_BRANCHES = 2_000;
const LIMIT_MS = 60_000;
/** Those come first that people begin their branches from. */
const USUAL = ['main', 'master', 'trunk', 'develop', 'dev'];

export interface RecentCommit {
  readonly hash: string;
  readonly subject: string;
}

/** The hash of the commit that `name` means in the repository around `cwd`; undefined: it means none. @throws what `git` throws */
export async function commitCalled(
  cwd: string,
  name: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const repository = repositoryAround(realPath(cwd));
  const [, base = '', suffix = ''] = REVISION.exec(name) ?? [];
  if (repository === undefined || base === '' || base.startsWith('-')) return undefined;
  const isHead = base === 'HEAD' || base === '@';
  const known = isHead ? (await checkedOut(cwd, signal)).commit : referenceCalled(repository, base);
  if (known === undefined && !isHead && hasReftable(repository)) {
    const said = await askReferences(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], {
      cwd,
      signal,
    });
    return said.trim() || undefined;
  }
  const start = known ?? (HASH_START.test(base) ? base : undefined);
  if (start === undefined) return undefined;
  const args = ['rev-parse', '--verify', '--quiet', `${start}${suffix}^{commit}`];
  // Exit codes 1 and 128: there is no such commit, or more than one that begins so.
  const said = await git(args, { cwd, signal, timeoutMs: LIMIT_MS, goodCodes: [0, 1, 128] });
  return said.toString().trim() || undefined;
}

/** In the order of git. */
function referenceCalled(repository: Repository, name: string): string | undefined {
  const full = name.startsWith('refs/') ? [name] : [];
  const places = [`refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`, `refs/remotes/${name}`];
  for (const ref of [...full, ...places, `refs/remotes/${name}/HEAD`]) {
    const hash = hashOf(repository, ref);
    if (hash !== undefined) return hash;
  }
  return undefined;
}

/** The newest commit that both have; undefined: none. @throws what `git` throws */
export async function mergeBase(
  cwd: string,
  one: string,
  other: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = { cwd, signal, timeoutMs: LIMIT_MS, goodCodes: [0, 1] };
  return (await git(['merge-base', one, other], options)).toString().split('\n')[0]?.trim() || undefined;
}

/** The branches that the one checked out can be compared with, the usual ones first. @throws what `git` throws */
export async function branchNames(cwd: string, signal?: AbortSignal): Promise<readonly string[]> {
  const repository = repositoryAround(realPath(cwd));
  if (repository === undefined) return [];
  const { branch } = await checkedOut(cwd, signal);
  const own = await namesBelow(repository, 'refs/heads/', signal);
  const others = await namesBelow(repository, 'refs/remotes/', signal);
  const names = [...own, ...others.filter((name) => !name.endsWith('/HEAD'))];
  const usual = USUAL.flatMap((name) =>
    names.filter((known) => known === name || known === `origin/${name}`),
  );
  return [...new Set([...usual, ...names])].filter((name) => name !== branch);
}

async function namesBelow(
  repository: Repository,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const names = hasReftable(repository)
    ? (
        await askReferences(['for-each-ref', '--format=%(refname)', folder], {
          cwd: repository.worktree,
          signal,
        })
      ).split('\n')
    : refsBelow(repository, folder, MOST_BRANCHES);
  return names.filter((name) => name !== '').map((name) => name.slice(folder.length));
}

/** The newest first; empty before the first commit. @throws what `git` throws */
export async function recentCommits(
  cwd: string,
  count: number,
  signal?: AbortSignal,
): Promise<readonly RecentCommit[]> {
  const { commit } = await checkedOut(cwd, signal);
  if (commit === undefined) return [];
  const args = ['log', `--max-count=${count}`, '--format=%H%x00%s', commit, '--'];
  const said = await git(args, { cwd, signal, timeoutMs: LIMIT_MS });
  return said
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [hash = '', subject = ''] = line.split('\0');
      return { hash, subject };
    });
}
