/**
 * Chooses the sandbox for this system: finds bubblewrap and nsenter, tries bubblewrap once per process with the very
 * flags that commands get, and says what is missing and how to fix it.
 *
 * Invariants: a program below a folder that commands may write is never used; nothing ever runs unconfined without a
 * note, unless the user chose it.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram, unsafeFolders } from '../../system/find-program.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { Permissions } from '../permissions.ts';
import { bubblewrapSandbox, type LoopbackProblem } from './bubblewrap.ts';
import { type BubblewrapFeatures, bubblewrapArguments } from './bubblewrap-arguments.ts';
import { type Loopback, openLoopback } from './loopback.ts';
import type { MountFacts } from './mounts.ts';
import { unconfined } from './none.ts';
import { Placeholders } from './placeholders.ts';
import type { Sandbox } from './sandbox.ts';
import { isFilterArchitecture, seccompProgram } from './seccomp.ts';
import { tryOut } from './try-out.ts';

const TRIAL = { env: {}, timeoutMs: 5_000 } as const;

const NO_PROC =
  'sandbox: /proc cannot be mounted here, so commands see the processes of the host, but can neither read their ' +
  'environment nor kill them. Fix: run outside a container, or in one that does not mask /proc.';

/** From best to just acceptable. Without `--disable-userns` the filter still refuses new namespaces. */
const LADDER: readonly { readonly features: BubblewrapFeatures; readonly notes: readonly string[] }[] = [
  { features: { disableUserns: true, ownProc: true }, notes: [] },
  { features: { disableUserns: false, ownProc: true }, notes: [] },
  { features: { disableUserns: false, ownProc: false }, notes: [NO_PROC] },
];

type Probed =
  | { readonly works: true; readonly features: BubblewrapFeatures; readonly notes: readonly string[] }
  | { readonly works: false; readonly notes: readonly string[] };

const probes = new Map<string, Promise<Probed>>();
const records = new Map<string, Placeholders>();

/**
 * The best sandbox that this system has for these permissions. Never rejects; `kind: 'none'` says why in its notes.
 *
 * @param options `shareLoopback`: all commands of this sandbox share one loopback network, created with the first of
 *   them, if this system allows it. The sandbox then has to be closed.
 */
export async function createSandbox(
  permissions: Permissions,
  { shareLoopback = false }: { readonly shareLoopback?: boolean } = {},
): Promise<Sandbox> {
  if (permissions.mode === 'danger-full-access') return unconfined([]);
  if (process.platform === 'darwin') {
    const { createSeatbelt } = await import('./seatbelt.ts');
    return createSeatbelt(permissions);
  }
  if (process.platform !== 'linux') {
    const fix =
      process.platform === 'win32' ? 'Fix: run oagent in WSL2.' : 'Every command counts as unsandboxed.';
    return unconfined([`no sandbox: there is none for ${process.platform}. ${fix}`]);
  }
  if (!isFilterArchitecture(process.arch)) {
    return unconfined([`no sandbox: there is no system call filter for ${process.arch} processors.`]);
  }
  const bwrap = programOf('bwrap', permissions);
  if (bwrap === undefined) {
    return unconfined([
      'no sandbox: bubblewrap (bwrap) is not installed. Fix: apt install bubblewrap (or dnf, pacman, apk).',
    ]);
  }
  const filter = seccompProgram(process.arch);
  const probed = await (probes.get(bwrap) ?? remember(probes, bwrap, climbDown(bwrap, filter)));
  if (!probed.works) return unconfined(probed.notes);
  const { features, notes } = probed;
  const folder = path.join(permissions.home, 'placeholders');
  const placeholders = records.get(folder) ?? remember(records, folder, new Placeholders(folder));
  placeholders.removeLeftovers();
  return bubblewrapSandbox({
    ...{ bwrap, features, notes, filter, permissions, placeholders },
    openLoopback: shareLoopback
      ? () => loopbackFor(bwrap, programOf('nsenter', permissions), features, filter)
      : undefined,
  });
}

/** The network of a session; bubblewrap is tried in it first. */
async function loopbackFor(
  bwrap: string,
  nsenter: string | undefined,
  features: BubblewrapFeatures,
  filter: Buffer,
): Promise<Loopback | LoopbackProblem> {
  if (nsenter === undefined) return noLoopback('nsenter is not installed', 'apt install util-linux');
  const workaround = 'start the server in the command that uses it';
  try {
    const loopback = await openLoopback({ bwrap, nsenter });
    const { file, args } = loopback.enter(bwrap, trialArguments(features, false));
    const error = await tryOut({ file, args, ...TRIAL, filter });
    if (error === undefined) return loopback;
    loopback.close();
    return noLoopback(error, workaround);
  } catch (error) {
    return noLoopback(errorMessage(error), workaround);
  }
}

function noLoopback(why: string, fix: string): LoopbackProblem {
  return {
    problem: `a server started by one command cannot be reached by the next (${why}). Fix: ${fix}.`,
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  return value;
}

/** The first program of this name on PATH that no command can have written. */
function programOf(name: string, { cwd, env, writableRoots }: Permissions): string | undefined {
  return findProgram(name, env.PATH ?? '', unsafeFolders(cwd, env, writableRoots));
}

const NO_MOUNTS: MountFacts = {
  roots: [],
  protectedPaths: [],
  missingPaths: [],
  watchedPaths: [],
  hidden: [],
  hasWritableTmp: false,
};

function trialArguments(features: BubblewrapFeatures, newNetwork: boolean): string[] {
  const argv = ['/bin/sh', '-c', ':'];
  return bubblewrapArguments(NO_MOUNTS, { cwd: '/', argv, newNetwork, pty: false, variables: [], features });
}

async function climbDown(bwrap: string, filter: Buffer): Promise<Probed> {
  let firstError: string | undefined;
  for (const { features, notes } of LADDER) {
    const error = await tryOut({ file: bwrap, args: trialArguments(features, true), ...TRIAL, filter });
    if (error === undefined) return { works: true, features, notes };
    firstError ??= error;
  }
  return {
    works: false,
    notes: [`no sandbox: bubblewrap does not work here (${firstError}). Fix: ${fix()}`],
  };
}

function fix(): string {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) {
    return 'let the container be the boundary and run oagent with -s danger-full-access, or allow user namespaces in it.';
  }
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that gives bwrap userns.';
  }
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  }
  if (setting('/proc/sys/user/max_user_namespaces') === '0') {
    return 'sudo sysctl -w user.max_user_namespaces=15000';
  }
  return 'allow user namespaces; in a container, let it be the boundary and run with -s danger-full-access.';
}

function setting(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
