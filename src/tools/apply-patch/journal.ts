/**
 * What patches are about to write, in oagent's own folder: written before anything else, and removed when the outcome has been recorded.
 * The journal of a process that was killed says what is left of its patch (recover.ts).
 *
 * One process at a time writes patches, whatever the workspace: it takes milliseconds. So an edit is made to the text that was
 * checked, and nobody finishes a patch while another one is being written. Without a folder of its own (a full disk, a
 * read-only home) oagent writes patches all the same.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '../../config/make-folder.ts';
import {
  clearRemains,
  type Holder,
  type Lock,
  LockError,
  lockFile,
  ownHolder,
} from '../../system/process-lock.ts';
import { uuidv7 } from '../../text/uuid.ts';
import { fileError } from './errors.ts';
import { DRAFT_SUFFIX, JOURNAL_SUFFIX, journalFolder, journalNames } from './journal-folder.ts';

/** A step of a patch. Paths are absolute and real, digests those of `digestOf`, texts in base64. */
export type JournalEntry = WriteEntry | RenameEntry | RemoveEntry;

export interface WriteEntry {
  readonly kind: 'write';
  readonly target: string;
  /** The name of the temporary file beside it. */
  readonly temporary: string;
  readonly before: string;
  readonly after: string;
  /** The file whose mode and attributes are kept, if it is another one. */
  readonly like?: string | undefined;
  /** The new text; absent: it is not needed to finish the patch, or too long. */
  readonly text?: string | undefined;
  /** The old text of a file that is written in place. */
  readonly old?: string | undefined;
}

export interface RenameEntry {
  readonly kind: 'rename';
  readonly from: string;
  readonly to: string;
}

export interface RemoveEntry {
  readonly kind: 'remove';
  readonly target: string;
  readonly before: string;
}

/** Whose patch it is. */
export interface PatchOwner {
  /** oagent's own folder. */
  readonly home: string;
  /** The folder that the session or the command works in, absolute. */
  readonly cwd: string;
  /** The session and its call; absent: of the command line. */
  readonly session?: string | undefined;
  readonly call?: string | undefined;
  /** What its files are now is kept, so that the user can go back to it. */
  readonly isKept?: boolean | undefined;
}

/** `changed`: files that others had changed since, and that were left alone. */
export interface Outcome {
  readonly state: 'applied' | 'nothing';
  readonly changed: readonly string[];
}

export interface JournalRecord {
  readonly holder: Holder;
  readonly cwd: string;
  readonly session?: string | undefined;
  readonly call?: string | undefined;
  readonly entries: readonly JournalEntry[];
  /** Folders that were missing. */
  readonly folders: readonly string[];
  /** Absent: not finished yet. */
  readonly outcome?: Outcome;
}

const LOCK = 'lock';
const PATIENCE_MS = 10_000;
const PAUSE_MS = 2;

/** The journal of one patch. */
export class PatchJournal {
  readonly #owner: PatchOwner;
  #file: string | undefined;
  /** Made with the first record: it costs some reads. */
  #holder: Holder | undefined;

  constructor(owner: PatchOwner) {
    this.#owner = owner;
  }

  get owner(): PatchOwner {
    return this.#owner;
  }

  /** What has several steps is kept even if the power goes. Never throws. */
  write(record: Pick<JournalRecord, 'entries' | 'folders'>): void {
    const { home, isKept: _, ...owner } = this.#owner;
    try {
      this.#file ??= path.join(journalFolder(home), uuidv7() + JOURNAL_SUFFIX);
      this.#holder ??= ownHolder();
      const isDurable = record.entries.some((entry) => entry.kind === 'write' && entry.text !== undefined);
      writeRecord(this.#file, { holder: this.#holder, ...owner, ...record }, isDurable);
    } catch {
      // It is for a kill in the middle of a patch; on a full disk the patch itself will say so.
    }
  }

  /** All is written: nothing is to be finished, only the outcome to be recorded. Never throws. */
  applied(): void {
    if (this.#file === undefined || this.#holder === undefined) return;
    const { home: _home, isKept: _kept, ...owner } = this.#owner;
    const outcome: Outcome = { state: 'applied', changed: [] };
    try {
      const record = { holder: this.#holder, ...owner, entries: [], folders: [], outcome };
      writeRecord(this.#file, record, false);
    } catch {
      // Then the files say the same.
    }
  }

  /** To be called when the outcome is recorded, or nothing was written. Never throws. */
  close(): void {
    if (this.#file !== undefined) forget(this.#file);
  }
}

/** @throws a system error */
export function writeRecord(file: string, record: JournalRecord, isDurable: boolean): void {
  const descriptor = openSync(file + DRAFT_SUFFIX, 'w', 0o600);
  try {
    writeSync(descriptor, JSON.stringify(record));
    if (isDurable) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(file + DRAFT_SUFFIX, file);
}

/** Never throws. */
export function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It says that everything is done: it does no harm.
  }
}

export interface FoundRecord {
  readonly file: string;
  readonly record: JournalRecord;
  readonly changedAt: number;
}

/** Never throws. */
export function readRecords(home: string): readonly FoundRecord[] {
  return journalNames(home).flatMap((name) => (name.endsWith(JOURNAL_SUFFIX) ? readRecord(home, name) : []));
}

/** Removes drafts of dead processes. To be called with the lock, under which all are written. Never throws. */
export function removeDrafts(home: string): void {
  clearRemains(path.join(journalFolder(home), LOCK));
  for (const name of journalNames(home)) {
    if (name.endsWith(DRAFT_SUFFIX)) forget(path.join(journalFolder(home), name));
  }
}

function readRecord(home: string, name: string): readonly FoundRecord[] {
  const file = path.join(journalFolder(home), name);
  try {
    const record: JournalRecord = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof record.holder.pid !== 'number' || !Array.isArray(record.entries)) return [];
    return [{ file, record, changedAt: statSync(file).mtimeMs }];
  } catch {
    return [];
  }
}

/**
 * Does the work while no other oagent with this home writes a patch.
 * @throws PatchError if another one does not end
 */
export async function withPatchLock<T>(home: string, work: () => T | Promise<T>): Promise<T> {
  const release = await lockPatches(home);
  try {
    return await work();
  } finally {
    release();
  }
}

async function lockPatches(home: string): Promise<() => void> {
  const file = path.join(journalFolder(home), LOCK);
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = tryLock(file);
    if (!lock.isHeld) return lock.release;
    if (performance.now() > end) {
      throw fileError(`another oagent (process ${lock.pid}) is writing a patch`, 'Nothing was written.');
    }
    await setTimeout(PAUSE_MS);
  }
}

function tryLock(file: string): Lock {
  try {
    makeFolder(path.dirname(file));
    return lockFile(file);
  } catch (error) {
    if (error instanceof LockError) throw fileError(`cannot use the lock ${error.file}: ${error.message}`);
    return { isHeld: false, release: () => undefined };
  }
}
