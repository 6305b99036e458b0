/**
 * One writer per session: a file beside the rollout that names the process which holds it.
 *
 * The lock of a process that has died, by kill -9 or with the machine, is taken over. Start times tell a process from a later one
 * with the same number. The lock of another host counts as held: sharing a home between machines is not supported.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processExists, processStat } from '../system/process-stat.ts';
import { uuidv7 } from '../text/uuid.ts';
import { LOCK_SUFFIX } from './paths.ts';

interface Holder {
  readonly pid: number;
  /** When the process began, in the system's own count; empty where that is not known. */
  readonly started: string;
  readonly host: string;
  /** So that no two locks are the same. */
  readonly token: string;
}

export type Lock = { readonly isHeld: false; readonly release: () => void } | HeldLock;

/** Another process has the session. */
export interface HeldLock {
  readonly isHeld: true;
  readonly pid: number;
  readonly host: string;
  readonly file: string;
}

/** @throws a system error where no file can be made. */
export function lockRollout(rollout: string): Lock {
  const file = `${rollout}${LOCK_SUFFIX}`;
  const own: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    host: os.hostname(),
    token: uuidv7(),
  };
  const text = JSON.stringify(own);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  for (;;) {
    if (create(file, text)) return { isHeld: false, release: once(() => removeIf(file, text)) };
    const found = read(file);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder !== undefined && isAlive(holder)) {
      return { isHeld: true, pid: holder.pid, host: holder.host, file };
    }
    removeIf(file, found);
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** The process that writes to a session now, if any. */
export function lockHolder(rollout: string): HeldLock | undefined {
  const file = `${rollout}${LOCK_SUFFIX}`;
  const holder = parse(read(file) ?? '');
  if (holder === undefined || !isAlive(holder)) return undefined;
  return { isHeld: true, pid: holder.pid, host: holder.host, file };
}

/** False: there is one already. It appears with its whole content, never half of it. */
function create(file: string, text: string): boolean {
  const draft = `${file}.${uuidv7()}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // A file system without hard links.
    return createInPlace(file, text);
  } finally {
    rmSync(draft, { force: true });
  }
}

function createInPlace(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved away first: whoever took the lock over in between gets it back. */
function removeIf(file: string, content: string): void {
  const away = `${file}.${uuidv7()}`;
  try {
    renameSync(file, away);
    if (read(away) !== content) linkSync(away, file);
  } catch {
    // It is gone, or another process has made one: either way it is no longer ours.
  }
  rmSync(away, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, started, host, token } = JSON.parse(text);
    if (!Number.isInteger(pid) || pid <= 0 || typeof host !== 'string') return undefined;
    return { pid, started: String(started ?? ''), host, token: String(token) };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started, host }: Holder): boolean {
  if (host !== os.hostname()) return true;
  if (!processExists(pid)) return false;
  const now = startOf(pid);
  return started === '' || now === '' || now === started;
}

/** When the process began, in clock ticks since boot; empty where that is not known. A zombie counts as gone. */
function startOf(pid: number): string {
  const fields = processStat(pid);
  return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '');
}
