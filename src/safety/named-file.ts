/**
 * A file that the user names for oagent to write. Commands may have put links where it is: one that lies where they can write must not
 * lead out of there. It is found when it is named; its folder is held until it is written, so that nothing else is meant then.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { holds, physicalPaths } from '../config/paths.ts';
import { HeldFolder } from '../system/held-folder.ts';

const MAX_LINKS = 40;
/** Terminals, pipes, and what else of this process a name stands for. */
const SYSTEM_FOLDERS = ['/dev', '/proc'];

export class NamedFile {
  /** Absolute, without links. */
  readonly target: string;
  readonly #folder: HeldFolder | undefined;

  private constructor(target: string, folder: HeldFolder | undefined) {
    this.target = target;
    this.#folder = folder;
  }

  /**
   * @param file absolute
   * @param writable the folders where commands can or could write
   * @throws Error that says why it cannot be written
   */
  static find(file: string, writable: readonly string[]): NamedFile {
    if (SYSTEM_FOLDERS.some((folder) => holds(folder, file))) return new NamedFile(file, undefined);
    const roots = physicalPaths(writable);
    const isTheirs = (at: string): boolean => roots.some((root) => holds(root, at));
    const { target, links } = resolveLinks(file);
    if (links.some(isTheirs) && !isTheirs(target)) {
      throw new Error(
        `a link in a folder where commands can write leads to ${target}; name that file itself`,
      );
    }
    const found = lstatSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw new Error('it is a folder');
    if (found !== undefined && !found.isFile()) throw new Error('it is not a regular file');
    return new NamedFile(target, HeldFolder.open(path.dirname(target)));
  }

  /**
   * Writes the file, and lets it go.
   * @param isNew it must not exist
   * @throws Error
   */
  write(text: string, isNew = false): void {
    const file = this.open(isNew);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  }

  /**
   * Opens the file, emptied, and lets its folder go. The caller closes it.
   * @param isNew it must not exist
   * @returns its descriptor
   * @throws Error
   */
  open(isNew = false): number {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    if (this.#folder === undefined) return openSync(this.target, O_WRONLY);
    try {
      this.#folder.requireInPlace();
      const flags = O_WRONLY | O_CREAT | (isNew ? O_EXCL : 0);
      const file = this.#folder.open(path.basename(this.target), flags, 0o666);
      if (fstatSync(file).isFile()) {
        ftruncateSync(file);
        return file;
      }
      closeSync(file);
      throw new Error('it is not a regular file');
    } finally {
      this.#folder.close();
    }
  }
}

/** Where a path leads, and the links on the way. What is missing is taken as it is written. */
export function resolveLinks(file: string): { readonly target: string; readonly links: readonly string[] } {
  const links: string[] = [];
  let at = path.parse(file).root;
  const rest = file.split(path.sep);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = path.join(at, name);
    if (lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
      at = next;
      continue;
    }
    links.push(next);
    if (links.length > MAX_LINKS) throw new Error('too many links');
    const to = readlinkSync(next);
    if (path.isAbsolute(to)) at = path.parse(to).root;
    rest.unshift(...to.split(path.sep));
  }
  return { target: at, links };
}
