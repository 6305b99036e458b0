/**
 * Starts a command in a process group of its own, and ends all of it.
 *
 * After `terminate` no process is left of the group, nor of a group opened in its session, nor of a session that one of
 * its processes has opened and still watches (bubblewrap's), not even one that ignores TERM. When oagent exits, groups that
 * have a process left are killed, even where the first one has ended; what ends oagent without its `exit` event leaves
 * those that are not watched (death-watch.ts). The group is a session, so nothing in it can ask for a password on the user's terminal. A process that
 * leaves the session unwatched (a daemon) lives on.
 *
 * By hand, because execa's `killDescendants` sends one signal to the group: it does not look for the sessions in it, stops
 * no process before the signal, does not notice that the number of a finished group belongs to another process by now, and
 * forgets groups whose first process has ended.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../text/error-message.ts';
import { prepareWatch, unwatchGroup, watchGroup } from './death-watch.ts';
import { processStat } from './process-stat.ts';

const POLL_MS = 20;
/** How long a killed group may take to vanish on a busy system. */
const VANISH_MS = 500;
/** Each look finds only what was started between the one before and its stops. */
const MOST_LOOKS = 20;

/** What runs of a command, and how it is ended. */
export interface ProcessGroup {
  /** The id of the first process, of the group and of the session. */
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Null where stdin is closed. */
  readonly stdin: Writable | null;
  /** When the first process has ended; others of the group may still run. Never rejects. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** TERM to the group, KILL to what is left of it after `graceMs`; resolves when it is gone. */
  readonly terminate: (graceMs: number) => Promise<void>;
  /** Sends a signal to the group. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** A process of it still runs. */
  readonly isAlive: () => boolean;
  /** Leaves what still runs alone: its output is read and dropped, and it does not keep oagent from exiting. */
  readonly detach: () => void;
}

/** Groups that may have a process left; true while the first one runs. */
const groups = new Map<number, boolean>();
/** Those that end even if oagent is killed. */
const watched = new Set<number>();

export interface GroupOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to the file descriptors 3, 4 … of the first process, which then come to their end. */
  readonly extraFds?: readonly Buffer[];
  /** stdin is a pipe; by default it is closed. */
  readonly stdin?: boolean;
  /** It ends even if oagent is killed. */
  readonly isWatched?: boolean;
}

/**
 * Starts `file`.
 * @throws the error of the system (`code` ENOENT, EACCES, E2BIG) if it cannot be started
 */
export async function startGroup(
  file: string,
  args: readonly string[],
  { cwd, env, extraFds = [], stdin: hasStdin = false, isWatched = false }: GroupOptions,
): Promise<ProcessGroup> {
  if (isWatched) prepareWatch();
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: [hasStdin ? 'pipe' : 'ignore', 'pipe', 'pipe', ...extraFds.map(() => 'pipe' as const)],
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const { pid, stdin, stdout, stderr } = child;
  // At once: it runs already, and oagent may be killed before it says so.
  const group = pid === undefined ? undefined : groupOf(pid, exited, isWatched);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  if (group === undefined || stdout === null || stderr === null) throw new Error(`${file} has no process id`);
  for (const [index, bytes] of extraFds.entries()) {
    const pipe = child.stdio[index + 3];
    // The process may end before it has read all.
    pipe?.on('error', () => {});
    if (pipe instanceof Socket) pipe.end(bytes);
  }
  stdin?.on('error', () => {});
  // Node's pipes can be read at both ends, and programs without a terminal, such as vim, wait for keys from stderr.
  for (const pipe of [stdout, stderr]) if (pipe instanceof Socket) pipe.end();
  return {
    stdin,
    stdout,
    stderr,
    exited,
    ...group,
    detach: () => {
      for (const pipe of [stdout, stderr]) {
        pipe.removeAllListeners('data').resume();
        if (pipe instanceof Socket) pipe.unref();
      }
    },
  };
}

/** Keeps the group of the first process `pid` in view until it has vanished. */
export function groupOf(
  pid: number,
  exited: ProcessGroup['exited'],
  isWatched: boolean,
): Pick<ProcessGroup, 'pid' | 'terminate' | 'signal' | 'isAlive'> {
  forgetVanished();
  if (groups.size === 0) process.on('exit', killAll);
  groups.set(pid, true);
  if (isWatched) {
    watched.add(pid);
    watchGroup(pid);
  }
  void exited.then(() => {
    if (groups.has(pid)) groups.set(pid, false);
    forgetVanished();
  });
  return {
    pid,
    terminate: (graceMs) => terminate(pid, graceMs),
    signal: (signal) => void signalGroup(pid, signal),
    isAlive: () => signalTo(-pid, 0) && !hasVanished(pid),
  };
}

