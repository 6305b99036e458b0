/**
 * One process at a time: a file that names the process which holds it.
 *
 * The lock of a process that died, by kill -9 or with the machine, is taken over; a later process with the same number
 * is recognised by its start time where the system reports that (Linux). A lock that cannot be read is an error: it may
 * be held. Machines that share a home are not supported: the lock of another host counts as
 * held.
 */
import { linkSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import { errorCode, errorMessage } from '../text/error-message.ts';
import { uuidv7 } from '../text/uuid.ts';
import { once } from './once.ts';
import { processExists, processStat } from './process-stat.ts';

export interface Holder {
  readonly pid: number;
  /** When the process began, as the system counts; empty if the system does not report it. */
  readonly started: string;
  readonly host: string;
  /** Makes every lock unique. */
  readonly token: string;
}

export type Lock = { readonly isHeld: false; readonly release: () => void } | HeldLock;

/** Another process has it. */
export interface HeldLock {
  readonly isHeld: true;
  readonly pid: number;
  readonly host: string;
  readonly file: string;
}

/** Taking over a lock takes a millisecond: after a second something is wrong. */
const TRIES = 200;
const PAUSE_MS = 5;
/** A draft is written in less. */
const DRAFT_MS = 60_000;

/** A lock that can be neither read nor taken over. */
export class LockError extends Error {
  override readonly name = 'LockError';
  readonly file: string;

  constructor(file: string, reason: string) {
    super(reason);
    this.file = file;
  }
}

/** @throws LockError; a system error if the file cannot be created. */
export function lockFile(file: string): Lock {
  const text = JSON.stringify(ownHolder());
  for (let left = TRIES; left > 0; left -= 1) {
    // Before one is created: that may fail where another process holds the session.
    const found = read(file);
    if (found === undefined) {
      if (create(file, text)) return { isHeld: false, release: once(() => release(file, text)) };
      continue;
    }
    const holder = parse(found);
    if (holder !== undefined && isAlive(holder)) {
      return { isHeld: true, pid: holder.pid, host: holder.host, file };
    }
    removeDead(file, found);
  }
  throw new LockError(file, 'it cannot be taken over');
}

/** This process. */
export function ownHolder(): Holder {
  return { pid: process.pid, started: startOf(process.pid), host: os.hostname(), token: uuidv7() };
}

/** The living process that holds it; undefined: none. @throws LockError */
export function holderOf(file: string): HeldLock | undefined {
  const holder = parse(read(file) ?? '');
  if (holder === undefined || !isAlive(holder)) return undefined;
  return { isHeld: true, pid: holder.pid, host: holder.host, file };
}

/** False: it exists already. It appears with its whole content, so that nobody reads half of it. */
function create(file: string, text: string): boolean {
  makeFolder(path.dirname(file));
  const draft = `${file}.${uuidv7()}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    return linkDraft(draft, file, text);
  } finally {
    // On a full disk it exists, and is empty.
    rmSync(draft, { force: true });
  }
}

function linkDraft(draft: string, file: string, text: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    // Or else the file system has no hard links.
    return errorCode(error) === 'EEXIST' ? false : createInPlace(file, text);
  }
}

function createInPlace(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    rmSync(file, { force: true });
    throw error;
  }
}

/** Nobody else removes the lock of a living process. */
function release(file: string, text: string): void {
  try {
    if (read(file) === text) rmSync(file, { force: true });
  } catch {
    // Its folder can no longer be written to. This process ends, and with it the lock.
  }
}

/**
 * Only the process that has the lock on this very lock may remove it: another one, which read it too, could otherwise
 * remove what has taken its place.
 *
 * @throws LockError if the lock belongs to another user; a system error if the folder cannot be written to.
 */
function removeDead(file: string, content: string): void {
  const digest = process.getBuiltinModule('node:crypto').createHash('sha1').update(content).digest('hex');
  const claim = lockFile(`${file}.${digest}`);
  if (claim.isHeld) return pause();
  try {
    if (read(file) === content) rmSync(file, { force: true });
  } catch (error) {
    throw errorCode(error) === 'EPERM' ? new LockError(file, errorMessage(error)) : error;
  } finally {
    claim.release();
  }
}

/**
 * Removes what processes have left that died while they took this lock: drafts, and locks on it. To be called by its holder: nobody takes
 * it from a living process, so nobody needs them. Never throws.
 */
export function clearRemains(file: string): void {
  const folder = path.dirname(file);
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(`${path.basename(file)}.`)) clearRemain(path.join(folder, name));
    }
  } catch {
    // Then they stay.
  }
}

function clearRemain(file: string): void {
  const holder = parse(read(file) ?? '');
  // One that is empty is being written, or the disk was full.
  if (holder === undefined ? Date.now() - statSync(file).mtimeMs > DRAFT_MS : !isAlive(holder))
    rmSync(file, { force: true });
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

/** Undefined: there is none. @throws LockError if it is there and cannot be read. */
function read(file: string): string | undefined {
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    // A pipe would be waited for, a link could lead anywhere.
    if (!found.isFile()) throw new LockError(file, 'it is not a regular file');
    return readFileSync(file, 'utf8');
  } catch (error) {
    // ENOTDIR: there is no folder that it could be in.
    if (error instanceof LockError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw new LockError(file, errorMessage(error));
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

/** Of another machine it cannot be said: it counts as alive. */
export function isAlive({ pid, started, host }: Omit<Holder, 'token'>): boolean {
  if (host !== os.hostname()) return true;
  if (!processExists(pid)) return false;
  const now = startOf(pid);
  return started === '' || now === '' || now === started;
}

/**
 * When the process began, in clock ticks since boot; empty if the system does not report it. A zombie counts as gone.
 */
function startOf(pid: number): string {
  const fields = processStat(pid);
  return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '');
}
