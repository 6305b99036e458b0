/**
 * What a session may touch: mode, folders, network, and when the user is asked. Everything that checks, confines or
 * describes it reads this value. Folders are as the user wrote them; code that touches the disk resolves them.
 */
import { physicalPaths } from '../config/paths.ts';
import type { ApprovalPolicy, SandboxMode } from '../protocol.ts';
import { ownPartsBelow } from '../system/installation.ts';

export interface Permissions {
  readonly mode: SandboxMode;
  readonly approval: ApprovalPolicy;
  /** The session's folder, absolute. Writable in `workspace-write`. */
  readonly cwd: string;
  /** Additional writable folders, absolute. */
  readonly writableRoots: readonly string[];
  /** `$TMPDIR` is not writable. */
  readonly excludeTmpdirEnvVar?: boolean;
  /** `/tmp` is not writable. */
  readonly excludeSlashTmp?: boolean;
  /** Sandboxed commands reach the network. */
  readonly network: boolean;
  /** oagent's own folder, absolute: never writable, and its private parts are hidden from commands. */
  readonly home: string;
  /** The folder below `home` with the full outputs of this session, which stays readable. */
  readonly ownOutputs?: string;
  /** Plan mode: `mode` is `read-only`, and refusals say why. */
  readonly isPlan?: boolean;
  /** A model looks at what would leave the sandbox, before it does. */
  readonly isReviewed?: boolean;
  /** rules.toml is not read. */
  readonly ignoresRules?: boolean;
  /** Of rules.toml only what forbids counts: no rule lets a command leave the sandbox. */
  readonly ignoresAllowing?: boolean;
  /** The environment that commands get; PATH and TMPDIR are read. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Protected in every writable folder: neither our own process nor a command may write them. All from which a later session takes
 * programs or instructions without asking; what is used only after the user has seen exactly that (`.mcp.json`, `.cursor/mcp.json`) is not.
 */
export const PROTECTED_NAMES: readonly string[] = ['.git', '.agents', '.claude', '.codex', '.oagent'];

export interface WritableFolders {
  /** The session's folder and those that the user added. */
  readonly workspaces: readonly string[];
  /** Shared with other programs. */
  readonly temporary: readonly string[];
}

/** The folders that `workspace-write` opens, as the user wrote them: they may be relative, missing, or links. */
export function writableFolders(permissions: Permissions): WritableFolders {
  return {
    workspaces: [permissions.cwd, ...permissions.writableRoots],
    temporary: temporaryFolders(permissions),
  };
}

/** Where a command of this or an earlier session may have put something, whatever the mode is now. */
export function untrustedFolders({
  cwd,
  writableRoots,
  env,
}: Pick<Permissions, 'cwd' | 'writableRoots' | 'env'>): readonly string[] {
  return [cwd, ...writableRoots, ...temporaryFolders({ env })];
}

/** What oagent itself consists of where `workspace-write` would let commands change it: real paths, which may not exist. */
export function exposedParts(permissions: Permissions): readonly string[] {
  if (permissions.mode !== 'workspace-write') return [];
  const { workspaces, temporary } = writableFolders(permissions);
  return ownPartsBelow(physicalPaths([...workspaces, ...temporary]));
}

function temporaryFolders({
  env,
  excludeSlashTmp = false,
  excludeTmpdirEnvVar = false,
}: Pick<Permissions, 'env' | 'excludeSlashTmp' | 'excludeTmpdirEnvVar'>): readonly string[] {
  const folders = excludeSlashTmp ? [] : ['/tmp'];
  return excludeTmpdirEnvVar || env.TMPDIR === undefined ? folders : [...folders, env.TMPDIR];
}

/** Whether commands reach the network: without a sandbox nothing stops them. */
export function hasNetwork({ mode, network }: Pick<Permissions, 'mode' | 'network'>): boolean {
  return mode === 'danger-full-access' || network;
}

/** For what may only look, whatever the session may do: nothing is written, nobody is asked, nothing leaves the sandbox. */
export function onlyReading(permissions: Permissions): Permissions {
  return { ...permissions, mode: 'read-only', approval: 'never', network: false, ignoresAllowing: true };
}

/**
 * The sandbox in one line, as exec's header shows it: `read-only`, `danger-full-access` or
 * `workspace-write [workdir, /tmp, $TMPDIR, <writable roots>]` without what is excluded.
 */
export function describeSandbox(
  permissions: Pick<Permissions, 'mode' | 'writableRoots' | 'excludeSlashTmp' | 'excludeTmpdirEnvVar'>,
): string {
  if (permissions.mode !== 'workspace-write') return permissions.mode;
  const folders = ['workdir'];
  if (permissions.excludeSlashTmp !== true) folders.push('/tmp');
  if (permissions.excludeTmpdirEnvVar !== true) folders.push('$TMPDIR');
  return `workspace-write [${[...folders, ...permissions.writableRoots].join(', ')}]`;
}
