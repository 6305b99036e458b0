/**
 * Looks at a workspace again and again, and says what has changed since the last time. Of a file it asks the system again unless its folder
 * is watched and quiet, and reads it if its stamp has changed, or if it was read too soon after its last change to be sure.
 */
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { HeldFolder, isShortage } from '../../../system/held-folder.ts';
import type { Copies } from './copies.ts';
import { coveredFiles, emptyFolders, foldersOf, type ListedFolder, listFolder } from './covered.ts';
import { isSameStamp, type Known, type KnownEntry, stampOf } from './known.ts';
import { QuietFolders } from './quiet-folders.ts';
import { type Found, type Glance, glanceAt, readFound } from './read-file.ts';

export interface WorkspaceLimits {
  /** Where there are more, only those that oagent has changed are looked at. */
  readonly files: number;
  /** Of all copies. */
  readonly bytes: number;
  /** Of reading what is to be copied. The next look goes on. */
  readonly ms: number;
}

export const LIMITS: WorkspaceLimits = { files: 20_000, bytes: 256 * 1024 * 1024, ms: 3_000 };

/** A path at which something else is than at the last look. */
export interface Seen {
  readonly path: string;
  /** `new`: nothing was there. Undefined: it was not looked at. */
  readonly was: KnownEntry | 'new' | undefined;
  readonly is: Found;
}

/** How long nothing else happens in this process. */
const SHARE_MS = 15;
const RULES = new Set(['.gitignore', '.ignore', '.rgignore']);

export class Workspace {
  readonly known: Known;
  readonly #copies: Copies;
  readonly #home: string;
  readonly #limits: WorkspaceLimits;
  readonly #quiet: QuietFolders;
  #isTooLarge = false;
  /** The last look was not given up. */
  #isComplete = false;
  #pausedAt = 0;

  /** @param home oagent's own folder, real: it is left out */
  constructor(known: Known, copies: Copies, home: string, limits = LIMITS) {
    this.known = known;
    this.#copies = copies;
    this.#home = home;
    this.#limits = limits;
    this.#quiet = new QuietFolders(home);
  }

  close(): void {
    this.#quiet.close();
  }

  /** @param onReport called as soon as the system reports a change, which it does not always; undefined: nobody is told any more */
  watch(onReport: (() => void) | undefined): void {
    this.#quiet.onReport = onReport;
  }

  /** There are too many files: only some are looked at. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /**
   * @param also paths to look at from now on, whatever the rules say
   * @param isWhole also the folders that are quiet: not everything is reported
   * @param signal what has been found by then is not complete
   * @throws Error if the files cannot be listed, their copies not be written, or nothing be opened any more
   */
  async look(
    also: Iterable<string>,
    { isWhole, signal }: { readonly isWhole: boolean; readonly signal: AbortSignal },
  ): Promise<readonly Seen[]> {
    await this.#quiet.settle();
    this.#pausedAt = performance.now();
    const { files, byFolder } = this.known;
    const entries = new Map<string, Glance>();
    const folders = new Map<string, ListedFolder | undefined>();
    const asksAll = isWhole || !this.#isComplete;
    this.#isComplete = false;
    for (const folder of new Set([...this.known.folders.keys(), ...byFolder.keys()])) {
      const glance = glanceAt(folder);
      if (this.#mayHaveOtherNames(folder, glance)) {
        const listed = listFolder(folder);
        // Otherwise it is asked again at the next look.
        if (listed !== 'closed') folders.set(folder, listed);
      }
      const stats = glance === 'closed' ? undefined : glance;
      if (!asksAll && this.#quiet.isQuiet(folder, stats)) continue;
      this.#quiet.looking(folder, stats);
      for (const file of byFolder.get(folder) ?? []) {
        const was = files.get(file);
        const is = glanceAt(file);
        if (was !== undefined && mayDiffer(was, is)) entries.set(file, is);
      }
      if (this.#isDue) await this.#pause();
    }
    for (const file of also) if (!files.has(file)) entries.set(file, glanceAt(file));
    const hasOtherRules = [...entries.keys()].some((file) => RULES.has(path.basename(file)));
    const isFirst = this.known.folders.size === 0;
    if (!this.#isTooLarge && (isFirst || hasOtherRules || this.#haveOtherNames(folders))) {
      const { roots } = this.known;
      const listed = await coveredFiles(roots, { most: this.#limits.files, without: this.#home, signal });
      if (signal.aborted) return [];
      if (listed === undefined) this.#isTooLarge = true;
      else this.#addListed(listed, entries, folders);
    }
    const seen = await this.#read(entries, signal);
    if (signal.aborted) return [];
    this.#adoptFolders(folders);
    this.#isComplete = true;
    return seen;
  }

  #addListed(
    listed: ReadonlySet<string>,
    entries: Map<string, Glance>,
    folders: Map<string, ListedFolder | undefined>,
  ): void {
    const { files, roots, folders: known } = this.known;
    for (const file of listed) if (!files.has(file)) entries.set(file, glanceAt(file));
    for (const folder of foldersOf(roots, listed)) {
      const found = known.has(folder) ? undefined : listFolder(folder);
      if (found !== undefined && found !== 'closed') folders.set(folder, found);
    }
  }

  #mayHaveOtherNames(folder: string, stats: Glance): boolean {
    const was = this.known.folders.get(folder);
    if (was === undefined || stats === 'closed') return false;
    return stats?.isDirectory() !== true || !was.isSettled || !isSameStamp(was.stamp, stampOf(stats));
  }

  #haveOtherNames(folders: ReadonlyMap<string, ListedFolder | undefined>): boolean {
    return [...folders].some(([folder, found]) => {
      const names = this.known.folders.get(folder)?.names;
      return found === undefined || names === undefined || !isSameSet(names, found.names);
    });
  }

  #adoptFolders(folders: ReadonlyMap<string, ListedFolder | undefined>): void {
    const listed = new Map<string, ListedFolder>();
    for (const [folder, found] of folders) if (found !== undefined) listed.set(folder, found);
    const isKnown = (folder: string): boolean => this.known.folders.has(folder) || listed.has(folder);
    const empty = emptyFolders(listed, isKnown);
    for (const folder of folders.keys()) if (!listed.has(folder)) this.known.setFolder(folder, undefined);
    for (const [folder, { names, looked }] of [...listed, ...empty]) {
      this.known.setFolder(folder, { ...looked, names });
      this.#quiet.looked(folder, looked.stamp);
    }
  }

