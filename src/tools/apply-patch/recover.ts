/**
 * Finishes the patches of processes that were killed: each is applied as a whole, or not at all.
 *
 * If a file has its new text already, the others get theirs; otherwise the temporary files go. A file that somebody has changed since
 * is left as it is. Files are reached as by any patch: through folders that are held open.
 */
import { dirname, join } from 'node:path';
import { holds, realPath } from '../../config/paths.ts';
import { contentHash } from '../../config/project-file.ts';
import { MovedError } from '../../system/held-folder.ts';
import { isAlive } from '../../system/process-lock.ts';
import { errorCode } from '../../text/error-message.ts';
import type { Snapshot } from './files.ts';
import {
  type FoundRecord,
  forget,
  type JournalEntry,
  type JournalRecord,
  type Outcome,
  type PatchOwner,
  type RemoveEntry,
  type RenameEntry,
  readRecords,
  removeDrafts,
  type WriteEntry,
  writeRecord,
} from './journal.ts';
import { digestOf } from './journal-entries.ts';
import { journalNames } from './journal-folder.ts';
import { Writer } from './writer.ts';

/** An outcome that nobody asks for is kept as long. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/**
 * Finishes the patches of dead processes in this workspace, and those of this session. To be called with the lock on patches.
 * Never throws.
 */
export function finishPatches({ home, cwd, session }: Omit<PatchOwner, 'call'>): void {
  removeDrafts(home);
  if (journalNames(home).length === 0) return;
  const here = realPath(cwd);
  for (const found of readRecords(home)) {
    const { record, changedAt, file } = found;
    const isOld = Date.now() - changedAt > KEPT_MS;
    const isMeant = record.session === session || areRelated(here, realPath(record.cwd));
    if (record.outcome === undefined && isMeant && !isAlive(record.holder)) settle(found, isOld);
    else if (isOld) forget(file);
  }
}

function areRelated(one: string, other: string): boolean {
  return holds(one, other) || holds(other, one);
}

function settle({ file, record }: FoundRecord, isOld: boolean): void {
  try {
    const outcome = finish(record);
    if (record.session === undefined) forget(file);
    else writeRecord(file, { ...record, entries: [], folders: [], outcome }, false);
  } catch {
    // A folder is not in its place: a later start tries it again, but not for ever.
    if (isOld) forget(file);
  }
}

/**
 * What became of the calls of a session that have no output. Outcomes of others that it made are forgotten: they have been answered.
 * @param calls their ids
 * @param sessions its id, and that of the session that it was copied from
 */
export function outcomesOf(
  home: string,
  [own, ...others]: readonly string[],
  calls: ReadonlySet<string>,
): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const { file, record } of readRecords(home)) {
    const { session = '', call = '', outcome } = record;
    if (outcome === undefined || (session !== own && !others.includes(session))) continue;
    if (calls.has(call)) outcomes.set(call, outcome);
    else if (session === own) forget(file);
  }
  return outcomes;
}

/** @throws Error if it cannot be finished now */
function finish({ entries, folders }: JournalRecord): Outcome {
  const writer = new Writer();
  try {
    const writes = entries.filter((entry) => entry.kind === 'write');
    const isBegun = hasBegun(entries, writes, writer);
    if (isBegun) writer.clear(writes.map(secondName), []);
    const changed = isBegun ? entries.flatMap((entry) => finishEntry(entry, writer)) : [];
    const temporaries = writes.flatMap((entry) => [firstName(entry), secondName(entry)]);
    writer.clear(temporaries, isBegun ? [] : folders);
    return { state: isBegun ? 'applied' : 'nothing', changed };
  } finally {
    writer.close();
  }
}

function firstName({ target, temporary }: WriteEntry): string {
  return join(dirname(target), temporary);
}

/** Of the temporary file with which a write is repeated, also if that is killed. */
function secondName({ target, temporary }: WriteEntry): string {
  return join(dirname(target), againName(temporary));
}

function againName(temporary: string): string {
  return temporary.replace(/tmp$/, 'again.tmp');
}

/** Files are written before any is removed. */
function hasBegun(entries: readonly JournalEntry[], writes: readonly WriteEntry[], writer: Writer): boolean {
  if (writes.length > 0) {
    return writes.some((entry) => {
      const found = look(entry.target, writer);
      return found !== undefined && (digestOf(found) === entry.after || isTorn(found, entry));
    });
  }
  return entries.some((entry) => entry.kind === 'remove' && look(entry.target, writer)?.kind === 'absent');
}

/** @returns the path if it was left alone because somebody has changed it. */
function finishEntry(entry: JournalEntry, writer: Writer): string[] {
  switch (entry.kind) {
    case 'write':
      return finishWrite(entry, writer) ? [] : [entry.target];
    case 'remove':
      return finishRemoval(entry, writer) ? [] : [entry.target];
    case 'rename':
      return finishRename(entry, writer) ? [] : [entry.from];
    default:
      return entry satisfies never;
  }
}

function finishWrite(entry: WriteEntry, writer: Writer): boolean {
  const found = look(entry.target, writer);
  if (found === undefined) return false;
  const digest = digestOf(found);
  if (digest === entry.after) return true;
  const bytes = newText(entry, writer);
  if (bytes === undefined || (digest !== entry.before && !isTorn(found, entry))) return false;
  const like = found.kind === 'file' || entry.like === undefined ? found : look(entry.like, writer);
  const staged = writer.stage({
    spelled: entry.target,
    target: entry.target,
    bytes,
    before: found,
    keep: like?.kind === 'file' ? like : undefined,
    temporary: againName(entry.temporary),
  });
  if (staged.id === undefined) writer.overwriteAll([staged]);
  else writer.replace(staged);
  return true;
}

function finishRemoval({ target, before }: RemoveEntry, writer: Writer): boolean {
  const found = look(target, writer);
  if (found?.kind === 'absent') return true;
  if (found === undefined || digestOf(found) !== before) return false;
  writer.remove(target, found, `Failed to remove ${target}`);
  return true;
}

function finishRename({ from, to }: RenameEntry, writer: Writer): boolean {
  if (look(from, writer)?.kind === 'file') writer.rename(from, to);
  return true;
}

/** What is at a path; undefined: a folder, a device, a file that is too large. @throws MovedError */
function look(target: string, writer: Writer): Snapshot | undefined {
  try {
    return writer.snapshot(target);
  } catch (error) {
    if (error instanceof MovedError) throw error;
    return errorCode(error) === 'ENOENT' ? { kind: 'absent' } : undefined;
  }
}

/** A command may have put something else in the place of the temporary file: the digest shows it. */
function newText(entry: WriteEntry, writer: Writer): Buffer | undefined {
  if (entry.text !== undefined) return Buffer.from(entry.text, 'base64');
  const found = look(firstName(entry), writer);
  return found?.kind === 'file' && contentHash(found.bytes) === entry.after ? found.bytes : undefined;
}

/** A file that was being written in place has bytes of both texts. */
function isTorn(found: Snapshot, { old, text, before }: WriteEntry): boolean {
  if (old === undefined || text === undefined || found.kind !== 'file') return false;
  const [one, other] = [Buffer.from(old, 'base64'), Buffer.from(text, 'base64')];
  const isOfBoth = found.bytes.every((byte, at) => byte === one[at] || byte === other[at]);
  return isOfBoth && found.bytes.length >= one.length && digestOf(found) !== before;
}
