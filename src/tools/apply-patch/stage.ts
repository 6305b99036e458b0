/**
 * Writes new texts to temporary files beside their targets, with all that the targets have beside their bytes. Where that cannot be
 * (the folder, the owner, the attributes), the file is to be written in place instead.
 */
import { closeSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from '../../text/error-message.ts';
import { randomBytes } from '../../text/uuid.ts';
import { copyAttributes, keepMode } from './attributes.ts';
import { attempt, systemError } from './errors.ts';
import { openedId } from './files.ts';
import type { PlannedWrite } from './plan.ts';

export interface Staged {
  readonly write: PlannedWrite;
  /** To be renamed; undefined: the target is written in place. */
  readonly temporary: string | undefined;
}

const CANNOT_CREATE: readonly string[] = ['EACCES', 'EPERM', 'EROFS'];

/** What was created for a patch, to be taken away if it fails. */
export class Stage {
  readonly #folders: string[] = [];
  readonly #temporaries: string[] = [];
  /** The ids of all files that are written. */
  readonly ids = new Set<string>();

  /** @throws PatchError */
  add(write: PlannedWrite): Staged {
    const folder = dirname(write.target);
    this.#makeFolder(folder, write.spelled);
    const temporary = join(folder, `.oagent-${randomBytes(8).toString('hex')}.tmp`);
    const isReplaced = write.before.kind === 'file';
    try {
      if (this.#write(temporary, write)) return { write, temporary };
    } catch (error) {
      const canTry = isReplaced && CANNOT_CREATE.includes(errorCode(error) ?? '');
      if (!canTry) throw systemError(`Failed to write file ${write.spelled}`, error);
    }
    if (write.before.kind === 'file') this.ids.add(write.before.id);
    return { write, temporary: undefined };
  }

  /** Takes away temporary files and new folders, as far as they are there. */
  cleanUp(): void {
    for (const temporary of this.#temporaries) ignoringErrors(() => rmSync(temporary, { force: true }));
    // The deepest first; a folder that is not empty is not ours alone any more and stays.
    for (const folder of this.#folders.toSorted((a, b) => b.length - a.length)) {
      ignoringErrors(() => rmdirSync(folder));
    }
  }

  #makeFolder(folder: string, spelled: string): void {
    const created = attempt(`Failed to create parent directories for ${spelled}`, () =>
      mkdirSync(folder, { recursive: true }),
    );
    if (created === undefined) return;
    for (let made = folder; made.length >= created.length; made = dirname(made)) this.#folders.push(made);
  }

  /** @returns false if the file would lose something of the one that it replaces. */
  #write(temporary: string, { bytes, keep, before }: PlannedWrite): boolean {
    const file = openSync(temporary, 'wx', 0o666);
    this.#temporaries.push(temporary);
    try {
      if (keep !== undefined) {
        const isKept = copyAttributes(keep.path, keep, file);
        // A file that moves to a new name, or has other names (hard links), gets what can be given to it.
        if (!isKept && before.kind === 'file' && before.id === keep.id && before.links === 1) {
          ignoringErrors(() => rmSync(temporary));
          return false;
        }
      }
      writeFileSync(file, bytes);
      if (keep !== undefined) keepMode(file, keep);
      this.ids.add(openedId(file));
      return true;
    } finally {
      closeSync(file);
    }
  }
}

function ignoringErrors(action: () => void): void {
  try {
    action();
  } catch {
    // What could not be tidied up must not hide why the patch failed.
  }
}
