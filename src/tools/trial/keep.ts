/**
 * Puts a trial into the workspace: the only place where one writes there.
 *
 * All new files are made first, in one folder beside the others, and everything is compared with what it was when the trial began;
 * only then is anything changed, by renames and removals. The trial's own folder is the journal: what it has written stays there until
 * all is done, so a kill in the middle is finished at the next start, step by step, each only if nobody else was there. Everything
 * happens in folders that are held open, as patches do.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lstatSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { HeldFolder, isGone, isShortage } from '../../system/held-folder.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import { randomBytes } from '../../text/uuid.ts';
import { copyAttributes } from '../apply-patch/attributes.ts';
import { openedId } from '../apply-patch/files.ts';
import { withPatchLock } from '../apply-patch/journal.ts';
import { type Entry, entryIn, isSameEntry } from './base.ts';
import type { TrialChange, TrialChanges } from './changes.ts';
import { changeTrial, type LeftAlone, partOf, readTrial, type TrialRecord } from './record.ts';

export interface KeepOutcome {
  /** Nothing was done, because somebody else has changed what is in `left`. */
  readonly isRefused: boolean;
  /** What is in the workspace now. */
  readonly kept: readonly TrialChange[];
  readonly left: readonly LeftAlone[];
}

const CHANGED = 'somebody else has changed it meanwhile';
/** What was made for it is not there any more, and the file is as it was. */
const LOST = 'what was to be put there was removed meanwhile';
/** The disk's own: what fails with these may succeed later. */
const OF_DISK: readonly string[] = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'];
const CHUNK = 1024 * 1024;

/**
 * Does what was decided: `keep` begins it, `keeping` finishes it.
 * @param home oagent's own folder. @param folder that of the trial, real; nothing is mounted there any more
 * @throws Error with a message for the user; then nothing was changed, or the next call finishes it
 */
export async function keepTrial(home: string, folder: string): Promise<KeepOutcome> {
  return withPatchLock(home, () => {
    const record = readTrial(folder);
    if (record?.state !== 'keep' && record?.state !== 'keeping') throw new Error('it is not to be kept');
    const { changes } = readPlan(folder);
    const keeper = new Keeper(record, folder, changes);
    try {
      return keep(keeper, record, folder);
    } finally {
      keeper.close();
    }
  });
}

function readPlan(folder: string): TrialChanges {
  return JSON.parse(readFileSync(partOf(folder, 'plan.json'), 'utf8'));
}

function keep(keeper: Keeper, record: TrialRecord, folder: string): KeepOutcome {
  const { state, isPartial, stage: cutOff } = record;
  if (state === 'keeping') return finish(keeper, record, folder);
  if (cutOff !== undefined) keeper.clear(cutOff);
  const left = keeper.obstacles();
  if (left.length > 0 && isPartial !== true) {
    changeTrial(folder, { state: 'open' });
    return { isRefused: true, kept: [], left };
  }
  const stage = `.oagent-${randomBytes(8).toString('hex')}.kept`;
  changeTrial(folder, { stage });
  try {
    keeper.stage(stage, new Set(left.map((one) => one.path)));
  } catch (error) {
    // The next attempt takes away what is left of this one.
    changeTrial(folder, { state: 'open' });
    throw error;
  }
  return finish(keeper, changeTrial(folder, { state: 'keeping', left }), folder);
}

function finish(keeper: Keeper, { stage, left: known = [] }: TrialRecord, folder: string): KeepOutcome {
  const { kept, left } = keeper.commit(stage ?? '', known);
  changeTrial(folder, { state: 'over' });
  return { isRefused: false, kept, left };
}

class Keeper {
  readonly #workspace: HeldFolder;
  readonly #upper: string;
  readonly #changes: readonly TrialChange[];
  /** The folder of the last path: neighbours come one after the other. */
  #last: HeldFolder | undefined;

  constructor({ workspace }: TrialRecord, folder: string, changes: readonly TrialChange[]) {
    this.#workspace = HeldFolder.open(workspace);
    this.#upper = partOf(folder, 'upper');
    this.#changes = changes;
  }

  close(): void {
    this.#last?.close();
    this.#workspace.close();
  }

