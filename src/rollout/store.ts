/**
 * Operations on whole sessions: open to resume, fork, rename, archive, delete.
 *
 * A session that another process writes to can only be read and forked. Deleting one also deletes the outputs that it
 * saved.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { checkpointsFolder } from '../config/checkpoints-folder.ts';
import { makeFolder } from '../config/make-folder.ts';
import { trialFolder } from '../config/trial-folder.ts';
import type { Lock } from '../system/process-lock.ts';
import { removeTree } from '../system/remove-tree.ts';
import { errorMessage } from '../text/error-message.ts';
import { lineText, type RolloutLine, type SessionMeta } from './lines.ts';
import { lockHolder, lockRollout } from './lock.ts';
import { archiveFolder, outputsFolder, type RolloutFile, rolloutPath } from './paths.ts';
import { readSession } from './reconstruct.ts';
import { RolloutWriter } from './rollout.ts';
import { RolloutError } from './rollout-error.ts';
import { RolloutReader } from './scan.ts';
import type { StoredSession } from './stored-session.ts';

export interface OpenedSession {
  readonly session: StoredSession;
  readonly lock: Lock;
}

/**
 * Locks a session for this process and reads it.
 *
 * @param file its rollout.
 * @returns also the lock, which the caller passes to a recorder or releases.
 * @throws RolloutError if another process has it, or it cannot be read.
 */
export function openStored(file: string): OpenedSession {
  const lock = lockOrNone(file);
  if (lock.isHeld) throw inUse(readSession(file, { shownItems: 0, withHistory: false }).meta.id, lock);
  try {
    return { session: readSession(file), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where no lock can be created, on a full disk or a read-only one, the session can still be read. */
function lockOrNone(file: string): Lock {
  try {
    return lockRollout(file);
  } catch (error) {
    if (error instanceof RolloutError) throw error;
    return { isHeld: false, release: () => undefined };
  }
}

function inUse(id: string, { pid, host, file }: Extract<Lock, { isHeld: true }>): RolloutError {
  return new RolloutError(
    `the session ${id} is open in another oagent (process ${pid} on ${host}). ` +
      `To continue in a copy: oagent fork ${id}. If that process is gone, delete ${file}`,
  );
}

/**
 * Copies a session into a new one. A session that is in use is copied as it is at this moment.
 *
 * @returns the new file.
 * @throws RolloutError if it cannot be read or written.
 */
export function forkRollout(home: string, source: string, id: string, now: Date): string {
  const { meta } = readSession(source, { shownItems: 0, withHistory: false });
  const target = rolloutPath(home, id, now);
  const forked: SessionMeta = { ...meta, id, timestamp: now.toISOString(), forked_from_id: meta.id };
  const reader = new RolloutReader(source);
  let first = 0;
  let end = 0;
  try {
    end = reader.scan((line) => {
      if (line.type === 'session_meta' && first === 0) first = line.end + 1;
    });
  } finally {
    reader.close();
  }
  try {
    makeFolder(path.dirname(target));
    const head = lineText({ type: 'session_meta', payload: forked }, now);
    copyTail({ source, start: first, end }, target, head);
    return target;
  } catch (error) {
    // Half a session would look like a whole one.
    rmSync(target, { force: true });
    throw new RolloutError(`cannot copy the session ${meta.id}: ${errorMessage(error)}`);
  }
}

/** A new file that begins with `head`, and continues as `source` does from `start` to `end`. */
function copyTail(
  { source, start, end }: { readonly source: string; readonly start: number; readonly end: number },
  target: string,
  head: string,
): void {
  const [from, to] = [openSync(source, 'r'), openSync(target, 'wx', 0o600)];
  try {
    writeFileSync(to, head);
    copyBytes(from, to, start, end);
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

function copyBytes(from: number, to: number, start: number, end: number): void {
  const block = Buffer.alloc(2 ** 20);
  for (let at = start; at < end; ) {
    const read = readSync(from, block, 0, Math.min(block.length, end - at), at);
    if (read === 0) return;
    for (let written = 0; written < read; ) written += writeSync(to, block, written, read - written);
    at += read;
  }
}

/** @param name empty: removes the name. @throws RolloutError if another process has the session. */
export async function renameStored(file: string, name: string): Promise<void> {
  const { lock } = openStored(file);
  await appendTo(file, lock, [{ type: 'event_msg', payload: { type: 'thread_name_updated', name } }]);
}

/** Appends lines to a session and lets it go. @throws RolloutError if they cannot be written */
export async function appendTo(file: string, lock: Lock, lines: readonly RolloutLine[]): Promise<void> {
  let problem: string | undefined;
  const warn = (message: string): void => {
    problem ??= message;
  };
  const writer = new RolloutWriter({ file, lock, warn });
  for (const line of lines) writer.append(lineText(line, new Date()));
  await writer.close();
  if (problem !== undefined) throw new RolloutError(problem);
}

/** Archives a session, or restores it. @returns the new file. @throws RolloutError if it is in use. */
export function moveArchived(home: string, file: RolloutFile, toArchive: boolean): string {
  if (file.isArchived === toArchive) {
    throw new RolloutError(`the session ${file.id} is ${toArchive ? 'already' : 'not'} archived`);
  }
  refuseInUse(file);
  const day = /rollout-(\d+)-(\d+)-(\d+)T/.exec(path.basename(file.path))?.slice(1) ?? [];
  const folder = toArchive ? archiveFolder(home) : path.join(home, 'sessions', ...day);
  makeFolder(folder);
  const target = path.join(folder, path.basename(file.path));
  renameSync(file.path, target);
  return target;
}

/** Deletes the session, the outputs that it saved, what it kept of the files that it changed, and what of it is on trial. @throws RolloutError if it is in use. */
export function deleteStored(home: string, file: RolloutFile): void {
  refuseInUse(file);
  rmSync(file.path);
  deleteOutputs(home, file.id);
  rmSync(checkpointsFolder(home, file.id), { recursive: true, force: true });
  removeTree(trialFolder(home, file.id));
}

/** Deletes the full outputs that were cut for the model. */
export function deleteOutputs(home: string, id: string): void {
  const folder = outputsFolder(home, id);
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}

function refuseInUse(file: RolloutFile): void {
  const holder = lockHolder(file.path);
  if (holder !== undefined) throw inUse(file.id, holder);
}
