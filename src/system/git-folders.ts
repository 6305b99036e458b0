/**
 * Finds a git repository as git does, and reads from its files what is checked out: no program is started.
 *
 * Invariant: all of it may come from an archive or from a command; only regular files are read, and no name in them
 * leads out of the folder for references.
 */
import { type Dirent, lstatSync, opendirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { gitDirNamedIn } from '../text/git-pointer.ts';
import { smallText } from '../text/regular-file.ts';

export interface GitFolders {
  /** `.git`, or the folder that a `.git` file names. */
  readonly gitDir: string;
  /** Where configuration, references and hooks are: `gitDir`, or for a linked worktree that of the main one. */
  readonly commonDir: string;
}

export interface Repository extends GitFolders {
  /** The folder with `.git`. */
  readonly worktree: string;
}

/** What is checked out. */
export interface Head {
  /** The hash; undefined before the first commit, and where its file is not understood. */
  readonly commit?: string;
  /** The name of the branch; undefined if none is checked out, or only git can tell its name. */
  readonly branch?: string;
}

/** A large repository has tens of megabytes of them. */
const PACKED_LIMIT = 256 * 2 ** 20;
/** A reference may name another one; git follows as many. */
const MOST_STEPS = 5;
/** A name with slashes is in folders of its own, and git leaves empty ones. */
const ENTRIES_PER_NAME = 10;
const HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The repository folders that `worktree/.git` is or names, or undefined if it is missing or broken. Never throws. */
export function gitFolders(worktree: string): GitFolders | undefined {
  const dotGit = path.join(worktree, '.git');
  let gitDir = dotGit;
  const pointer = smallText(dotGit);
  if (pointer !== undefined) {
    const named = gitDirNamedIn(pointer, worktree);
    if (named === undefined) return undefined;
    gitDir = named;
  }
  if (headText(gitDir) === undefined) return undefined;
  const common = smallText(path.join(gitDir, 'commondir'));
  return { gitDir, commonDir: common === undefined ? gitDir : path.resolve(gitDir, common.trim()) };
}

/**
 * The folders that a repository names in its files as parts of itself, whether they exist or not.
 * @param dotGit a `.git`, file or folder, or a repository of another name. Absolute.
 */
export function namedFolders(dotGit: string): readonly string[] {
  const gitDir = gitDirNamedIn(smallText(dotGit) ?? '', path.dirname(dotGit));
  const common = smallText(path.join(gitDir ?? dotGit, 'commondir'))?.trim();
  const commonDir =
    common === undefined || common === '' ? undefined : path.resolve(gitDir ?? dotGit, common);
  return [gitDir, commonDir].filter((folder) => folder !== undefined);
}

/** The innermost repository around `cwd` (absolute). Never throws. */
export function repositoryAround(cwd: string): Repository | undefined {
  for (let worktree = cwd; ; worktree = path.dirname(worktree)) {
    const found = gitFolders(worktree);
    if (found !== undefined) return { ...found, worktree };
    if (worktree === path.dirname(worktree)) return undefined;
  }
}

/** Never throws. */
export function headOf({ gitDir, commonDir }: GitFolders): Head {
  let text = headText(gitDir) ?? '';
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1];
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    if (HASH.test(text)) break;
    const ref = /^ref: (refs\/.+)$/.exec(text)?.[1];
    text = ref === undefined ? '' : textOf(commonDir, ref);
  }
  return {
    commit: HASH.test(text) ? text : undefined,
    // Repositories with reftable keep this name there for old readers.
    branch: branch === '.invalid' ? undefined : branch,
  };
}

/** The hash that a reference of this full name (`refs/heads/main`) has; undefined: there is none that can be read. Never throws. */
export function hashOf({ commonDir }: GitFolders, ref: string): string | undefined {
  let text = `ref: ${ref}`;
  for (let steps = 0; steps <= MOST_STEPS && !HASH.test(text); steps += 1) {
    const next = /^ref: (refs\/.+)$/.exec(text)?.[1];
    text = next === undefined ? '' : textOf(commonDir, next);
  }
  return HASH.test(text) ? text : undefined;
}

/** The full names of the references below `folder` (`refs/heads/`), sorted; at most `limit`. Never throws. */
export function refsBelow({ commonDir }: GitFolders, folder: string, limit: number): readonly string[] {
  const packed = smallText(path.join(commonDir, 'packed-refs'), PACKED_LIMIT) ?? '';
  const names = new Set(
    packed.split('\n').flatMap((line) => {
      const name = line.slice(line.indexOf(' ') + 1);
      return name.startsWith(folder) ? [name] : [];
    }),
  );
  for (const file of looseBelow(path.join(commonDir, folder), limit)) names.add(folder + file);
  return [...names].sort().slice(0, limit);
}

/** Folders are read one by one, so that a link is never followed. Of a flood of folders or files only the first are looked at. */
function looseBelow(top: string, limit: number): readonly string[] {
  const found: string[] = [];
  const folders = [''];
  let left = limit * ENTRIES_PER_NAME;
  for (let folder = folders.shift(); folder !== undefined && found.length < limit; folder = folders.shift()) {
    for (const entry of firstEntries(path.join(top, folder), left)) {
      left -= 1;
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile()) found.push(name);
    }
    if (left === 0) break;
  }
  return found;
}

function firstEntries(folder: string, most: number): readonly Dirent[] {
  const entries: Dirent[] = [];
  try {
    const opened = opendirSync(folder);
    try {
      for (let entry = opened.readSync(); entry !== null && entries.length < most; entry = opened.readSync())
        entries.push(entry);
    } finally {
      opened.closeSync();
    }
  } catch {
    // What cannot be read has no names for us.
  }
  return entries;
}

/** What `HEAD` says; undefined if there is none that git could read at once. A link is what old repositories have. */
function headText(gitDir: string): string | undefined {
  const file = path.join(gitDir, 'HEAD');
  try {
    if (!lstatSync(file).isSymbolicLink()) return smallText(file)?.trim();
    const target = readlinkSync(file);
    return target.startsWith('refs/') ? `ref: ${target}` : undefined;
  } catch {
    return undefined;
  }
}

/** What the file of a reference says. */
function textOf(commonDir: string, ref: string): string {
  if (ref.split('/').includes('..')) return '';
  const loose = smallText(path.join(commonDir, ref))?.trim();
  if (loose !== undefined && loose !== '') return loose;
  const packed = smallText(path.join(commonDir, 'packed-refs'), PACKED_LIMIT) ?? '';
  const line = packed.split('\n').find((one) => one.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? '';
}
