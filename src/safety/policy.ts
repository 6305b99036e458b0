/**
 * The checks that need no operating system sandbox: which commands are harmless by themselves, and which files our own
 * process may write.
 *
 * Invariants: a path is judged by its real path at the time of the call; one that cannot be resolved with certainty is
 * refused. `.git` is protected at any depth, since a repository planted in a subfolder could make git run programs,
 * and so is a bare repository; names are compared without case, as some file systems do. What is written afterwards is written through folders that are
 * held open (held-folder.ts), and only where the checked path leads without links.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import ownProgram from '../../prompts/commands/own-program.md?raw';
import planMode from '../../prompts/commands/plan-mode.md?raw';
import { holds, isInside, physicalPath, physicalPaths } from '../config/paths.ts';
import { unsafeFolders } from '../system/find-program.ts';
import { gitFolders } from '../system/git-folders.ts';
import { isOwnPart } from '../system/installation.ts';
import { fill } from '../text/fill.ts';
import { isHarmlessRepository } from './git-repository.ts';
import { type Permissions, PROTECTED_NAMES, writableFolders } from './permissions.ts';
import type { PlainCommand } from './plain-commands.ts';
import { isInBareRepository } from './repository-shape.ts';
import { isSystemProgram } from './search-path.ts';

/** Whether something may be done; a refusal has the text for the model. */
type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly message: string };

export interface ToolPolicy {
  /**
   * True if commands that are known to be safe can run unsandboxed in `cwd` (absolute): they are the system's own programs, and git
   * finds no program to run there.
   */
  readonly areHarmless: (commands: readonly PlainCommand[], cwd: string) => boolean;
  /** May these absolute paths be written, created or removed by our own process? */
  readonly checkWrite: (paths: readonly string[]) => Verdict;
}

const ALLOWED: Verdict = { allowed: true };

const READ_ONLY = 'writing is blocked by read-only sandbox; rejected by user approval settings';
const OUTSIDE = 'writing outside of the project; rejected by user approval settings';

/** The policy of one session. Neither function throws; a refusal's message has no prefix. */
export function createPolicy(permissions: Permissions): ToolPolicy {
  const { mode, env } = permissions;
  const { workspaces, temporary } = writableFolders(permissions);
  const roots = physicalPaths([...workspaces, ...temporary]);
  const protectedFolders = physicalPaths([permissions.home, ...roots.flatMap(protectedFoldersOf)]);

  return {
    areHarmless: (commands, cwd) => {
      const names = commands.map(({ name }) => name);
      const folder = physicalPath(cwd);
      if (folder === undefined) return false;
      const outside = [...unsafeFolders(permissions.cwd, env, permissions.writableRoots), folder];
      if (!names.every((name) => isSystemProgram(name, env.PATH, outside))) return false;
      return !names.includes('git') || isHarmlessRepository(folder);
    },
    checkWrite: (paths) => {
      if (mode === 'danger-full-access') return ALLOWED;
      if (permissions.isPlan) return refused(planMode.trim());
      if (mode === 'read-only') return refused(READ_ONLY);
      for (const file of paths) {
        const message = refusal(file, roots, protectedFolders);
        if (message !== undefined) return refused(message);
      }
      return ALLOWED;
    },
  };
}

function refused(message: string): Verdict {
  return { allowed: false, message };
}

/** The protected names of `root`, and where its `.git` leads if that is a file. */
function protectedFoldersOf(root: string): string[] {
  const git = gitFolders(root);
  const named = PROTECTED_NAMES.map((name) => path.join(root, name));
  return git === undefined ? named : [...named, git.gitDir, git.commonDir];
}

/** Why `file` must not be written, or undefined if it may. */
function refusal(
  file: string,
  roots: readonly string[],
  protectedFolders: readonly string[],
): string | undefined {
  const folder = path.isAbsolute(file) ? physicalPath(path.dirname(file)) : undefined;
  const name = path.basename(file);
  if (folder === undefined || name === '..' || name === '.') return OUTSIDE;
  const real = path.join(folder, name);
  if (!roots.some((root) => isInside(root, real))) return OUTSIDE;
  // A link can be taken away between this and the write: then the path means what it says.
  const meanings = [real, path.resolve(file)];
  if (meanings.some(isOwnPart)) return fill(ownProgram, { path: file });
  const isProtected = meanings.some(
    (one) =>
      roots.some((root) => isInside(root, one) && isProtectedName(path.relative(root, one))) ||
      protectedFolders.some((dir) => holds(dir, one)),
  );
  return isProtected || isInRepository(meanings, roots) ? OUTSIDE : refusalOfLeaf(file, real);
}

/** True for a bare repository in the innermost root; what cannot be looked at counts as one. */
function isInRepository(meanings: readonly string[], roots: readonly string[]): boolean {
  return meanings.some((file) => {
    const [root] = roots.filter((one) => isInside(one, file)).sort((a, b) => b.length - a.length);
    try {
      return root !== undefined && isInBareRepository(path.dirname(file), root);
    } catch {
      return true;
    }
  });
}

function refusalOfLeaf(file: string, real: string): string | undefined {
  try {
    const leaf = lstatSync(real, { throwIfNoEntry: false });
    if (leaf?.isSymbolicLink() === true) return `${file} is a symbolic link; name the file that it points to`;
    if (leaf?.isFile() === true && leaf.nlink > 1) {
      return `${file} has another hard link, which may be outside the project`;
    }
    return undefined;
  } catch {
    return `${file} is not a valid path`;
  }
}

function isProtectedName(relative: string): boolean {
  const [first = '', ...rest] = relative.toLowerCase().split(path.sep);
  return PROTECTED_NAMES.includes(first) || rest.includes('.git');
}
