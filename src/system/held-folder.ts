/**
 * A folder that is held open, so that whatever is done in it happens in this very folder, even if a command puts a link or another
 * folder in its place meanwhile. The way for oagent's own process to write where commands can write.
 *
 * On Linux all goes through the descriptor (`/proc/self/fd`), and what was opened is compared with what was meant: the kernel says
 * where it is. Elsewhere there is no such way in Node: the path is checked before and after each step, and what happens in
 * between is noticed, not prevented. A link at the end of a name is never followed, and nothing is waited for.
 */
import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { folded } from '../config/paths.ts';
import { errorCode } from '../text/error-message.ts';

const DESCRIPTORS = '/proc/self/fd';
/** Linux: names a folder without the right to list it. Node does not have it; it is the same on all processors that Node has. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Something else is in the place of a folder: it was moved, or a link leads there. */
export class MovedError extends Error {
  override readonly name = 'MovedError';

  constructor(folder: string) {
    super(`the folder ${folder} is not in its place any more, or a link is`);
  }
}

/** Certainly nothing is there, or something else: not that it could not be looked at just now. */
export function isGone(error: unknown): boolean {
  return error instanceof MovedError || ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '');
}

/** The system is short of something: what it says then is not about the files. */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error) ?? '');
}

export class HeldFolder {
  readonly path: string;
  readonly #descriptor: number;
  readonly #isPinned: boolean;

  /** @param isPinned the kernel can be asked for things in an open folder */
  private constructor(path: string, descriptor: number, isPinned: boolean) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#isPinned = isPinned;
  }

  /**
   * @param path absolute and real: without links
   * @throws MovedError if it leads through a link; a system error if it is not a folder
   */
  static open(path: string, isPinned = process.platform === 'linux' && existsSync(DESCRIPTORS)): HeldFolder {
    return HeldFolder.#hold(path, path, isPinned);
  }

  /** @param at where it is found */
  static #hold(path: string, at: string, isPinned: boolean): HeldFolder {
    // A link is followed here: nothing happens to where it leads, and it is noticed.
    const descriptor = openSync(at, O_DIRECTORY | (isPinned ? O_PATH : O_RDONLY));
    const held = new HeldFolder(path, descriptor, isPinned);
    try {
      held.requireInPlace();
      return held;
    } catch (error) {
      held.close();
      throw error;
    }
  }

  /** @throws MovedError if the path leads elsewhere now */
  requireInPlace(): void {
    const isInPlace = this.#isPinned
      ? isSpelling(readlinkSync(`${DESCRIPTORS}/${this.#descriptor}`), this.path)
      : isAt(this.path, this.#descriptor);
    if (!isInPlace) throw new MovedError(this.path);
  }

  /** A folder in this one. */
  folder(name: string): HeldFolder {
    return this.use(name, (at) => HeldFolder.#hold(join(this.path, name), at, this.#isPinned));
  }

  list(): Dirent[] {
    return this.#itself((at) => readdirSync(at, { withFileTypes: true }));
  }

  chmod(mode: number): void {
    this.#itself((at) => chmodSync(at, mode));
  }

  makeFolder(name: string, mode?: number): void {
    this.use(name, (at) => mkdirSync(at, { mode }));
  }

  /** Bytes of a file, or of what a link says. */
  sizeOf(name: string): number {
    return this.use(name, (at) => lstatSync(at).size);
  }

  /** Opens a file; a link is an error. `mode` is for a new one. @returns the descriptor. */
  open(name: string, flags: number, mode?: number): number {
    let opened: number | undefined;
    try {
      return this.use(name, (at) => {
        opened = openSync(at, flags | O_NOFOLLOW | O_NONBLOCK, mode);
        return opened;
      });
    } catch (error) {
      if (opened !== undefined) closeSync(opened);
      throw error;
    }
  }

  /** @param folder where the new name is */
  rename(from: string, to: string, folder: HeldFolder = this): void {
    this.use(from, (source) => folder.use(to, (target) => renameSync(source, target)));
  }

  unlink(name: string): void {
    this.use(name, unlinkSync);
  }

  removeFolder(name: string): void {
    this.use(name, rmdirSync);
  }

  /** @param work gets a path for system calls, which must not follow a link at its end */
  use<T>(name: string, work: (at: string) => T): T {
    if (name === '' || name === '.' || name === '..' || name.includes('/')) {
      throw new Error(`${name} is not a name in a folder`);
    }
    return this.#itself((at) => work(join(at, name)));
  }

  #itself<T>(work: (at: string) => T): T {
    if (this.#isPinned) return work(`${DESCRIPTORS}/${this.#descriptor}`);
    this.requireInPlace();
    const result = work(this.path);
    this.requireInPlace();
    return result;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function isAt(path: string, descriptor: number): boolean {
  const held = fstatSync(descriptor, { bigint: true });
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.dev === held.dev && found.ino === held.ino && isSpelling(realpathSync.native(path), path);
}

/** On a volume that folds case the system may answer in other capitals. */
function isSpelling(found: string, meant: string): boolean {
  return found === meant || folded(found) === folded(meant);
}

/** The folders that one piece of work needs, each held once, and those that it made. */
export class HeldFolders {
  readonly #held = new Map<string, HeldFolder>();
  readonly #made: { readonly above: HeldFolder; readonly name: string }[] = [];

  /** @throws as HeldFolder.open does */
  open(path: string): HeldFolder {
    return this.#keep(path, () => HeldFolder.open(path));
  }

  /** Makes it and those above it that are missing. */
  make(path: string): HeldFolder {
    try {
      return this.open(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    }
    const [above, name] = [this.make(dirname(path)), basename(path)];
    try {
      above.makeFolder(name);
      this.#made.push({ above, name });
    } catch (error) {
      // Somebody else was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return this.#keep(path, () => above.folder(name));
  }

  /** Takes the new folders away again that are empty. */
  removeMade(): void {
    for (const { above, name } of this.#made.toReversed()) {
      try {
        above.removeFolder(name);
      } catch {
        // What is not empty is not ours alone any more.
      }
    }
  }

  close(): void {
    for (const folder of this.#held.values()) folder.close();
    this.#held.clear();
  }

  #keep(path: string, open: () => HeldFolder): HeldFolder {
    const held = this.#held.get(path) ?? open();
    this.#held.set(path, held);
    return held;
  }
}
