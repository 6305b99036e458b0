/**
 * Builds the arguments of bubblewrap from facts about the disk; pure.
 *
 * The protection depends on the order of the mounts. First the pins: a folder between a root and something protected
 * below it gets an empty mount, which is then covered by the root's own mount; that has no cost in use, but the kernel
 * refuses to rename or remove a folder on which something is mounted, so a protected path cannot be moved away by
 * moving its parents. Then roots and protected paths, shallow first, so that the deeper one wins: a root inside a
 * protected folder is writable again. Hidden paths come last.
 */
import path from 'node:path';
import { isInside } from '../../config/paths.ts';
import type { HiddenPath } from '../reads.ts';
import { byDepth, type MountFacts } from './mounts.ts';

/** What this system's bubblewrap can do. */
export interface BubblewrapFeatures {
  /** No user namespaces inside (bubblewrap 0.8 and later, not set-uid). The filter refuses them too. */
  readonly disableUserns: boolean;
  /** A /proc of its own; if the system refuses that, commands see the host's, read-only. */
  readonly ownProc: boolean;
}

export interface BubblewrapRun {
  /** The folder that the command runs in: absolute, real. */
  readonly cwd: string;
  readonly argv: readonly string[];
  /** A new network with only `lo` in it; otherwise the one that bubblewrap is started in. */
  readonly newNetwork: boolean;
  /** The command has a terminal of its own, in which Ctrl-C and job control have to work. */
  readonly pty: boolean;
  /** Variables that the command gets, but not bubblewrap itself. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly features: BubblewrapFeatures;
}

/** The descriptor on which bubblewrap reads the system call filter. */
const FILTER_FD = 3;

/** Everything after `bwrap`. */
export function bubblewrapArguments(facts: MountFacts, run: BubblewrapRun): string[] {
  const { features } = run;
  // If there is no writable folder for temporary files: --dev gives a private /dev/shm, which the host does not see.
  const tmp: [string, string][] = facts.hasWritableTmp ? [] : [['TMPDIR', '/dev/shm']];
  return [
    '--die-with-parent',
    // A session of its own keeps the command from the user's terminal, but has no job control.
    ...(run.pty ? [] : ['--new-session']),
    // For root, bubblewrap creates a user namespace only on request.
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    ...(run.newNetwork ? ['--unshare-net'] : []),
    ...(features.disableUserns ? ['--disable-userns'] : []),
    ...['--cap-drop', 'ALL', '--ro-bind', '/', '/', '--dev', '/dev'],
    // Root could write core_pattern and with it run programs on the host.
    ...(features.ownProc ? ['--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'] : []),
    // Not a bind mount, for which bubblewrap reads the list of all mounts: with many repositories that takes most of the time. If
    // somebody exchanges one for a link in this moment, nothing of the host is opened.
    ...pins(facts).flatMap((folder) => ['--tmpfs', folder]),
    ...mounts(facts),
    ...facts.hidden.flatMap(hide),
    ...[...tmp, ...run.variables].flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', run.cwd, '--seccomp', String(FILTER_FD), '--', ...run.argv],
  ];
}

/**
 * The folders strictly between a root and what is mounted below it that are not mounted themselves; deep ones first, since one in the
 * empty mount of another would not be the folder of the host.
 */
function pins({ roots, protectedPaths, missingPaths }: MountFacts): string[] {
  const mounted = new Set([...roots, ...protectedPaths, ...missingPaths]);
  const between = new Set<string>();
  for (const root of roots) {
    for (const file of [...mounted].filter((other) => isInside(root, other))) {
      for (let folder = path.dirname(file); folder !== root; folder = path.dirname(folder))
        between.add(folder);
    }
  }
  return [...between].filter((folder) => !mounted.has(folder)).sort((a, b) => byDepth(b, a));
}

function mounts({ roots, protectedPaths, missingPaths }: MountFacts): string[] {
  const all = [
    ...protectedPaths.map((file) => ({ file, args: ['--ro-bind', file, file] })),
    ...missingPaths.map((file) => ({ file, args: emptyFolder(file, '0555') })),
    // After a protected path of the same name: a root that the user named is writable.
    ...roots.map((file) => ({ file, args: ['--bind', file, file] })),
  ];
  return all.sort((a, b) => depth(a.file) - depth(b.file)).flatMap(({ args }) => args);
}

function hide({ path: file, kind, except }: HiddenPath): string[] {
  if (kind === 'file') return ['--ro-bind', '/dev/null', file];
  if (except.length === 0) return emptyFolder(file, '0000');
  const kept = except.flatMap((inner) => ['--ro-bind', inner, inner]);
  return ['--perms', '0555', '--tmpfs', file, ...kept, '--remount-ro', file];
}

function emptyFolder(file: string, permissions: string): string[] {
  return ['--perms', permissions, '--tmpfs', file, '--remount-ro', file];
}

function depth(file: string): number {
  return file.split('/').length;
}
