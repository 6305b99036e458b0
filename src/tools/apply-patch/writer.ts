/**
 * Puts staged files into their places and removes others, each compared with what is expected there right before. Everything
 * happens in folders that are held open, so in those that were checked.
 */
import { basename, dirname } from 'node:path';
import { type HeldFolder, HeldFolders } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';
import { attempt, fileError, ignoringErrors, systemError } from './errors.ts';
import { idIn, type Snapshot, sameSnapshot, snapshotIn } from './files.ts';
import { writeInPlace } from './in-place.ts';
import { type Draft, Stage, type Staged } from './stage.ts';

/** A rename that fails with these may be a write that succeeds: a mount point, somebody else's file in a shared folder. */
const CANNOT_REPLACE: readonly string[] = ['EBUSY', 'EPERM', 'EACCES', 'EXDEV', 'EROFS'];

export class Writer {
  readonly #folders = new HeldFolders();
  readonly #stage = new Stage(this.#folders);

  /** @throws PatchError */
  stage(draft: Draft): Staged {
    return this.#stage.add(draft);
  }

  /** True if `before` is at `target`. @param target absolute and real */
  isStill(target: string, before: Snapshot): boolean {
    try {
      return sameSnapshot(this.snapshot(target), before);
    } catch {
      return false;
    }
  }

  /** What is at `target`, absolute and real. @throws Error also if its folder is not in its place */
  snapshot(target: string): Snapshot {
    const folder = this.#folders.open(dirname(target));
    folder.requireInPlace();
    return snapshotIn(folder, basename(target));
  }

  /** Writes all of these in place, or none. @throws PatchError */
  overwriteAll(all: readonly Staged[]): void {
    const done: Staged[] = [];
    try {
      for (const staged of all) {
        this.#overwrite(staged);
        done.push(staged);
      }
    } catch (error) {
      for (const { draft, folder, name } of done) {
        const { before, bytes } = draft;
        if (before.kind === 'file') writeInPlace(folder, name, before.bytes, { ...before, bytes });
      }
      throw error;
    }
  }

  /** Renames the temporary file into place. @throws PatchError */
  replace(staged: Staged): void {
    const { draft, folder, name, id } = staged;
    const { spelled, target, before, temporary } = draft;
    this.#requireStill(target, before);
    if (idIn(folder, temporary) !== id) throw changed(`${target} (its temporary file)`);
    try {
      folder.rename(temporary, name);
    } catch (error) {
      const canTry = before.kind === 'file' && CANNOT_REPLACE.includes(errorCode(error) ?? '');
      if (!canTry) throw systemError(`Failed to write file ${spelled}`, error);
      this.#overwrite(staged);
    }
  }

  /** A move to another spelling of a name. Both absolute and real. */
  rename(from: string, to: string): void {
    this.#at(from).rename(basename(from), basename(to), this.#at(to));
  }

  /** @returns false if it leads to a file that was just written: then it stays. @throws PatchError */
  remove(target: string, before: Snapshot, failed: string): boolean {
    const [folder, name] = [attempt(failed, () => this.#at(target)), basename(target)];
    if (this.#stage.ids.has(idIn(folder, name) ?? '')) return false;
    this.#requireStill(target, before);
    attempt(failed, () => folder.unlink(name));
    return true;
  }

  /** Removes what an earlier process has left: temporary files and folders that are empty. Never throws. */
  clear(temporaries: readonly string[], folders: readonly string[]): void {
    // The deepest first.
    const byDepth = folders.toSorted((a, b) => b.length - a.length);
    for (const file of temporaries) ignoringErrors(() => this.#at(file).unlink(basename(file)));
    for (const folder of byDepth) ignoringErrors(() => this.#at(folder).removeFolder(basename(folder)));
  }

  /** Takes away temporary files and new folders that are empty, and lets the folders go. */
  close(): void {
    this.#stage.cleanUp();
    this.#folders.close();
  }

  #at(target: string): HeldFolder {
    return this.#folders.open(dirname(target));
  }

  #overwrite({ draft, folder, name }: Staged): void {
    const { spelled, bytes, before } = draft;
    attempt(`Failed to write file ${spelled}`, () => {
      folder.requireInPlace();
      if (before.kind === 'file') writeInPlace(folder, name, bytes, before);
    });
  }

  #requireStill(target: string, before: Snapshot): void {
    if (!this.isStill(target, before)) throw changed(target);
  }
}

function changed(what: string): Error {
  return fileError(`${what} changed while the patch was being written`, 'Read the files again.');
}
