/**
 * Which files of a folder belong to its index: asked of git, else of ripgrep, with `.oagentignore` (same syntax as .gitignore, in the
 * root; it also hides files that git tracks).
 *
 * Invariants: paths are relative to the root, with `/`, each once; patterns are matched by git and ripgrep alone; a name that is not
 * UTF-8 is counted, not returned; `look` takes regular files only, so symlinks cannot lead out of the folder or in circles; of a
 * submodule that is checked out the tracked files are listed, for they are code of the repository (git cannot list the untracked
 * ones of all submodules at once).
 */
import { isUtf8 } from 'node:buffer';
import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { git, ignoreRules } from '../../system/git.ts';
import { gitFolders } from '../../system/git-folders.ts';
import { runRipgrep } from '../../system/ripgrep.ts';
import type { RunOptions } from '../../system/run.ts';
import { workspaceFlags } from '../../system/workspace-files.ts';
import { errorMessage } from '../../text/error-message.ts';
import { smallText } from '../../text/regular-file.ts';
import { IGNORE_FILE, isIndexable } from './file-kinds.ts';

/** Without git nothing says how much of a folder is the project: more files than these are a disk, not a project. */
const MOST_LOOSE = 50_000;

export interface Listing {
  readonly paths: readonly string[];
  /** Files whose names are not UTF-8: they cannot be named to a model. */
  readonly unnamable: number;
  readonly source: 'git' | 'rg';
}

export interface FileFacts {
  /** Milliseconds since 1970, with fractions. */
  readonly mtime: number;
  readonly size: number;
}

/** Trying again does not help. */
export class TooManyFiles extends Error {}

/**
 * @param within only these files and what is in these folders; default: all.
 * @throws Error if neither git nor ripgrep can list the folder; TooManyFiles, only without git.
 */
export async function listFiles(
  root: string,
  signal?: AbortSignal,
  within?: readonly string[],
): Promise<Listing> {
  const options = { cwd: root, signal };
  const hasIgnore = smallText(path.join(root, IGNORE_FILE)) !== undefined;
  let advice = 'without a git repository that says which belong to the project: run `git init`';
  if (gitFolders(root) !== undefined) {
    try {
      const rules = hasIgnore ? ['-X', IGNORE_FILE] : [];
      const list = (...args: string[]) =>
        git(['--literal-pathspecs', 'ls-files', '-z', ...args, '--', ...(within ?? [])], options);
      const [tracked, others, own] = await Promise.all([
        list('-c', '--recurse-submodules'),
        list('-o', ...ignoreRules(root), ...rules),
        hasIgnore ? hiddenNames(list, options) : [],
      ]);
      return { ...listing([tracked, others], own), source: 'git' };
    } catch (error) {
      if (signal?.aborted) throw error;
      advice = `while git cannot say which belong to the project (${errorMessage(error)}): fix that`;
    }
  }
  const flags = ['--files', '-0', ...(await workspaceFlags(root))];
  if (hasIgnore) flags.push(`--ignore-file=${IGNORE_FILE}`);
  // 1: no files; 2: some could not be read.
  const found = await runRipgrep(flags, { ...options, goodCodes: [0, 1, 2] });
  const all = listing([found], []);
  if (all.paths.length > MOST_LOOSE)
    throw new TooManyFiles(
      `${all.paths.length} files are too many ${advice}, or list folders to leave out in ${IGNORE_FILE}`,
    );
  if (within === undefined) return { ...all, source: 'rg' };
  // ripgrep lists a file that it is given by name even if the rules ignore it: all are listed, and filtered here.
  const wanted = new Set(within);
  const paths = all.paths.filter((name) => {
    for (let at = name; at !== '.'; at = path.posix.dirname(at)) if (wanted.has(at)) return true;
    return false;
  });
  return { ...all, paths, source: 'rg' };
}

/** The tracked files that `.oagentignore` hides. For files of submodules git cannot say; ripgrep knows the same patterns. */
async function hiddenNames(
  list: (...args: string[]) => Promise<Buffer>,
  options: RunOptions,
): Promise<string[]> {
  const [hidden, own, all] = await Promise.all([
    list('-c', '-i', '-X', IGNORE_FILE),
    list('-c'),
    list('-c', '--recurse-submodules'),
  ]).then((lists) => lists.map((names) => new Set(namesOf(names).names)));
  const inside = [...(all ?? [])].filter((name) => !own?.has(name));
  if (inside.length === 0) return [...(hidden ?? [])];
  const modules = [...(own ?? [])].filter((name) => !all?.has(name));
  const seen = modules.filter((name) => !hidden?.has(name));
  const flags = ['--no-config', '--files', '-0', '--hidden', '--no-messages', '--no-ignore'];
  const shown =
    seen.length === 0
      ? Buffer.alloc(0)
      : await runRipgrep(
          [...flags, `--ignore-file=${IGNORE_FILE}`, '--', ...seen.map((name) => `./${name}`)],
          { ...options, goodCodes: [0, 1, 2] },
        );
  const visible = new Set(namesOf(shown).names);
  return [...(hidden ?? []), ...inside.filter((name) => !visible.has(name))];
}

function listing(lists: readonly Buffer[], hidden: readonly string[]): Omit<Listing, 'source'> {
  const without = new Set(hidden);
  const paths = new Set<string>();
  let unnamable = 0;
  for (const list of lists) {
    const { names, bad } = namesOf(list);
    unnamable += bad;
    for (const name of names) if (!without.has(name)) paths.add(name);
  }
  return { paths: [...paths], unnamable };
}

/** The names between the NUL bytes; git ends a folder that is another repository with a slash. */
function namesOf(list: Buffer): { readonly names: readonly string[]; readonly bad: number } {
  const take = (text: string): string[] =>
    text
      .split('\0')
      .flatMap((name) => (name === '' || name.endsWith('/') ? [] : [name.replace(/^\.\//, '')]));
  if (isUtf8(list)) return { names: take(list.toString()), bad: 0 };
  const names: string[] = [];
  let bad = 0;
  for (let at = 0; at < list.length; ) {
    const nul = list.indexOf(0, at);
    const end = nul < 0 ? list.length : nul;
    const name = list.subarray(at, end);
    if (isUtf8(name)) names.push(...take(name.toString()));
    else bad += 1;
    at = end + 1;
  }
  return { names, bad };
}

/** Size and time of a file that is worth indexing; undefined for anything else, and for what is gone or may not be read. */
export function look(root: string, name: string): FileFacts | undefined {
  const stats = statsOf(root, name);
  if (stats === undefined || !stats.isFile() || !isIndexable(name, stats.size)) return undefined;
  return { mtime: stats.mtimeMs, size: stats.size };
}

/** Whether it is a directory, not a link to one. */
export function isDirectory(root: string, name: string): boolean {
  return statsOf(root, name)?.isDirectory() === true;
}

function statsOf(root: string, name: string): Stats | undefined {
  try {
    return lstatSync(path.join(root, name), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
