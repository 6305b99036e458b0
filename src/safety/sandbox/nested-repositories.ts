/**
 * The repositories below the workspaces of a session, and which of them its commands may write.
 *
 * What was there when the session began, or has appeared while no command ran, is the user's and protected. What has appeared while a
 * command ran is taken for the command's own (`git init`, `git clone`) until the session ends; the next session protects that too. Nothing of
 * this is kept on the disk.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { namedFolders } from '../../system/git-folders.ts';
import { errorCode } from '../../text/error-message.ts';
import { FolderWatches } from './folder-watches.ts';
import type { Nested, SearchedFolders } from './mounts.ts';
import { type Found, NestedFolders, type Walk, type WalkLimits } from './nested-folders.ts';
import { bytesOf, rawPath } from './raw-path.ts';

/** A look after the first one costs about a tenth of it. */
const LIMITS: WalkLimits = { folders: 100_000, ms: 1_000 };
/** Bubblewrap takes 9,000 arguments, and each mount makes the next one slower. */
const MOST_REPOSITORIES = 200;

interface Identity {
  /** With its device. */
  readonly inode: string;
  /** Inodes are used again. */
  readonly born: bigint;
}

export class NestedRepositories {
  readonly #watches: FolderWatches;
  readonly #folders: NestedFolders;
  readonly #most: number;
  readonly #protected = new Map<string, Identity>();
  readonly #own = new Map<string, Identity>();
  /** Links of that name, and where they lead: nothing can be mounted over a link. */
  readonly #links = new Map<string, string>();
  #running = 0;
  /** A command has ended since the last look, so what is new may be its own. */
  #isUnseen = false;
  #searched: SearchedFolders | undefined;
  /** What the last look has found. */
  #listed: Nested = { entries: [], named: [] };
  #problem: string | undefined;
  #hasWarned = false;

  /** @param home a folder where commands cannot write */
  constructor(home: string, limits = LIMITS, most = MOST_REPOSITORIES) {
    this.#watches = new FolderWatches(home);
    this.#folders = new NestedFolders(limits, this.#watches);
    this.#most = most;
  }

  /** To be awaited right before `look`, which otherwise may miss what has happened since the last one. Never rejects. */
  async settle(): Promise<void> {
    if (!(await this.#watches.settle())) this.#folders.distrust();
  }

  /** What commands must not write below these folders. Never throws. */
  look(searched: SearchedFolders): Nested {
    const mayBeOwn = this.#running > 0 || this.#isUnseen;
    this.#isUnseen = false;
    this.#searched = searched;
    const { workspaces, stops } = searched;
    const walk = this.#folders.walk(workspaces, new Set([...workspaces, ...stops]));
    if (walk !== undefined) this.#take(walk, mayBeOwn);
    return this.#listed;
  }

  /** A command that was prepared after the last look begins. */
  begin(): void {
    this.#running += 1;
  }

  /** Nothing is watched any more. */
  close(): void {
    this.#folders.close();
  }

  /** It has ended. Returns warnings for the user and the model. */
  end(): readonly string[] {
    this.#running -= 1;
    this.#isUnseen = true;
    void this.#lookAfter();
    const changed = [...this.#links].flatMap(([file, target]) => {
      if (target === targetOf(file)) return [];
      this.#links.delete(file);
      return [
        `${shown(file)} was a link and has changed while the command ran; git would obey it. Inspect it.`,
      ];
    });
    if (this.#problem === undefined || this.#hasWarned) return changed;
    this.#hasWarned = true;
    return [...changed, this.#problem];
  }

  #take({ found, unreached }: Walk, mayBeOwn: boolean): void {
    const users = new Set([...this.#protected.values()].map(({ inode }) => inode));
    this.#forgetMissing();
    for (const one of found) this.#sort(one, mayBeOwn, users);
    const excess = this.#protected.size - this.#most;
    this.#problem = problemOf(unreached, excess);
    // The oldest, so that no command can make so many that those of the user are left out.
    const all = excess > 0 ? [...this.#protected].sort(byBirth) : [...this.#protected];
    const entries = all.slice(0, this.#most).map(([file]) => file);
    this.#listed = { entries, named: [...new Set(entries.flatMap(namedFolders))] };
  }

  /** Soon, so that what the user does afterwards is not taken for the command's; but nobody has to wait for it. */
  async #lookAfter(): Promise<void> {
    await nextTurn();
    await this.settle();
    if (this.#isUnseen && this.#searched !== undefined) this.look(this.#searched);
    await this.#folders.watch();
  }

  #sort({ file, kind, isNew }: Found, mayBeOwn: boolean, users: ReadonlySet<string>): void {
    if (kind === 'link') {
      const target = targetOf(file);
      if (target !== undefined && !(isNew && mayBeOwn) && !this.#links.has(file))
        this.#links.set(file, target);
      return;
    }
    if (this.#protected.has(file)) return;
    const id = identityOf(file);
    if (id === undefined) return;
    const before = this.#own.get(file);
    if (before?.inode === id.inode && before.born === id.born) return;
    // Another one may be the user's that has been moved.
    const isOwn = mayBeOwn && (isNew || before !== undefined) && !users.has(id.inode);
    this.#own.delete(file);
    (isOwn ? this.#own : this.#protected).set(file, id);
  }

  #forgetMissing(): void {
    for (const map of [this.#protected, this.#own]) {
      for (const file of map.keys()) if (identityOf(file) === undefined) map.delete(file);
    }
  }
}

function byBirth([, one]: readonly [string, Identity], [, other]: readonly [string, Identity]): number {
  return one.born < other.born ? -1 : one.born > other.born ? 1 : 0;
}

function problemOf(unreached: string | undefined, excess: number): string | undefined {
  const problem =
    unreached !== undefined
      ? `there are too many folders to look for repositories in all (${shown(unreached)} was not reached)`
      : excess > 0
        ? `there are ${excess} more repositories in the workspace than can be protected`
        : undefined;
  return problem && `${problem}; commands can write the .git of some. Start oagent in a smaller folder.`;
}

/** Undefined if it is not there. */
function identityOf(file: string): Identity | undefined {
  try {
    const stats = lstatSync(rawPath(file), { bigint: true, throwIfNoEntry: false });
    return stats && { inode: `${stats.dev}:${stats.ino}`, born: stats.birthtimeNs };
  } catch (error) {
    return errorCode(error) === 'ENOTDIR' ? undefined : { inode: '', born: 0n };
  }
}

function targetOf(file: string): string | undefined {
  try {
    return readlinkSync(rawPath(file));
  } catch {
    return undefined;
  }
}

const shown = (file: string): string => bytesOf(file).toString();
