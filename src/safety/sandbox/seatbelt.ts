/**
 * macOS: commands under Seatbelt, with profiles written by `@anthropic-ai/sandbox-runtime`.
 *
 * Invariants: the package is loaded on first use and only on macOS; only a command line that begins with its own
 * `env … sandbox-exec` is ever started; it is started by the system's bash, which reads no start-up file and no
 * function from the environment.
 *
 * The package's `initialize` is not called: without it there are no proxies, so with the network off there is no way
 * out at all, and only two of its variables reach the command, which are reset.
 *
 * Accepted: its own list of names (`.vscode`, `.bashrc` …) stays read-only on top of ours, `read-only` has no folder
 * for temporary files, and with the network off a command cannot reach its own servers.
 */
import path from 'node:path';
import { holds, isInside, physicalPath } from '../../config/paths.ts';
import { errorMessage } from '../../text/error-message.ts';
import { shellWord } from '../../text/shell-word.ts';
import { type Permissions, PROTECTED_NAMES } from '../permissions.ts';
import { gatherMountFacts, type MountFacts, realFolder, withoutEntry } from './mounts.ts';
import { NestedRepositories } from './nested-repositories.ts';
import { unconfined } from './none.ts';
import { type Prepared, type Sandbox, SandboxError } from './sandbox.ts';
import { tryOut } from './try-out.ts';

/** A literal path, or a pattern. */
type RuntimePath = string | { readonly path: string; readonly literal: true };

/** The package's configuration for one command. Without `network` the network is not restricted. */
export interface RuntimeConfig {
  readonly filesystem: {
    readonly denyRead: readonly RuntimePath[];
    readonly allowRead: readonly RuntimePath[];
    readonly allowWrite: readonly RuntimePath[];
    readonly denyWrite: readonly RuntimePath[];
  };
  readonly network?: {
    readonly allowedDomains: readonly string[];
    readonly deniedDomains: readonly string[];
  };
  readonly allowPty?: boolean;
}

/** The part of the package that is used. Declared here, because the package is optional. */
export interface SandboxRuntime {
  readonly SandboxManager: {
    readonly wrapWithSandbox: (command: string, shell: string, config: RuntimeConfig) => Promise<string>;
  };
  /** What it makes writable by default. */
  readonly getDefaultWritePaths: () => readonly string[];
}

const PACKAGE: string = '@anthropic-ai/sandbox-runtime';
const PROBE_TIMEOUT_MS = 10_000;

/**
 * The sandbox of one session; tried once. Never rejects; `kind: 'none'` says why in its notes.
 *
 * @param load imports the package; for tests
 */
export async function createSeatbelt(
  permissions: Permissions,
  load: () => Promise<SandboxRuntime> = () => import(PACKAGE),
): Promise<Sandbox> {
  let runtime: SandboxRuntime;
  try {
    runtime = await load();
  } catch {
    return unconfined([
      `no sandbox: the package ${PACKAGE} is missing. Fix: reinstall oagent with npm, including optional dependencies.`,
    ]);
  }
  const sandbox = seatbeltSandbox(permissions, runtime);
  const error = await problemOf(seatbeltSandbox({ ...permissions, mode: 'read-only' }, runtime));
  if (error === undefined) return sandbox;
  return unconfined([
    `no sandbox: Seatbelt does not work here (${error}). Fix: run oagent outside other sandboxes; ` +
      'if one of them is the boundary, run with -s danger-full-access.',
  ]);
}

/** Commands under Seatbelt, whether it works here or not. */
export function seatbeltSandbox(permissions: Permissions, runtime: SandboxRuntime): Sandbox {
  const repositories = new NestedRepositories(permissions.home);
  return {
    kind: 'seatbelt',
    notes: [],
    prepare: async ({ argv, cwd, env, pty = false, opens }) => {
      realFolder(cwd);
      const facts = gatherMountFacts(
        permissions,
        () => false,
        (searched) => withoutEntry(repositories.look(searched), opens),
      );
      const config = runtimeConfig(facts, permissions.network, pty, runtime.getDefaultWritePaths());
      const line = await commandLine(runtime, innerScript(argv, env), config);
      let hasEnded = false;
      repositories.begin();
      return {
        file: '/bin/bash',
        // .bashrc (read if stdin is a socket), BASH_ENV and functions of the environment would run outside.
        args: ['--norc', '-p', '-c', line],
        env,
        extraFds: [],
        finish: async () => {
          const notices = hasEnded ? [] : repositories.end();
          hasEnded = true;
          return notices;
        },
      };
    },
  };
}

/** Our policy as the package's configuration. `defaults`: what it makes writable by default. */
function runtimeConfig(
  { roots, protectedPaths, missingPaths, watchedPaths, hidden }: MountFacts,
  network: boolean,
  pty: boolean,
  defaults: readonly string[],
): RuntimeConfig {
  const isWritable = (file: string): boolean => {
    const real = physicalPath(file) ?? file;
    return roots.some((root) => holds(root, real));
  };
  const unwanted = defaults.filter((file) => !isInside('/dev', file) && !isWritable(file));
  return {
    filesystem: {
      denyRead: hidden.map((entry) => literal(entry.path)),
      allowRead: hidden.flatMap(({ except }) => except.map(literal)),
      allowWrite: roots.map(literal),
      denyWrite: [
        ...[...protectedPaths, ...missingPaths, ...watchedPaths, ...unwanted].map(literal),
        // On the disks of a Mac `.GIT` is `.git`.
        ...roots.flatMap((root) => PROTECTED_NAMES.map((name) => `${escaped(root)}/${anyCase(name)}`)),
      ],
    },
    ...(network ? {} : { network: { allowedDomains: [], deniedDomains: [] } }),
    ...(pty ? { allowPty: true } : {}),
  };
}

const literal = (file: string): RuntimePath => ({ path: file, literal: true });
const escaped = (file: string): string => file.replace(/[*?[]/g, '[$&]');
const anyCase = (name: string): string =>
  name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** What bash runs inside: the command, with the variables as they were before the package set its own. */
function innerScript(argv: readonly string[], { TMPDIR }: NodeJS.ProcessEnv): string {
  const tmp = TMPDIR === undefined ? 'unset TMPDIR' : `export TMPDIR=${shellWord(TMPDIR)}`;
  return `unset SANDBOX_RUNTIME; ${tmp}; exec ${argv.map(shellWord).join(' ')}`;
}

/** @throws SandboxError unless the package wraps the script */
async function commandLine(runtime: SandboxRuntime, script: string, config: RuntimeConfig): Promise<string> {
  let line: string;
  try {
    line = await runtime.SandboxManager.wrapWithSandbox(script, '/bin/bash', config);
  } catch (error) {
    const reason = errorMessage(error);
    throw new SandboxError(`the sandbox cannot be set up: ${reason}`);
  }
  // By its absolute path: commands may be able to write to a folder on PATH.
  if (!/^env (?:[A-Z_]+=\S* )*\/usr\/bin\/sandbox-exec -p /.test(line)) {
    throw new SandboxError('the sandbox cannot be set up: its package does not wrap the command.');
  }
  return `exec /usr/bin/${line}`;
}

/** Undefined if it works, otherwise the error. */
async function problemOf(sandbox: Sandbox): Promise<string | undefined> {
  let prepared: Prepared;
  try {
    prepared = await sandbox.prepare({ argv: ['/usr/bin/true'], cwd: path.sep, env: {} });
  } catch (error) {
    return errorMessage(error);
  }
  const { file, args, env } = prepared;
  return tryOut({ file, args, env, timeoutMs: PROBE_TIMEOUT_MS });
}
