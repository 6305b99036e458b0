/**
 * Linux: commands under bubblewrap, each with fresh mount facts and placeholders, and a check of the protected names
 * afterwards. probe.ts finds bubblewrap and tries it.
 *
 * Invariants: bubblewrap is called by its absolute path and never through a shell; it runs outside the sandbox (as
 * nsenter does before it), so it gets no variable that makes a program load code (`LD_PRELOAD` may name a file that a
 * command has written): only the command gets those. Without a shared network a command gets one of its own.
 */
import { exists } from '../../config/paths.ts';
import type { Permissions } from '../permissions.ts';
import { type BubblewrapFeatures, bubblewrapArguments } from './bubblewrap-arguments.ts';
import type { Loopback } from './loopback.ts';
import {
  gatherMountFacts,
  type MountFacts,
  type Nested,
  realFolder,
  type SearchedFolders,
  withoutEntry,
} from './mounts.ts';
import { NestedRepositories } from './nested-repositories.ts';
import type { Placeholders } from './placeholders.ts';
import { bytesOf } from './raw-path.ts';
import { type Sandbox, SandboxError } from './sandbox.ts';

interface BubblewrapOptions {
  /** Absolute path of bwrap. */
  readonly bwrap: string;
  readonly features: BubblewrapFeatures;
  /** What this system cannot do, for the user. */
  readonly notes: readonly string[];
  /** The system call filter. */
  readonly filter: Buffer;
  readonly permissions: Permissions;
  readonly placeholders: Placeholders;
  /** Opens the loopback network that all commands share, or returns why it cannot. Absent: each has its own. */
  readonly openLoopback?: () => Promise<Loopback | LoopbackProblem>;
}

export interface LoopbackProblem {
  /** And how to fix it. */
  readonly problem: string;
}

/** After the filter. */
const ARGUMENTS_FD = 4;

/** Variables by which the loader and libc take code or data from files. */
const LOADER_VARIABLE = /^(?:LD_|GLIBC_TUNABLES$|GCONV_PATH$|LOCPATH$|NLSPATH$)/;

/** The sandbox of one session. */
export function bubblewrapSandbox(options: BubblewrapOptions): Sandbox {
  const { bwrap, features, notes, filter, permissions, placeholders } = options;
  let opening: Promise<Loopback | LoopbackProblem> | undefined;
  let isClosed = false;
  const repositories = new NestedRepositories(permissions.home);
  const loopback = async (): Promise<Loopback | LoopbackProblem | undefined> => {
    if (permissions.network || isClosed) return undefined;
    opening ??= options.openLoopback?.();
    return opening;
  };
  return {
    kind: 'bubblewrap',
    notes,
    prepare: async ({ argv, cwd, env, pty = false, opens }) => {
      const opened = await loopback();
      const shared = opened !== undefined && 'enter' in opened ? opened : undefined;
      const folder = realFolder(cwd);
      await repositories.settle();
      const facts = mountFacts(permissions, placeholders, (searched) =>
        withoutEntry(repositories.look(searched), opens),
      );
      const variables = Object.entries(env).flatMap(([name, value]): [string, string][] =>
        value !== undefined && LOADER_VARIABLE.test(name) ? [[name, value]] : [],
      );
      let watched = facts.watchedPaths;
      let claimed = placeholders.claim(facts.missingPaths);
      const newNetwork = !permissions.network && shared === undefined;
      const args = bubblewrapArguments(
        { ...facts, missingPaths: claimed },
        { cwd: folder, argv, newNetwork, pty, variables, features },
      );
      const { passed, more } = passable(args, argv.length);
      let hasEnded = false;
      repositories.begin();
      return {
        ...(shared?.enter(bwrap, passed) ?? { file: bwrap, args: passed }),
        env: Object.fromEntries(Object.entries(env).filter(([name]) => !LOADER_VARIABLE.test(name))),
        extraFds: [filter, ...more],
        setupProblem: (stderr) => /^(?:bwrap|nsenter): [^\n]+/.exec(stderr)?.[0],
        finish: async () => {
          const filled = placeholders.release(claimed);
          const appeared = watched.filter((file) => exists(file) && !placeholders.isPlaceholder(file));
          claimed = [];
          watched = [];
          const notices = hasEnded ? [] : repositories.end();
          hasEnded = true;
          return [...[...filled, ...appeared].map(warning), ...notices];
        },
      };
    },
    loopbackProblem: async () => {
      const opened = await loopback();
      return opened !== undefined && 'problem' in opened ? opened.problem : undefined;
    },
    close: async () => {
      isClosed = true;
      repositories.close();
      placeholders.removeUnused();
      const opened = await opening;
      if (opened !== undefined && 'close' in opened) opened.close();
    },
  };
}

/** A file may vanish between two looks at it: then all is looked at again. */
function mountFacts(
  permissions: Permissions,
  placeholders: Placeholders,
  nested: (searched: SearchedFolders) => Nested,
): MountFacts {
  const gather = () => gatherMountFacts(permissions, (file) => placeholders.isPlaceholder(file), nested);
  try {
    return gather();
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    return gather();
  }
}

/** Node passes only text: arguments with other bytes are read by bubblewrap from a file, up to the command. */
function passable(
  args: readonly string[],
  commandLength: number,
): { readonly passed: readonly string[]; readonly more: readonly Buffer[] } {
  const end = args.length - commandLength - 1;
  if (args.slice(0, end).every((word) => word.isWellFormed())) return { passed: args, more: [] };
  const bytes = bytesOf(
    args
      .slice(0, end)
      .map((word) => `${word}\0`)
      .join(''),
  );
  return { passed: ['--args', String(ARGUMENTS_FD), ...args.slice(end)], more: [bytes] };
}

function warning(file: string): string {
  return (
    `${file} appeared while the command ran; git or oagent would obey it. ` +
    'If you did not create it, inspect and delete it.'
  );
}