  async #read(entries: ReadonlyMap<string, Glance>, signal: AbortSignal): Promise<Seen[]> {
    const end = performance.now() + this.#limits.ms;
    const seen: Seen[] = [];
    for (const [folder, files] of byFolder(entries)) {
      const held = files.some((file) => entries.get(file) !== undefined) ? hold(folder) : undefined;
      try {
        for (const file of files) {
          if (this.#isDue) await this.#pause();
          if (signal.aborted) return [];
          const mayCopy = performance.now() < end && this.#copies.size < this.#limits.bytes;
          const stats = entries.get(file);
          const is = found(held, file, stats, mayCopy ? this.#copies : undefined);
          const was = this.known.files.get(file) ?? (this.#isNewPath(file) ? 'new' : undefined);
          this.known.setFile(file, is.kind === 'file' ? is.file : is.kind === 'absent' ? 'absent' : 'other');
          if (isDifferent(was, is)) seen.push({ path: file, was, is });
        }
      } finally {
        held?.close();
      }
    }
    return seen;
  }

  /** Nothing was there at the last look. */
  #isNewPath(file: string): boolean {
    const { folders, roots } = this.known;
    if (folders.size === 0) return false;
    for (let at = file; !roots.includes(at); at = path.dirname(at)) {
      const above = folders.get(path.dirname(at));
      const name = path.basename(at);
      if (above !== undefined) return !above.names.has(name) && !above.names.has(`${name}/`);
      if (path.dirname(at) === at) return false;
    }
    return false;
  }

  get #isDue(): boolean {
    return performance.now() - this.#pausedAt > SHARE_MS;
  }

  async #pause(): Promise<void> {
    await nextTurn();
    this.#pausedAt = performance.now();
  }
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}

function mayDiffer(was: KnownEntry, stats: Glance): boolean {
  if (stats === 'closed') return typeof was === 'object';
  if (was === 'absent') return stats !== undefined;
  if (was === 'other') return stats === undefined || stats.isFile();
  return stats === undefined || !was.isSettled || !isSameStamp(was.stamp, stampOf(stats));
}

function isDifferent(was: Seen['was'], is: Found): boolean {
  if (was === undefined || was === 'new' || was === 'absent') return is.kind !== 'absent';
  if (was === 'other') return is.kind === 'absent' || is.kind === 'file';
  if (is.kind !== 'file') return true;
  const [before, after] = [was.copy?.sha256, is.file.copy?.sha256];
  const isKept = before !== undefined && after !== undefined;
  const isSame = isKept ? before === after : isSameStamp(was.stamp, is.file.stamp);
  return !isSame || was.stamp.mode !== is.file.stamp.mode;
}

function found(held: HeldFolder | undefined, file: string, stats: Glance, copies: Copies | undefined): Found {
  if (stats === undefined) return { kind: 'absent' };
  return held === undefined || stats === 'closed' ? { kind: 'other' } : readFound(held, file, stats, copies);
}

function hold(folder: string): HeldFolder | undefined {
  try {
    return HeldFolder.open(folder);
  } catch (error) {
    if (isShortage(error)) throw error;
    return undefined;
  }
}

function byFolder(entries: ReadonlyMap<string, unknown>): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const file of entries.keys()) {
    const files = folders.get(path.dirname(file)) ?? [];
    files.push(file);
    folders.set(path.dirname(file), files);
  }
  return folders;
}
