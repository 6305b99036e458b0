/**
 * Linux: commands under bubblewrap.
 *
 * Owns: one command's way through facts, placeholders and arguments, and the look at protected names afterwards.
 * Invariants: bubblewrap is called by its absolute path and never through a shell; it runs outside of the sandbox,
 * so it gets no variable that makes a program load code (`LD_PRELOAD` may name a file that a command has
 * written): those go to the command alone.
 * Does not: find bubblewrap or try it (`probe.ts`), or start the process.
 */
import { exists } from '../paths.ts';
import { type BubblewrapFeatures, bubblewrapArguments } from './bubblewrap-arguments.ts';
import { gatherMountFacts, realFolder } from './mounts.ts';
import type { Placeholders } from './placeholders.ts';
import type { Sandbox, SandboxPolicy } from './sandbox.ts';

export interface BubblewrapOptions {
  /** Absolute path of bwrap. */
  readonly bwrap: string;
  readonly features: BubblewrapFeatures;
  /** What this system cannot do. */
  readonly notes: readonly string[];
  /** The system call filter. */
  readonly filter: Buffer;
  readonly policy: SandboxPolicy;
  readonly placeholders: Placeholders;
}

/** Variables by which the loader and libc take code or data from files. */
const LOADER_VARIABLE = /^(?:LD_|GLIBC_TUNABLES$|GCONV_PATH$|LOCPATH$|NLSPATH$)/;

/** The sandbox of one session. */
export function bubblewrapSandbox(options: BubblewrapOptions): Sandbox {
  const { bwrap, features, notes, filter, policy, placeholders } = options;
  return {
    kind: 'bubblewrap',
    notes,
    prepare: async ({ argv, cwd, env, pty = false }) => {
      const folder = realFolder(cwd);
      const facts = gatherMountFacts(policy, (file) => placeholders.isPlaceholder(file));
      const variables = Object.entries(env).flatMap(([name, value]): [string, string][] =>
        value !== undefined && LOADER_VARIABLE.test(name) ? [[name, value]] : [],
      );
      let watched = facts.watchedPaths;
      let claimed = placeholders.claim(facts.missingPaths);
      return {
        file: bwrap,
        args: bubblewrapArguments(
          { ...facts, missingPaths: claimed },
          { cwd: folder, argv, network: policy.network, pty, variables, features },
        ),
        env: Object.fromEntries(Object.entries(env).filter(([name]) => !LOADER_VARIABLE.test(name))),
        extraFds: [filter],
        finish: async () => {
          const filled = placeholders.release(claimed);
          const appeared = watched.filter((file) => exists(file) && !placeholders.isPlaceholder(file));
          claimed = [];
          watched = [];
          return [...filled, ...appeared].map(warning);
        },
      };
    },
  };
}

function warning(file: string): string {
  return (
    `${file} has appeared while the command ran; git or oagent would obey it. ` +
    'If it was not you who made it, look at it and delete it.'
  );
}
