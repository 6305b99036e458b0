/** A folder of a project, of which a few small files are looked at. Nothing that leads out of the project is read, and nothing is long. */
import { lstatSync, opendirSync } from 'node:fs';
import path from 'node:path';
import { holds, realPath } from '../../config/paths.ts';
import { smallText } from '../../text/regular-file.ts';

const MOST_BYTES = 256 * 1024;
const MOST_NAMES = 200;
/** A folder with more is asked for each name. */
const MOST_KNOWN = 1000;

export class ProjectFolder {
  /** Absolute. */
  readonly path: string;
  readonly #root: string;
  /** What is in the folder itself, read once; undefined: too much. */
  #known: ReadonlySet<string> | undefined | null = null;

  /** @param root the project's real path. */
  constructor(folder: string, root: string) {
    this.path = folder;
    this.#root = root;
  }

  /** Whether there is anything of this name. */
  has(name: string): boolean {
    if (this.#known === null) {
      const names = firstNames(this.path, MOST_KNOWN + 1);
      this.#known = names.length > MOST_KNOWN ? undefined : new Set(names);
    }
    // Most names that are asked for are not there.
    if (this.#known !== undefined && !this.#known.has(path.normalize(name).split(path.sep, 1)[0] ?? ''))
      return false;
    try {
      return lstatSync(path.join(this.path, name), { throwIfNoEntry: false }) !== undefined;
    } catch {
      return false;
    }
  }

  /** The text of a file; undefined if there is none, it is too long, or it is not in the project. */
  text(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    const file = path.join(this.path, name);
    return holds(this.#root, realPath(file)) ? smallText(file, MOST_BYTES) : undefined;
  }

  /** Of the first 200 names in a folder below, those that fit; none if it is not in the project. */
  names(below: string, pattern: RegExp): string[] {
    const folder = path.join(this.path, below);
    if (!holds(this.#root, realPath(folder))) return [];
    return firstNames(folder, MOST_NAMES)
      .filter((name) => pattern.test(name))
      .sort();
  }
}

/** The first names in a folder, in its own order; none if it cannot be read. */
function firstNames(folder: string, most: number): string[] {
  const names: string[] = [];
  try {
    const entries = opendirSync(folder, { bufferSize: most });
    try {
      while (names.length < most) {
        const entry = entries.readSync();
        if (entry === null) break;
        names.push(entry.name);
      }
    } finally {
      entries.closeSync();
    }
  } catch {
    // There is no such folder.
  }
  return names;
}

/** How a project of one kind is tested; undefined: it is not of that kind. @param locks whether there is a file of this name here, or above in the project. */
export type FindTests = (folder: ProjectFolder, locks: (name: string) => boolean) => string | undefined;
