/**
 * Makes the folder of memories what the database says. Each file is replaced whole, only where it differs; what no longer belongs is
 * deleted. The notes are the user's: nothing here touches them.
 *
 * The database is held for writing meanwhile, so that of two processes none writes what the other has just made old. What is cut
 * short, by a kill or a full disk, the next run completes.
 */
import { closeSync, constants, fchmodSync, fstatSync, readFileSync, writeFileSync } from 'node:fs';
import { exists } from '../../config/paths.ts';
import type { HeldFolder } from '../../system/held-folder.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { randomBytes } from '../../text/uuid.ts';
import { HANDBOOK_FILE, type MemoryFolder, RAW_FILE, SUMMARY_FILE } from '../folder.ts';
import { inMemoryFolder, inPrivateFolder } from '../private-folder.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const TEMPORARY = /^\.[0-9a-f]{16}\.tmp$/;
const OWN_FILES = [SUMMARY_FILE, HANDBOOK_FILE, RAW_FILE];
/** The folders in which every file is ours. */
const OWN_FOLDERS = ['rollout_summaries', 'skills'];

export interface WrittenFiles {
  /** Paths below the folder, with slashes. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/**
 * @param files gives texts by their paths below the folder, with slashes; called while nobody else writes to the database.
 * @throws a system error; MovedError where a link is in the place of a folder.
 */
export function writeMemoryFiles(
  store: Sqlite,
  folder: Pick<MemoryFolder, 'root'>,
  files: () => ReadonlyMap<string, string>,
): WrittenFiles {
  return store.transaction(() => {
    const wanted = files();
    if (wanted.size === 0 && !exists(folder.root)) return { written: [], removed: [], unchanged: 0 };
    return inMemoryFolder(folder, (root) => new FolderWriter(wanted).run(root));
  });
}

class FolderWriter {
  readonly #wanted: ReadonlyMap<string, string>;
  readonly #written: string[] = [];
  readonly #removed: string[] = [];
  #unchanged = 0;

  constructor(wanted: ReadonlyMap<string, string>) {
    this.#wanted = wanted;
  }

  run(root: HeldFolder): WrittenFiles {
    // First: a folder may now be where a file was.
    this.#prune(root, '');
    this.#fill(root, '');
    return { written: this.#written, removed: this.#removed, unchanged: this.#unchanged };
  }

  /** @param at path of the folder below the root: empty, or with a slash at its end. */
  #fill(folder: HeldFolder, at: string): void {
    const folders = new Set<string>();
    for (const [file, text] of this.#wanted) {
      if (!file.startsWith(at)) continue;
      const [name = '', ...below] = file.slice(at.length).split('/');
      if (below.length > 0) folders.add(name);
      else this.#put(folder, name, file, Buffer.from(text));
    }
    for (const name of folders) inPrivateFolder(folder, name, (inner) => this.#fill(inner, `${at}${name}/`));
  }

  #put(folder: HeldFolder, name: string, file: string, bytes: Buffer): void {
    if (isSame(folder, name, bytes)) {
      this.#unchanged += 1;
      return;
    }
    replace(folder, name, bytes);
    this.#written.push(file);
  }

  /** In the root only what we know by name is ours, and what a killed process has left. */
  #prune(folder: HeldFolder, at: string): void {
    for (const entry of folder.list()) {
      const { name } = entry;
      const file = at + name;
      if (entry.isDirectory()) {
        if (at !== '' || OWN_FOLDERS.includes(name)) this.#pruneFolder(folder, name, `${file}/`);
        continue;
      }
      const isOurs = at !== '' || OWN_FILES.includes(name);
      if (this.#wanted.has(file) || !(isOurs || TEMPORARY.test(name))) continue;
      folder.unlink(name);
      if (!TEMPORARY.test(name)) this.#removed.push(file);
    }
  }

  #pruneFolder(above: HeldFolder, name: string, at: string): void {
    inPrivateFolder(above, name, (inner) => this.#prune(inner, at));
    if (![...this.#wanted.keys()].some((file) => file.startsWith(at))) above.removeFolder(name);
  }
}

/** A link, and a file that others may read, is not the same. */
function isSame(folder: HeldFolder, name: string, bytes: Buffer): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = folder.open(name, O_RDONLY);
    const { size, mode } = fstatSync(descriptor);
    const isPrivate = (mode & 0o777) === 0o600;
    return isPrivate && size === bytes.length && readFileSync(descriptor).equals(bytes);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function replace(folder: HeldFolder, name: string, bytes: Buffer): void {
  const temporary = `.${randomBytes(8).toString('hex')}.tmp`;
  const descriptor = folder.open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    try {
      fchmodSync(descriptor, 0o600);
      writeFileSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
    folder.rename(temporary, name);
  } catch (error) {
    folder.unlink(temporary);
    throw error;
  }
}
