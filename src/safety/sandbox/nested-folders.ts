/**
 * Walks the folders below the workspaces and finds what git would obey there: `.git`, whatever it is, and folders that
 * have the shape of a repository; also folders that cannot be listed, in which there could be one.
 *
 * A folder is listed again only when its ctime has changed, which no command can forge (the mtime it can). Shallow folders come
 * first. A walk ends when its time or the number of folders is used up; the next one gets further, since it lists less. Links are not
 * followed: what they lead to is found where it is, or cannot be written.
 *
 * Of folders that the system watches not even the ctime is asked, as long as nothing is reported. A watch belongs to the folder that was
 * there when it began, so it is given up when that folder, or one above it, may have been moved or replaced: when its parent reports its
 * name, or was listed again without a report. Watches begin with the shallow folders, so that each of them has a parent that reports.
 */
import {
  accessSync,
  constants,
  type Dirent,
  type FSWatcher,
  lstatSync,
  readdirSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PROTECTED_NAMES } from '../permissions.ts';
import { isRepositoryShape, SHAPE_NAMES } from '../repository-shape.ts';
import type { FolderWatches } from './folder-watches.ts';
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

/** What is known of a folder. Kept from walk to walk, since a walk must cost little more than the questions to the system. */
interface Folder {
  readonly file: string;
  /** When it was listed; undefined: never. */
  listed?: Stamp;
  folders: ReadonlyMap<string, Folder>;
  /** Names of what was found in it; '' is the folder itself. */
  found: ReadonlyMap<string, Found['kind']>;
  /** As `Found` has it; of the walk that goes on. */
  isNew: boolean;
  /** Reports what changes in it. */
  watch?: FSWatcher;
  /** Something has been reported since it was listed. */
  isDirty: boolean;
  /** Those of its folders that may have been moved or replaced. */
  moved: Set<string> | 'all';
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
/** One takes about 10 microseconds, and everything else waits for these. */
const WATCHES_PER_TURN = 50;

export class NestedFolders {
  readonly #limits: WalkLimits;
  readonly #watches: FolderWatches;
  #tops: ReadonlyMap<string, Folder> = new Map();
  /** Of the last walk, shallow ones first. */
  #reached: readonly Folder[] = [];
  /** What the last walk was asked, if all that it reached is watched and nothing has been reported since. */
  #quiet: string | undefined;
  /** Reports may be lost: the next walk asks the ctime of all. */
  #isBlind = false;
  #isWatching = false;

  constructor(limits: WalkLimits, watches: FolderWatches) {
    this.#limits = limits;
    this.#watches = watches;
  }

