/**
 * Walks the folders below the workspaces and finds what git would obey there: `.git`, whatever it is, and folders that
 * have the shape of a repository; also folders that cannot be listed, in which there could be one.
 *
 * A folder is listed again only when its ctime has changed, which no command can forge (the mtime it can). Shallow folders come
 * first. A walk ends when its time or the number of folders is used up; the next one gets further, since it lists less. Links are not
 * followed: what they lead to is found where it is, or cannot be written.
 */
import { accessSync, constants, type Dirent, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PROTECTED_NAMES } from '../permissions.ts';
import { isRepositoryShape, SHAPE_NAMES } from '../repository-shape.ts';
import { nameOf, rawPath } from './raw-path.ts';

export interface Found {
  /** What must not change. */
  readonly file: string;
  readonly kind: 'entry' | 'link';
  /** It has come to be since its folder was last listed; false for what has never been looked at. */
  readonly isNew: boolean;
}

export interface Walk {
  readonly found: readonly Found[];
  /** The first folder that was not reached. */
  readonly unreached?: string;
}

export interface WalkLimits {
  readonly folders: number;
  readonly ms: number;
}

/** What is known of a folder. */
interface Folder {
  /** When it was listed; undefined: never. */
  listed?: Stamp;
  folders: ReadonlyMap<string, Folder>;
  /** Names of what was found in it; '' is the folder itself. */
  found: ReadonlyMap<string, Found['kind']>;
}

interface Stamp {
  readonly dev: number;
  readonly ino: number;
  readonly ctimeMs: number;
  /** It was listed long enough after that change to be sure. */
  readonly isSettled: boolean;
}

/** File systems that count in steps of two seconds do not show a second change within one. */
const COARSEST_CLOCK_MS = 2_000;

export class NestedFolders {
  readonly #limits: WalkLimits;
  #tops: ReadonlyMap<string, Folder> = new Map();

  constructor(limits: WalkLimits) {
    this.#limits = limits;
  }

  /**
   * Never throws.
   * @param tops the folders to walk: real, absolute. What git has in these themselves is not looked at.
   * @param stops folders that are not entered
   */
  walk(tops: readonly string[], stops: ReadonlySet<string>): Walk {
    const end = performance.now() + this.#limits.ms;
    const found: Found[] = [];
    const kept = new Map(tops.map((top) => [top, this.#tops.get(top) ?? unknown()]));
    this.#tops = kept;
    const queue = [...kept].map(([file, folder]) => ({ file, folder, isNew: false }));
    // Grows while it is read: shallow folders first.
    for (const [index, { file, folder, isNew }] of queue.entries()) {
      if (index >= this.#limits.folders || performance.now() > end) return { found, unreached: file };
      const { listed, folders, found: before } = folder;
      if (!refresh(folder, file, kept.has(file))) continue;
      const isOther = isNew || (listed !== undefined && !isSame(listed, folder.listed));
      for (const [name, kind] of folder.found) {
        const isLater = isOther || (listed !== undefined && !before.has(name));
        found.push({ file: path.join(file, name), kind, isNew: isLater });
      }
      for (const [name, inner] of folder.folders) {
        const child = file === '/' ? `/${name}` : `${file}/${name}`;
        if (stops.has(child)) continue;
        const isLater = isOther || (listed !== undefined && !folders.has(name));
        queue.push({ file: child, folder: inner, isNew: isLater });
      }
    }
    return { found };
  }
}

function unknown(): Folder {
  return { folders: new Map(), found: new Map() };
}

function isSame(one: Stamp, other: Pick<Stamp, 'dev' | 'ino'> | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

/** Brings what is known of a folder up to date; false if it is none any more. */
function refresh(folder: Folder, file: string, isTop: boolean): boolean {
  try {
    const stats = lstatSync(rawPath(file), { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) return false;
    const { dev, ino, ctimeMs } = stats;
    const { listed } = folder;
    if (listed?.isSettled === true && isSame(listed, stats) && listed.ctimeMs === ctimeMs) return true;
    // Before it is read.
    const isSettled = Date.now() - ctimeMs > COARSEST_CLOCK_MS;
    list(folder, file, isTop);
    folder.listed = { dev, ino, ctimeMs, isSettled };
    return true;
  } catch {
    return false;
  }
}

function list(folder: Folder, file: string, isTop: boolean): void {
  const folders = new Map<string, Folder>();
  const found = new Map<string, Found['kind']>();
  const shape = new Set<string>();
  const entries = isOpen(file) ? entriesOf(file) : undefined;
  for (const { name, entry } of entries ?? []) {
    if (isTop && PROTECTED_NAMES.includes(name)) continue;
    if (name === '.git') found.set(name, entry.isSymbolicLink() ? 'link' : 'entry');
    else if (entry.isDirectory()) folders.set(name, folder.folders.get(name) ?? unknown());
    if (SHAPE_NAMES.has(name)) shape.add(name);
  }
  const isWhole = entries === undefined || isRepositoryShape((name) => shape.has(name));
  if (!isTop && isWhole) {
    folders.clear();
    found.clear();
    found.set('', 'entry');
  }
  folder.folders = folders;
  folder.found = found;
}

/** False if nobody can say what is in it before its owner has changed its permissions, which a command may be. */
function isOpen(file: string): boolean {
  try {
    accessSync(rawPath(file), constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function entriesOf(file: string): { name: string; entry: Dirent | Dirent<Buffer> }[] {
  const entries = readdirSync(rawPath(file), { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes('\ufffd'))) {
    return entries.map((entry) => ({ name: entry.name, entry }));
  }
  return readdirSync(rawPath(file), { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: nameOf(entry.name),
    entry,
  }));
}
