/**
 * Collects the facts about the disk that the sandbox's arguments are built from: which folders are writable roots, what
 * is protected inside them, what is hidden.
 *
 * Invariants: every path is real (no links), and all is looked up again for each command; what cannot be protected with
 * certainty (a protected name that is a link, a `.git` file that leads nowhere) is a SandboxError, never a gap.
 */
import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { exists, holds, isFolder, isInside, physicalPath } from '../../config/paths.ts';
import { namedFolders } from '../../system/git-folders.ts';
import {
  exposedParts,
  type Permissions,
  PROTECTED_NAMES,
  type WritableFolders,
  writableFolders,
} from '../permissions.ts';
import { type HiddenPath, hiddenPaths } from '../reads.ts';
import { SandboxError } from './sandbox.ts';

export interface MountFacts {
  /** Writable folders. None in `read-only`. */
  readonly roots: readonly string[];
  /** Files and folders that must not change although they are in a root. */
  readonly protectedPaths: readonly string[];
  /** Protected names that do not exist, but that a command could create. */
  readonly missingPaths: readonly string[];
  /** Protected names in shared temporary folders that do not exist: only checked after the command. */
  readonly watchedPaths: readonly string[];
  /** What commands must not read. */
  readonly hidden: readonly HiddenPath[];
  /** The folder for temporary files is a root, or below one. */
  readonly hasWritableTmp: boolean;
}

/** Where to look for repositories. */
export interface SearchedFolders {
  readonly workspaces: readonly string[];
  /** Folders below them that are not entered: other writable folders, and oagent's own. */
  readonly stops: readonly string[];
}

/** What git would obey further down. */
export interface Nested {
  readonly entries: readonly string[];
  /** Folders that these name, whether they exist or not. */
  readonly named: readonly string[];
}

/** Mounted by the sandbox itself, or the kernel's. */
const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev'];

/**
 * Looks at the disk.
 *
 * @param isPlaceholder whether an empty folder was created by a sandbox, so that it counts as missing
 * @param nested finds what is to be protected further down in the workspaces
 * @throws SandboxError if something cannot be protected
 */
export function gatherMountFacts(
  permissions: Permissions,
  isPlaceholder: (file: string) => boolean,
  nested: (searched: SearchedFolders) => Nested = () => ({ entries: [], named: [] }),
): MountFacts {
  const home = physicalPath(permissions.home);
  if (home === undefined) {
    throw new SandboxError(
      `cannot protect oagent's own folder ${permissions.home}: it is a broken link. Repair it.`,
    );
  }
  const { workspaces, temporary } = mountedFolders(permissions, home);
  const roots = [...workspaces, ...temporary].sort(byDepth);
  const protectedPaths = new Set<string>();
  const missingPaths = new Set<string>();
  const watchedPaths: string[] = [];

  const protect = (file: string, isTemporary: boolean): void => {
    if (exists(file) && !isPlaceholder(file)) protectedPaths.add(file);
    else if (isTemporary) watchedPaths.push(file);
    else if (canCreateIn(path.dirname(file))) missingPaths.add(file);
  };
  for (const root of roots) {
    for (const name of PROTECTED_NAMES) {
      const file = path.join(root, name);
      refuseLink(file);
      protect(file, temporary.includes(root));
    }
    for (const folder of repositoryFolders(root, roots)) protectedPaths.add(folder);
  }
  const { entries, named } = nested({ workspaces, stops: [...roots, home] });
  for (const file of entries) protectedPaths.add(file);
  for (const folder of named.flatMap((name) => physicalPath(name) ?? [])) {
    const isWritable = roots.some((root) => isInside(root, folder));
    if (isWritable && !roots.includes(folder)) protect(firstMissing(folder, isPlaceholder), false);
  }
  if (roots.some((root) => isInside(root, home))) {
    if (!isFolder(path.dirname(home))) {
      throw new SandboxError(`cannot protect oagent's own folder ${home}, which does not exist. Create it.`);
    }
    protect(home, false);
  }
  for (const part of exposedParts(permissions)) {
    refuseLink(part);
    protect(part, false);
  }
  const tmp = existingFolder(permissions.env.TMPDIR ?? '/tmp')[0];
  return {
    roots,
    protectedPaths: [...protectedPaths].sort(byDepth),
    missingPaths: [...missingPaths].sort(byDepth),
    watchedPaths,
    hidden: hiddenPaths(home, permissions.ownOutputs),
    hasWritableTmp: tmp !== undefined && roots.some((root) => holds(root, tmp)),
  };
}

