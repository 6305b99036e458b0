/**
 * Puts files back: the only place where going back writes. It writes as a patch does: through folders that are held open, with the journal,
 * compared right before, and kept itself, so that it can be taken back too.
 */
import { dirname } from 'node:path';
import { checkpointsFolder } from '../../config/checkpoints-folder.ts';
import { physicalPath } from '../../config/paths.ts';
import { contentHash } from '../../config/project-file.ts';
import { errorCode } from '../../text/error-message.ts';
import { applyPlan } from '../apply-patch/apply.ts';
import { PatchError, systemReason } from '../apply-patch/errors.ts';
import type { Snapshot } from '../apply-patch/files.ts';
import { PatchJournal } from '../apply-patch/journal.ts';
import type { PlannedFile } from '../apply-patch/plan.ts';
import { Writer } from '../apply-patch/writer.ts';
import { type Change, type FileState, readChanges } from './change-log.ts';
import { Objects } from './objects.ts';
import { type CheckpointOwner, type KeptChange, keepChange } from './record.ts';
import { planRewind, type RewindPlan, type RewindStep } from './rewind-plan.ts';

export interface RewindOwner {
  readonly home: string;
  readonly session: string;
  /** The folder of the session, absolute. */
  readonly cwd: string;
}

export interface PreparedRewind {
  readonly plan: RewindPlan;
  /** Kept contents, for showing what differs. */
  readonly objects: Objects;
  /** What is at a path that was looked at. */
  readonly found: (path: string) => Snapshot | undefined;
}

/** The changes after this item of the session. */
export function changesAfter(changes: readonly Change[], item: number): readonly Change[] {
  const from = changes.findIndex((change) => change.item > item);
  return from === -1 ? [] : changes.slice(from);
}

/** The last rewind and what came after it; undefined: there was none. */
export function lastRewind(changes: readonly Change[]): readonly Change[] | undefined {
  const from = changes.findLastIndex(({ by }) => by === 'rewind');
  return from === -1 ? undefined : changes.slice(from);
}

/** @throws as readChanges does */
export function changesOf({ home, session }: Pick<RewindOwner, 'home' | 'session'>): readonly Change[] {
  return readChanges(checkpointsFolder(home, session));
}

/** Looks at the files, and says what would be done. @param mayWrite whether oagent may write a real path */
export function prepareRewind(
  { home, session }: RewindOwner,
  changes: readonly Change[],
  mayWrite: (path: string) => boolean,
): PreparedRewind {
  const objects = new Objects(checkpointsFolder(home, session));
  const seen = new Map<string, Snapshot | undefined>();
  const writer = new Writer();
  try {
    for (const { files } of changes) {
      for (const { path } of files) if (!seen.has(path)) seen.set(path, look(path, writer));
    }
  } finally {
    writer.close();
  }
  const found = (path: string): Snapshot | undefined => seen.get(path);
  const plan = planRewind(changes, {
    now: (path) => stateOf(found(path)),
    has: (sha256) => objects.get(sha256) !== undefined,
    mayWrite,
  });
  return { plan, objects, found };
}

/** Undefined: a folder, a device, a file that is too large or cannot be read, or one behind a link. */
function look(path: string, writer: Writer): Snapshot | undefined {
  try {
    return writer.snapshot(path);
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT' && physicalPath(dirname(path)) === dirname(path);
    return isMissing ? { kind: 'absent' } : undefined;
  }
}

function stateOf(found: Snapshot | undefined): FileState | undefined {
  if (found?.kind !== 'file') return found;
  return { kind: 'file', sha256: contentHash(found.bytes), mode: found.mode };
}

/**
 * Does what was prepared; all of it, or nothing if a file has changed meanwhile.
 * @param item the number of the session's last item
 * @throws Error with a message for the user
 */
export async function restore(
  { home, session, cwd }: RewindOwner,
  { plan, objects, found }: PreparedRewind,
  item: number,
): Promise<void> {
  const files = plan.steps.map((step) => plannedFile(step, found(step.path), objects));
  if (files.length === 0) return;
  const kept = keepAll({ home, session }, item, files);
  const journal = new PatchJournal({ home, cwd, session });
  try {
    await applyPlan({ files }, journal);
    kept.made();
  } catch (error) {
    kept.failed(error);
    throw error instanceof PatchError ? new Error(failureText(error)) : error;
  } finally {
    journal.close();
  }
}

/** @throws Error with a message for the user */
function keepAll(owner: CheckpointOwner, item: number, files: readonly PlannedFile[]): KeptChange {
  try {
    return keepChange(owner, { item, by: 'rewind' }, files);
  } catch (error) {
    throw new Error(`no file was put back: what is there now cannot be kept: ${systemReason(error)}`);
  }
}

function failureText({ message, cause, written }: PatchError): string {
  const why = cause === undefined ? message : `${message}: ${systemReason(cause)}`;
  return written.length === 0
    ? `no file was put back: ${why}`
    : `not all files were put back, only ${written.join(', ')}: ${why}`;
}

function plannedFile({ path, to }: RewindStep, before: Snapshot | undefined, objects: Objects): PlannedFile {
  const none = { path, oldText: undefined, newText: undefined, notes: [] };
  if (before === undefined) throw new Error(`${path} was not looked at`);
  const expectations = [{ path, follow: false, target: path, before }];
  if (to.kind !== 'file') {
    return { ...none, op: { kind: 'delete', path }, expectations, remove: { spelled: path, target: path } };
  }
  const bytes = objects.get(to.sha256);
  if (bytes === undefined) throw new Error(`what ${path} was is not kept any more`);
  const keep = before.kind === 'file' ? before : undefined;
  const mode = to.mode === undefined ? undefined : to.mode & 0o777;
  return {
    ...none,
    op: { kind: 'add', path, content: '' },
    expectations,
    write: { spelled: path, target: path, bytes, keep, mode, before },
  };
}
