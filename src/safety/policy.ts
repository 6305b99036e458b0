/**
 * What holds without an operating system sandbox: which commands are harmless by themselves, and which files our own
 * process may write.
 *
 * Owns: the modes, the writable roots and what is protected inside them, and the texts of refusals, which the model
 * reads. Invariants: a path is judged by where it really leads at the time of the call; what cannot be resolved for
 * certain is refused. `.git` is protected at any depth, since a repository planted in a subfolder could make git
 * run programs; names are compared without case, as some file systems do.
 * Does not: ask the user, enforce anything on a command once it runs, or close the time between check and write.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { knownSafeCommands } from './commands.ts';
import { gitFolders, isHarmlessRepository } from './git-repository.ts';
import { isInside, physicalPath } from './paths.ts';
import { isSystemProgram } from './search-path.ts';

export type SandboxMode = 'read-only' | 'workspace-write' | 'danger-full-access';

/** Whether something may be done; a refusal carries the text that the model gets. */
export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly message: string };

/** What may be touched, decided here and injected into the tools. */
export interface ToolPolicy {
  /** True if the command can run in `cwd` (absolute) with nothing around it: it only reads, by the system's own programs. */
  readonly isHarmless: (command: string, cwd: string) => boolean;
  /** May these absolute paths be written, created or removed by our own process? */
  readonly checkWrite: (paths: readonly string[]) => Verdict;
}

export interface PolicyOptions {
  readonly mode: SandboxMode;
  /** The user switched off approvals and sandbox: everything is allowed. */
  readonly bypass: boolean;
  /** Absolute. Always a writable root. */
  readonly cwd: string;
  /** Further writable roots, absolute. */
  readonly writableRoots: readonly string[];
  /** `$TMPDIR` is no writable root. */
  readonly excludeTmpdirEnvVar?: boolean;
  /** `/tmp` is no writable root. */
  readonly excludeSlashTmp?: boolean;
  /** The environment that commands will get; PATH and TMPDIR are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** oagent's own folder, absolute. Never writable. */
  readonly home: string;
}

const ALLOWED: Verdict = { allowed: true };

const READ_ONLY = 'writing is blocked by read-only sandbox; rejected by user approval settings';
const OUTSIDE = 'writing outside of the project; rejected by user approval settings';

/** In every writable root; neither our own process nor a command may write them. */
export const PROTECTED_NAMES: readonly string[] = ['.git', '.agents', '.codex', '.oagent'];

/** The policy of one session. Neither function throws; a refusal's message has no prefix. */
export function createPolicy(options: PolicyOptions): ToolPolicy {
  const { mode, bypass, env } = options;
  const roots = physicalPaths(writableFolders(options));
  const protectedFolders = physicalPaths([options.home, ...roots.flatMap(protectedFoldersOf)]);
  const untrusted = mode === 'read-only' ? physicalPaths([options.cwd]) : roots;

  return {
    isHarmless: (command, cwd) => {
      const names = knownSafeCommands(command)?.map(({ name }) => name);
      const folder = physicalPath(cwd);
      if (names === undefined || folder === undefined) return false;
      const outside = [...untrusted, folder];
      if (!names.every((name) => isSystemProgram(name, env.PATH, outside))) return false;
      return !names.includes('git') || isHarmlessRepository(folder);
    },
    checkWrite: (paths) => {
      if (bypass || mode === 'danger-full-access') return ALLOWED;
      if (mode === 'read-only') return refused(READ_ONLY);
      for (const file of paths) {
        const message = refusal(file, roots, protectedFolders);
        if (message !== undefined) return refused(message);
      }
      return ALLOWED;
    },
  };
}

/**
 * The sandbox in one line, as exec's header shows it: `read-only`, `danger-full-access` or
 * `workspace-write [workdir, /tmp, $TMPDIR, <writable roots>]` without what is excluded.
 */
export function describeSandbox(
  options: Pick<
    PolicyOptions,
    'mode' | 'bypass' | 'writableRoots' | 'excludeSlashTmp' | 'excludeTmpdirEnvVar'
  >,
): string {
  if (options.bypass) return 'danger-full-access';
  if (options.mode !== 'workspace-write') return options.mode;
  const folders = ['workdir'];
  if (options.excludeSlashTmp !== true) folders.push('/tmp');
  if (options.excludeTmpdirEnvVar !== true) folders.push('$TMPDIR');
  return `workspace-write [${[...folders, ...options.writableRoots].join(', ')}]`;
}

function refused(message: string): Verdict {
  return { allowed: false, message };
}

function writableFolders(options: PolicyOptions): string[] {
  const folders = [options.cwd, ...options.writableRoots];
  if (options.excludeSlashTmp !== true) folders.push('/tmp');
  const { TMPDIR } = options.env;
  if (options.excludeTmpdirEnvVar !== true && TMPDIR !== undefined) folders.push(TMPDIR);
  return folders;
}

/** Where the protected names of `root` lead, if they are links or a `.git` file. */
function protectedFoldersOf(root: string): string[] {
  const git = gitFolders(root);
  const named = PROTECTED_NAMES.map((name) => path.join(root, name));
  return git === undefined ? named : [...named, git.gitDir, git.commonDir];
}

/** Real paths of those that are absolute and can be resolved; the rest grant nothing. */
function physicalPaths(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => (path.isAbsolute(folder) ? (physicalPath(folder) ?? []) : []));
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
  const containing = roots.filter((root) => isInside(root, real));
  if (containing.length === 0 || containing.some((root) => isProtectedName(path.relative(root, real)))) {
    return OUTSIDE;
  }
  if (protectedFolders.some((dir) => real === dir || isInside(dir, real))) return OUTSIDE;

  return refusalOfLeaf(file, real);
}

function refusalOfLeaf(file: string, real: string): string | undefined {
  try {
    const leaf = lstatSync(real, { throwIfNoEntry: false });
    if (leaf?.isSymbolicLink() === true) return `${file} is a symbolic link; name the file that it leads to`;
    if (leaf?.isFile() === true && leaf.nlink > 1) {
      return `${file} has another hard link, which may lie outside of the project`;
    }
    return undefined;
  } catch {
    return `${file} is not a possible path`;
  }
}

function isProtectedName(relative: string): boolean {
  const [first = '', ...rest] = relative.toLowerCase().split(path.sep);
  return PROTECTED_NAMES.includes(first) || rest.includes('.git');
}