export function withoutEntry({ entries, named }: Nested, entry: string | undefined): Nested {
  return { entries: entries.filter((file) => file !== entry), named };
}

/** Shallow paths first, so that no mount covers an earlier one; then by name. */
export function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : a > b ? 1 : 0);
}

/** The real path of the folder to run a command in. @throws SandboxError if it does not exist */
export function realFolder(folder: string): string {
  const [real] = existingFolder(folder);
  if (real === undefined) {
    throw new SandboxError(`the folder ${folder} does not exist, so no command can run in it.`);
  }
  return real;
}

/** The writable folders that exist, outside oagent's own. None unless the mode is `workspace-write`. */
function mountedFolders(permissions: Permissions, home: string): WritableFolders {
  if (permissions.mode !== 'workspace-write') return { workspaces: [], temporary: [] };
  const writable = writableFolders(permissions);
  // Unlike the others, the session's own folder must exist.
  realFolder(permissions.cwd);
  const named = writable.workspaces.flatMap(existingFolder);
  const systemFolder = named.find(isSystemFolder);
  if (systemFolder !== undefined) {
    throw new SandboxError(
      `${systemFolder} cannot be writable in a sandbox. Use a project folder, or run with -s read-only.`,
    );
  }
  // A root in oagent's own folder would make it writable.
  const isOutsideHome = (root: string): boolean => !holds(home, root);
  const workspaces = new Set(named.filter(isOutsideHome));
  const temporary = writable.temporary
    .flatMap(existingFolder)
    .filter((root) => isOutsideHome(root) && !isSystemFolder(root) && !workspaces.has(root))
    // Anybody may have put a link there: it costs this folder, not the session.
    .filter((root) => !PROTECTED_NAMES.some((name) => isLink(path.join(root, name))));
  return { workspaces: [...workspaces], temporary: [...new Set(temporary)] };
}

function existingFolder(folder: string): string[] {
  const real = path.isAbsolute(folder) ? physicalPath(folder) : undefined;
  return real !== undefined && isFolder(real) ? [real] : [];
}

function isSystemFolder(folder: string): boolean {
  if (holds('/dev/shm', folder)) return false;
  return folder === '/' || SYSTEM_FOLDERS.some((system) => holds(system, folder));
}

function refuseLink(file: string): void {
  if (!isLink(file)) return;
  throw new SandboxError(
    `cannot protect ${file}: it is a symbolic link, which a command could replace. ` +
      'Put a real file or folder in its place, or run with -s read-only.',
  );
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Where the repository of `root` keeps its configuration and hooks, if that is elsewhere but below a root. */
function repositoryFolders(root: string, roots: readonly string[]): string[] {
  const dotGit = path.join(root, '.git');
  return namedFolders(dotGit).flatMap((folder) => {
    const real = physicalPath(folder);
    if (real === dotGit) return [];
    const isWritable = (file: string): boolean => roots.some((other) => holds(other, file));
    if (real !== undefined && !isWritable(real)) return [];
    if (real === undefined || !isFolder(real) || roots.includes(real)) {
      throw new SandboxError(
        `cannot protect the repository of ${root}: its .git points to ${folder}. ` +
          'Repair it (git worktree repair), or run with -s read-only.',
      );
    }
    return [real];
  });
}

/** What a command would have to create first to make `folder`; `folder` itself if it exists. */
function firstMissing(folder: string, isPlaceholder: (file: string) => boolean): string {
  const isMissing = (file: string): boolean => !exists(file) || isPlaceholder(file);
  let missing = folder;
  while (isMissing(path.dirname(missing))) missing = path.dirname(missing);
  return missing;
}

/**
 * Whether a sandboxed command could create an entry in `folder`. It has no capabilities: if oagent runs as root, only
 * the permission bits count, which `access` ignores.
 */
function canCreateIn(folder: string): boolean {
  const { uid, gid, mode } = statSync(folder);
  const own = process.getuid?.();
  // The owner could restore the permission.
  if (uid === own) return true;
  if (own === 0) {
    return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && (process.getgroups?.() ?? []).includes(gid));
  }
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