  /** What somebody else has changed since the trial began, and what cannot be written. */
  obstacles(): LeftAlone[] {
    return this.#changes.flatMap((change) => {
      const { path: at, before } = change;
      try {
        if (!isSameEntry(this.#now(at), before)) return [{ path: at, reason: CHANGED }];
        return this.#isReadOnly(at) ? [{ path: at, reason: 'its folder cannot be written' }] : [];
      } catch (error) {
        return [{ path: at, reason: errorMessage(error) }];
      }
    });
  }

  /** Makes all that is new, beside the others. @throws Error; then it is taken away, as far as that can be done */
  stage(name: string, without: ReadonlySet<string>): void {
    try {
      this.#workspace.makeFolder(name, 0o700);
      const stage = this.#workspace.folder(name);
      try {
        for (const [at, change] of this.#changes.entries()) {
          if (!without.has(change.path)) this.#make(stage, `${at}`, change);
        }
      } finally {
        stage.close();
      }
    } catch (error) {
      this.clear(name);
      throw error;
    }
  }

  /** Takes away what was made for an attempt that was cut off. @throws a system error that may pass */
  clear(name: string): void {
    try {
      const stage = this.#workspace.folder(name);
      try {
        for (const entry of stage.list()) stage.unlink(entry.name);
      } finally {
        stage.close();
      }
      this.#workspace.removeFolder(name);
    } catch (error) {
      if (isPassing(error)) throw error;
      // It is gone, or somebody else's.
    }
  }

