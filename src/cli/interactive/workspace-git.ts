/**
 * What the view shows of git: the branch, and the changes in the working tree.
 *
 * No text conversion or filter that the repository names is run, nor any other program of it (system/run.ts); the output
 * is bounded.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gitFolders } from '../../safety/git-repository.ts';
import { git } from '../../system/run.ts';
import { errorMessage } from '../../text/error-message.ts';

const OUTPUT_LIMIT = 10 * 1024 * 1024;
/** New files beyond these are counted, not shown. */
const NEW_FILES_SHOWN = 200;
const PARALLEL = 4;
/** Larger files count as binary. */
const FILE_LIMIT = '2m';

/**
 * The changes since the last commit, staged or not, and the untracked files as one diff; empty if there are none.
 * Paths are relative to the repository's root.
 *
 * @throws Error if `cwd` is not in a repository, or git is not installed.
 */
export async function gitDiff(cwd: string, signal = new AbortController().signal): Promise<string> {
  const top = await topOf(cwd, signal);
  const settings = [...(await withoutFilters(top, signal)), '-c', `core.bigFileThreshold=${FILE_LIMIT}`];
  const run = async (args: readonly string[], goodCodes?: readonly number[]): Promise<string> => {
    const options = { cwd: top, signal, goodCodes, outputLimit: OUTPUT_LIMIT };
    return (await git([...settings, ...args], options)).toString();
  };
  const commit = await run(['rev-parse', '--verify', '--quiet', 'HEAD'], [0, 1]);
  const base = commit === '' ? (await run(['hash-object', '-t', 'tree', '/dev/null'])).trim() : 'HEAD';
  const flags = [
    ...['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty'],
    ...['--src-prefix=a/', '--dst-prefix=b/'],
  ];
  const tracked = await run([...flags, base, '--']);
  const names = await run(['ls-files', '--others', '--exclude-standard', '-z', '--full-name']);
  const files = names.split('\0').filter((name) => name !== '');
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
  const hidden = files.length - NEW_FILES_SHOWN;
  return hidden > 0 ? `${diff}[${hidden} more new files]\n` : diff;
}

/** The current branch, or the start of a commit id; undefined outside of a repository. Runs no program. */
export function gitBranch(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const found = gitFolders(folder);
    if (found !== undefined) return branchOf(found.gitDir);
    if (folder === path.dirname(folder)) return undefined;
  }
}

function branchOf(gitDir: string): string | undefined {
  try {
    const head = readFileSync(path.join(gitDir, 'HEAD'), 'utf8').trim();
    const name = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
    // Repositories with reftable keep this name there for old readers.
    if (name !== undefined) return name === '.invalid' ? undefined : name;
    return /^[0-9a-f]{40,64}$/.test(head) ? head.slice(0, 7) : undefined;
  } catch {
    return undefined;
  }
}

async function topOf(cwd: string, signal: AbortSignal): Promise<string> {
  try {
    return (await git(['rev-parse', '--show-toplevel'], { cwd, signal })).toString().replace(/\r?\n$/, '');
  } catch (error) {
    const isOutside = /not a git repository/i.test(errorMessage(error));
    throw isOutside ? new Error('this folder is not in a git repository') : error;
  }
}

/** Options that disable the filters in the repository's own configuration: git would run them to compare files. */
async function withoutFilters(top: string, signal: AbortSignal): Promise<string[]> {
  const wanted = '^filter\\..*\\.(clean|process|smudge|required)$';
  const keys = await git(
    ['config', '--local', '--includes', '--null', '--name-only', '--get-regexp', wanted],
    { cwd: top, signal, goodCodes: [0, 1] },
  );
  return keys
    .toString()
    .split('\0')
    .filter((key) => key !== '' && !key.includes('='))
    .flatMap((key) => ['-c', key.endsWith('.required') ? `${key}=false` : `${key}=`]);
}