function forgetVanished(): void {
  for (const [pid, isFirstRunning] of groups) {
    if (isFirstRunning || signalTo(-pid, 0)) continue;
    groups.delete(pid);
    if (watched.delete(pid)) unwatchGroup(pid);
  }
  if (groups.size === 0) process.off('exit', killAll);
}

async function terminate(pid: number, graceMs: number): Promise<void> {
  const sessions = new Set([pid]);
  if (!signalGroup(pid, 'SIGTERM', sessions) || (await vanished(pid, graceMs, sessions))) return;
  signalGroup(pid, 'SIGKILL', sessions);
  await vanished(pid, VANISH_MS, sessions);
}

async function vanished(pid: number, ms: number, sessions: Set<number>): Promise<boolean> {
  for (const end = performance.now() + ms; ; await delay(POLL_MS)) {
    if (hasVanished(pid, sessions)) return true;
    if (performance.now() >= end) return false;
  }
}

/**
 * True if all that is left is dead and only waits to be collected: forever, in a container whose first process does not
 * collect orphans.
 */
function hasVanished(pid: number, sessions = new Set([pid])): boolean {
  return targetsOf(pid, sessions).length === 0;
}

/**
 * The targets of a signal that is to reach all; groups are negative numbers. Only Linux says which processes there are:
 * elsewhere it is the one group.
 * @param sessions of the group; those that its processes have opened are added. Bubblewrap runs a command in a session of
 *   its own, which outlives it if bubblewrap is ended in its first milliseconds.
 */
function targetsOf(pid: number, sessions: Set<number>): number[] {
  const isFirstRunning = groups.get(pid) === true;
  // The number of a group is not reused while a process is in it. A process that has the number although ours has been
  // collected is another program's.
  if (!isFirstRunning && signalTo(pid, 0)) return [];
  if (process.platform !== 'linux') {
    if (signalTo(-pid, 0)) return [-pid];
    return isFirstRunning && signalTo(pid, 0) ? [pid] : [];
  }
  const targets = new Set<number>();
  const found = new Set<number>();
  const all = livingProcesses();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const process of all) {
      const isChild = found.has(process.ppid);
      // A process in a terminal begins its session a moment after it has been started.
      const isBeginning = isFirstRunning && process.pid === pid;
      if (found.has(process.pid) || !(isChild || isBeginning || sessions.has(process.session))) continue;
      found.add(process.pid);
      if (isChild && process.session === process.pid) sessions.add(process.session);
      targets.add(sessions.has(process.session) ? -process.pgrp : process.pid);
    }
  }
  return [...targets];
}

interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
}

function livingProcesses(): ProcessFacts[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const [state = 'X', ...rest] = processStat(name);
    const [ppid = 0, pgrp = 0, session = 0] = rest.slice(0, 3).map(Number);
    return state === 'Z' || state === 'X' ? [] : [{ pid: Number(name), ppid, pgrp, session }];
  });
}

/** To the group, and to those that a shell with job control has opened beside it. False if there is no process left. */
function signalGroup(pid: number, signal: NodeJS.Signals, sessions = new Set([pid])): boolean {
  const isEnd = signal === 'SIGTERM' || signal === 'SIGKILL';
  const targets = isEnd ? stopped(pid, sessions) : targetsOf(pid, sessions);
  for (const target of targets) signalTo(target, signal);
  // Children first: a stopped group that loses its parent would be sent a SIGHUP, in the middle of its cleaning up.
  if (signal === 'SIGTERM') for (const target of targets.toReversed()) signalTo(target, 'SIGCONT');
  return targets.length > 0;
}

/**
 * Stops all targets until a look finds none that was not stopped before. So none starts another, or leaves the group for a
 * session of its own, between the look and the signal: of a command that does nothing else some would escape.
 */
function stopped(pid: number, sessions: Set<number>): number[] {
  let targets: number[] = [];
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const known = new Set(targets);
    targets = targetsOf(pid, sessions);
    if (targets.every((target) => known.has(target))) break;
    for (const target of targets) signalTo(target, 'SIGSTOP');
  }
  return targets;
}

/** @param target a process, or a group as a negative number. False if there is none. */
function signalTo(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, which is not ours to signal.
    return errorCode(error) === 'EPERM';
  }
}

function killAll(): void {
  forgetVanished();
  for (const pid of groups.keys()) signalGroup(pid, 'SIGKILL');
}