  /**
   * Puts all into place that nobody else has touched. Can be repeated.
   * @param known what is left alone
   * @throws a system error that may pass: then it is to be repeated
   */
  commit(name: string, known: readonly LeftAlone[]): Pick<KeepOutcome, 'kept' | 'left'> {
    const left = new Map(known.map((one) => [one.path, one.reason]));
    const each = (changes: readonly TrialChange[], step: (change: TrialChange) => void): void => {
      for (const change of changes) {
        if (left.has(change.path)) continue;
        try {
          step(change);
        } catch (error) {
          if (isPassing(error)) throw error;
          left.set(change.path, reasonOf(error));
        }
      }
    };
    const upwards = this.#changes.toReversed();
    const of =
      (...kinds: string[]) =>
      (change: TrialChange): boolean =>
        kinds.includes(change.after.kind);
    each(upwards.filter(of('absent')), (change) => this.#remove(change));
    each(upwards.filter(changesKind), (change) => this.#remove(change));
    each(this.#changes.filter(of('folder')), (change) => this.#makeFolder(change));
    const stage = this.#stageIn(name);
    const numbers = new Map(this.#changes.map((change, at) => [change.path, `${at}`]));
    try {
      each(this.#changes.filter(of('file', 'link')), (change) =>
        this.#place(stage, numbers.get(change.path) ?? '', change),
      );
    } finally {
      stage?.close();
    }
    each(upwards.filter(of('folder')), (change) => this.#setMode(change));
    if (name !== '') this.clear(name);
    return {
      kept: this.#changes.filter((change) => !left.has(change.path)),
      left: [...left].map(([at, reason]) => ({ path: at, reason })),
    };
  }

  /** Undefined: all was put into place, and it is gone. */
  #stageIn(name: string): HeldFolder | undefined {
    try {
      return this.#workspace.folder(name);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  #make(stage: HeldFolder, name: string, { path: at, before, after }: TrialChange): void {
    if (after.kind === 'link') return stage.use(name, (place) => symlinkSync(after.to, place));
    if (after.kind !== 'file') return;
    const source = this.#openWritten(at);
    try {
      const file = stage.open(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        if (before?.kind === 'file') this.#keepAttributes(at, file);
        fchmodSync(file, after.mode & ~0o6000);
        copy(source, file);
        const { atime, mtime } = fstatSync(source);
        futimesSync(file, atime, mtime);
      } finally {
        closeSync(file);
      }
    } finally {
      closeSync(source);
    }
  }

  /** What the trial has written there. */
  #openWritten(at: string): number {
    const place = path.join(this.#upper, at);
    const folder = HeldFolder.open(path.dirname(place));
    try {
      const name = path.basename(place);
      try {
        return requireFile(folder.open(name, constants.O_RDONLY));
      } catch (error) {
        // A command has taken away our right to read it.
        const isOwn = errorCode(error) === 'EACCES' && folder.use(name, (own) => lstatSync(own).isFile());
        if (!isOwn) throw error;
        folder.use(name, (own) => chmodSync(own, 0o600));
        return requireFile(folder.open(name, constants.O_RDONLY));
      }
    } finally {
      folder.close();
    }
  }

  /** Owner, access lists and attributes of the file that is replaced, as far as they can be given. */
  #keepAttributes(at: string, file: number): void {
    const open = (): number => this.#folder(at).open(path.basename(at), constants.O_RDONLY);
    let like: number | undefined;
    try {
      like = open();
      const { uid, gid, mode } = fstatSync(like);
      copyAttributes(open, { uid, gid, mode: mode & 0o1777, id: openedId(like) }, file);
    } catch {
      // A file that we may not read has none that we could copy.
    } finally {
      if (like !== undefined) closeSync(like);
    }
  }

  #remove({ path: at, before, after }: TrialChange): void {
    const now = this.#now(at);
    if (now === undefined || before === undefined) return;
    const name = path.basename(at);
    if (!isSameEntry(now, before)) {
      // It was put there already.
      if (now.kind === after.kind) return;
      throw new Changed();
    }
    if (before.kind === 'folder') this.#folder(at).removeFolder(name);
    else this.#folder(at).unlink(name);
  }

  #makeFolder({ path: at, before }: TrialChange): void {
    const now = this.#now(at);
    if (now?.kind === 'folder') return;
    if (now !== undefined || before?.kind === 'folder') throw new Changed();
    this.#folder(at).makeFolder(path.basename(at), 0o700);
  }

  #place(stage: HeldFolder | undefined, name: string, change: TrialChange): void {
    const now = this.#now(change.path);
    if (stage === undefined || entryIn(stage, name) === undefined) {
      // It was put there already, or was left out.
      if (now?.kind !== change.after.kind) throw new Changed();
      if (isSameEntry(now, change.before)) throw new Error(LOST);
      return;
    }
    const expected = changesKind(change) ? undefined : change.before;
    if (!isSameEntry(now, expected)) throw new Changed();
    stage.rename(name, path.basename(change.path), this.#folder(change.path));
  }

  #setMode({ path: at, before, after }: TrialChange): void {
    const now = this.#now(at);
    if (after.kind !== 'folder' || now?.kind !== 'folder') throw new Changed();
    if (now.mode === after.mode) return;
    if (before?.kind === 'folder' && !isSameEntry(now, before)) throw new Changed();
    const folder = HeldFolder.open(path.join(this.#workspace.path, at));
    try {
      folder.chmod(after.mode);
    } finally {
      folder.close();
    }
  }

  /** @throws an error if its folder is not in its place */
  #now(at: string): Entry | undefined {
    try {
      return entryIn(this.#folder(at), path.basename(at));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  #isReadOnly(at: string): boolean {
    if (process.getuid?.() === 0) return false;
    const { dir } = path.parse(at);
    const above = dir === '' ? undefined : this.#now(dir);
    return above !== undefined && (above.mode & 0o200) === 0;
  }

  /** The folder that a path is in. */
  #folder(at: string): HeldFolder {
    const { dir } = path.parse(at);
    if (dir === '') return this.#workspace;
    const wanted = path.join(this.#workspace.path, dir);
    if (this.#last?.path !== wanted) {
      this.#last?.close();
      this.#last = undefined;
      this.#last = HeldFolder.open(wanted);
    }
    this.#last.requireInPlace();
    return this.#last;
  }
}

class Changed extends Error {}

/** It may succeed later, so nothing is given up. */
function isPassing(error: unknown): boolean {
  return isShortage(error) || OF_DISK.includes(errorCode(error) ?? '');
}

function reasonOf(error: unknown): string {
  if (error instanceof Changed) return CHANGED;
  return errorCode(error) === 'ENOTEMPTY' ? 'somebody else has put something there' : errorMessage(error);
}

/** A folder takes the place of a file, or the other way round. */
function changesKind({ before, after }: TrialChange): boolean {
  if (before === undefined || after.kind === 'absent') return false;
  return (before.kind === 'folder') !== (after.kind === 'folder');
}

function requireFile(file: number): number {
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error('it is not a file');
}

function copy(from: number, to: number): void {
  const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(1, fstatSync(from).size)));
  for (;;) {
    const length = readSync(from, buffer, 0, buffer.length, null);
    if (length === 0) return;
    for (let done = 0; done < length; ) done += writeSync(to, buffer, done, length - done);
  }
}
