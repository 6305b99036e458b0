/**
 * Writes new texts to temporary files beside their targets, with all that the targets have beside their bytes. Where that cannot be
 * (the folder, the owner, the attributes), the file is to be written in place instead.
 */
import { closeSync, constants, fchmodSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { HeldFolder, HeldFolders } from '../../system/held-folder.ts';
import { errorCode } from '../../text/error-message.ts';
import { copyAttributes } from './attributes.ts';
import { attempt, ignoringErrors, systemError } from './errors.ts';
import { openedId } from './files.ts';
import type { PlannedWrite } from './plan.ts';

export interface Draft extends PlannedWrite {
  /** The name of its temporary file, in the folder of the target. */
  readonly temporary: string;
}

export interface Staged {
  readonly draft: Draft;
  readonly folder: HeldFolder;
  readonly name: string;
  /** Of the temporary file, which is to be renamed; undefined: the target is written in place. */
  readonly id: string | undefined;
}

const CANNOT_CREATE: readonly string[] = ['EACCES', 'EPERM', 'EROFS'];

/** What was created for a patch, to be taken away if it fails. */
export class Stage {
  readonly #folders: HeldFolders;
  readonly #temporaries: { readonly folder: HeldFolder; readonly name: string }[] = [];
  /** The ids of all files that are written. */
  readonly ids = new Set<string>();

  constructor(folders: HeldFolders) {
    this.#folders = folders;
  }

  /** @throws PatchError */
  add(draft: Draft): Staged {
    const folder = attempt(`Failed to create parent directories for ${draft.spelled}`, () =>
      this.#folders.make(dirname(draft.target)),
    );
    const id = this.#tryToWrite(folder, draft);
    if (id === undefined && draft.before.kind === 'file') this.ids.add(draft.before.id);
    return { draft, folder, name: basename(draft.target), id };
  }

  /** Takes away temporary files and new folders, as far as they are there. */
  cleanUp(): void {
    for (const { folder, name } of this.#temporaries) ignoringErrors(() => folder.unlink(name));
    this.#folders.removeMade();
  }

  #tryToWrite(folder: HeldFolder, draft: Draft): string | undefined {
    try {
      return this.#write(folder, draft);
    } catch (error) {
      const canTry = draft.before.kind === 'file' && CANNOT_CREATE.includes(errorCode(error) ?? '');
      if (!canTry) throw systemError(`Failed to write file ${draft.spelled}`, error);
      return undefined;
    }
  }

  /** @returns the id of the new file; undefined if it would lose something of the one that it replaces. */
  #write(folder: HeldFolder, { temporary, bytes, keep, mode, before }: Draft): string | undefined {
    const file = folder.open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666);
    this.#temporaries.push({ folder, name: temporary });
    try {
      if (keep !== undefined) {
        const isKept = copyAttributes(() => this.#open(keep.path), keep, file);
        // A file that moves to a new name, or has other names (hard links), gets what can be given to it.
        if (!isKept && before.kind === 'file' && before.id === keep.id && before.links === 1) {
          ignoringErrors(() => folder.unlink(temporary));
          return undefined;
        }
      }
      // Before the bytes are in it: nobody reads them who could not read the file before.
      if (mode !== undefined) fchmodSync(file, mode);
      writeFileSync(file, bytes);
      const id = openedId(file);
      this.ids.add(id);
      return id;
    } finally {
      closeSync(file);
    }
  }

  #open(path: string): number {
    return this.#folders.open(dirname(path)).open(basename(path), constants.O_RDONLY);
  }
}
