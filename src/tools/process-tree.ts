/**
 * Starts a command in a process group of its own and ends the whole group.
 *
 * Owns: the group, the grace between TERM and KILL. Invariants: after `terminate` no process of the group is
 * left, also none that ignores TERM; when oagent exits, every group whose first process still runs is killed
 * (a signal that ends oagent without its `exit` event leaves them). The group is a session of its own, so that nothing in it can ask for a password
 * on the user's terminal. Why by hand: execa ends one process, not a group, and takes 35 ms to load.
 * Does not: see a process that leaves the group (`setsid`, a daemon): that one lives on. A process that a
 * command left in the background and whose shell has ended lives on as well, until `terminate`.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
/** How long a killed group may take to vanish on a busy system. */
const VANISH_MS = 500;

export interface ProcessGroup {
  /** The id of the first process and of the group. */
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** When the first process has ended; others of the group may still run. Never rejects. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** TERM to the group, KILL to what is left of it after `graceMs`; resolves when it is gone. */
  readonly terminate: (graceMs: number) => Promise<void>;
  /** Lets what still runs in the group go on: its output is read and dropped, and oagent may exit before it. */
  readonly detach: () => void;
}

const running = new Set<number>();

export interface GroupOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to the file descriptors 3, 4 … of the first process, which then come to their end. */
  readonly extraFds?: readonly Buffer[];
}

/**
 * Starts `file` with a closed stdin.
 * @throws the error of the system (`code` ENOENT, EACCES, E2BIG) if it cannot be started
 */
export async function startGroup(
  file: string,
  args: readonly string[],
  { cwd, env, extraFds = [] }: GroupOptions,
): Promise<ProcessGroup> {
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...extraFds.map(() => 'pipe' as const)],
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error(`${file} has no process id`);
  for (const [index, bytes] of extraFds.entries()) {
    const pipe = child.stdio[index + 3];
    // The process may end before it has read all.
    pipe?.on('error', () => {});
    if (pipe instanceof Socket) pipe.end(bytes);
  }
  if (running.size === 0) process.on('exit', killRunning);
  running.add(pid);
  void exited.then(() => {
    running.delete(pid);
    if (running.size === 0) process.off('exit', killRunning);
  });
  return {
    pid,
    stdout,
    stderr,
    exited,
    terminate: (graceMs) => terminate(pid, graceMs),
    detach: () => {
      for (const pipe of [stdout, stderr]) {
        pipe.removeAllListeners('data').resume();
        if (pipe instanceof Socket) pipe.unref();
      }
    },
  };
}

/** How a wait ended. */
export type Waited<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/** Waits for `promise`, but no longer than `ms` or until `signal` aborts. */
export async function within<T>(promise: Promise<T>, ms: number, signal?: AbortSignal): Promise<Waited<T>> {
  if (signal?.aborted === true) return { kind: 'aborted' };
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  try {
    return await Promise.race<Waited<T>>([
      promise.then((value) => ({ kind: 'done', value })),
      new Promise((resolve) => {
        timer = setTimeout(() => resolve({ kind: 'timeout' }), ms);
        onAbort = () => resolve({ kind: 'aborted' });
        signal?.addEventListener('abort', onAbort);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function terminate(pid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM') || (await vanished(pid, graceMs))) return;
  signalGroup(pid, 'SIGKILL');
  await vanished(pid, VANISH_MS);
}

async function vanished(pid: number, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; ; await delay(POLL_MS)) {
    if (!signalGroup(pid, 0) || onlyZombies(pid)) return true;
    if (performance.now() >= end) return false;
  }
}

/**
 * True if what is left of a group is dead and only waits to be collected. In a container whose first process
 * does not care for orphans it waits for ever. Linux only; elsewhere there is always one who collects.
 */
function onlyZombies(group: number): boolean {
  if (process.platform !== 'linux') return false;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // pid (name) state ppid pgrp ...; the name may contain anything, also a parenthesis.
    const [state, , pgrp] = processStat(name)
      .replace(/^.*\) /s, '')
      .split(' ');
    if (Number(pgrp) === group && state !== 'Z' && state !== 'X') return false;
  }
  return true;
}

function processStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

/** False if the group has no process any more. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, but it is not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function killRunning(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}