  /**
   * Undefined if nothing has changed since the last walk. Never throws.
   * @param tops the folders to walk: real, absolute. What git has in these themselves is not looked at.
   * @param stops folders that are not entered
   */
  walk(tops: readonly string[], stops: ReadonlySet<string>): Walk | undefined {
    const question = JSON.stringify([tops, [...stops]]);
    if (this.#quiet === question && !this.#isBlind && [...this.#tops.values()].every(isInPlace)) {
      return undefined;
    }
    const end = performance.now() + this.#limits.ms;
    const found: Found[] = [];
    const kept = new Map(tops.map((top) => [top, this.#tops.get(top) ?? unknown(top)]));
    this.#tops = kept;
    this.#quiet = question;
    const isBlind = this.#isBlind;
    const queue = [...kept.values()];
    this.#reached = queue;
    // Grows while it is read: shallow folders first.
    for (let index = 0; index < queue.length; index += 1) {
      const folder = queue[index] as Folder;
      if (index >= this.#limits.folders || performance.now() > end) {
        this.#quiet = undefined;
        return { found, unreached: folder.file };
      }
      const { listed, folders, found: before } = folder;
      const isTop = kept.has(folder.file);
      const isKnown = folder.watch !== undefined && !folder.isDirty && !isBlind && !isTop;
      const isThere = isKnown || this.#refresh(folder, isTop);
      if (!isThere || folder.watch === undefined) this.#quiet = undefined;
      if (!isThere) continue;
      const isOther = folder.isNew || (listed !== undefined && !isSame(listed, folder.listed));
      for (const [name, kind] of folder.found) {
        const isNew = isOther || (listed !== undefined && !before.has(name));
        found.push({ file: path.join(folder.file, name), kind, isNew });
      }
      const isSameList = folder.folders === folders;
      for (const [name, inner] of folder.folders) {
        if (stops.has(inner.file)) continue;
        inner.isNew = isOther || (!isSameList && listed !== undefined && !folders.has(name));
        queue.push(inner);
      }
    }
    this.#isBlind = false;
    return { found };
  }

  /** Some reports may be lost. */
  distrust(): void {
    this.#isBlind = true;
  }

  /** Watches what the last walk has reached, as far as the system lets it. It is done a little at a time. Never rejects. */
  async watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    let count = 0;
    let reached: readonly Folder[] = [];
    while (reached !== this.#reached) {
      reached = this.#reached;
      for (const folder of reached) {
        if (folder.watch !== undefined || folder.listed === undefined) continue;
        if (this.#watches.isFull) break;
        this.#watchOne(folder);
        count += 1;
        if (count % WATCHES_PER_TURN !== 0) continue;
        await nextTurn();
        // There was another walk.
        if (reached !== this.#reached) break;
      }
    }
    this.#isWatching = false;
  }

  /** Nothing is watched any more. */
  close(): void {
    this.#watches.close();
    this.#giveUp([...this.#tops.values()]);
    this.#quiet = undefined;
  }

  #watchOne(folder: Folder): void {
    const { listed } = folder;
    if (listed === undefined) return;
    folder.watch = this.#watches.watch(folder.file, listed.dev, (event, name) =>
      this.#hear(folder, event, name),
    );
    // It may have changed before the watch began.
    folder.isDirty = !isUnchanged(folder);
    if ([...folder.folders.values()].some(({ watch }) => watch !== undefined)) folder.moved = 'all';
  }

  #hear(folder: Folder, event: string, name: string | null): void {
    // Commands need placeholders, which come and go.
    if (name !== null && PROTECTED_NAMES.includes(name) && this.#tops.get(folder.file) === folder) return;
    if (event === 'error') this.#giveUp([folder]);
    else if (name === null) folder.moved = 'all';
    else if (event === 'rename') {
      if (folder.moved !== 'all' && folder.folders.has(name)) folder.moved.add(name);
    } else {
      // The rights of a folder count, what is in another file does not.
      const inner = folder.folders.get(name);
      if (inner !== undefined) inner.isDirty = true;
      // It may name another folder.
      else if (name !== '.git') return;
    }
    folder.isDirty = true;
    this.#quiet = undefined;
  }

  /** Brings what is known of a folder up to date; false if it is none any more. */
  #refresh(folder: Folder, isTop: boolean): boolean {
    try {
      const stats = statsOf(folder.file);
      if (stats?.isDirectory() !== true) {
        this.#giveUp([folder]);
        return false;
      }
      const { listed, moved, folders } = folder;
      folder.isDirty = false;
      folder.moved = new Set();
      const { dev, ino, ctimeMs } = stats;
      const isOther = listed !== undefined && !isSame(listed, stats);
      const isSettledSame = listed?.isSettled === true && !isOther && listed.ctimeMs === ctimeMs;
      if (isOther) this.#giveUp([folder]);
      else if (folder.watch !== undefined && !this.#isBlind && moved !== 'all') {
        this.#giveUp([...moved].flatMap((name) => folders.get(name) ?? []));
      } else if (!isSettledSame) this.#giveUp([...folders.values()]);
      if (isSettledSame) return true;
      // Before it is read.
      const isSettled = Date.now() - ctimeMs > COARSEST_CLOCK_MS;
      list(folder, isTop, isOpen(folder.file, stats.mode));
      folder.listed = { dev, ino, ctimeMs, isSettled };
      this.#giveUp([...folders].flatMap(([name, inner]) => (folder.folders.has(name) ? [] : [inner])));
      return true;
    } catch {
      folder.isDirty = true;
      return false;
    }
  }

  /** Ends the watches of these folders and of all below them. */
  #giveUp(folders: readonly Folder[]): void {
    const queue = [...folders];
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
      if (folder.watch !== undefined) this.#watches.unwatch(folder.watch);
      folder.watch = undefined;
      queue.push(...folder.folders.values());
    }
  }
}

function unknown(file: string): Folder {
  return { file, folders: new Map(), found: new Map(), isNew: false, isDirty: false, moved: new Set() };
}

function isSame(one: Stamp, other: Pick<Stamp, 'dev' | 'ino'> | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

/** The folder of the last walk is still the one that is there. */
function isInPlace({ file, listed }: Folder): boolean {
  const stats = statsOf(file);
  return listed !== undefined && stats?.isDirectory() === true && isSame(listed, stats);
}

/** What is in it is certainly what was listed. */
function isUnchanged(folder: Folder): boolean {
  const { file, listed } = folder;
  return listed?.isSettled === true && isInPlace(folder) && listed.ctimeMs === statsOf(file)?.ctimeMs;
}

function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(rawPath(file), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function list(folder: Folder, isTop: boolean, isOpen: boolean): void {
  const folders = new Map<string, Folder>();
  const found = new Map<string, Found['kind']>();
  const shape = new Set<string>();
  const { file } = folder;
  for (const entry of isOpen ? entriesOf(file) : []) {
    const name = typeof entry.name === 'string' ? entry.name : nameOf(entry.name);
    if (isTop && PROTECTED_NAMES.includes(name)) continue;
    if (SHAPE_NAMES.has(name)) shape.add(name);
    if (name === '.git') found.set(name, entry.isSymbolicLink() ? 'link' : 'entry');
    else if (entry.isDirectory()) {
      folders.set(name, folder.folders.get(name) ?? unknown(file === '/' ? `/${name}` : `${file}/${name}`));
    }
  }
  if (!isTop && (!isOpen || isRepositoryShape((name) => shape.has(name)))) {
    folders.clear();
    found.clear();
    found.set('', 'entry');
  }
  folder.folders = folders;
  folder.found = found;
}

/** False if nobody can say what is in it before its owner has changed its permissions, which a command may be. */
function isOpen(file: string, mode: number): boolean {
  if ((mode & 0o555) === 0o555) return true;
  try {
    accessSync(rawPath(file), constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function entriesOf(file: string): readonly (Dirent | Dirent<Buffer>)[] {
  const entries = readdirSync(rawPath(file), { withFileTypes: true });
  const isText = !entries.some(({ name }) => name.includes('\ufffd'));
  return isText ? entries : readdirSync(rawPath(file), { withFileTypes: true, encoding: 'buffer' });
}
