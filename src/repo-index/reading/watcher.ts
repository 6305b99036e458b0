/**
 * Notices that files of a folder have changed.
 *
 * Owns: one watch a directory on Linux, where the system's recursive watch takes one a file; one recursive watch elsewhere.
 * Invariants: what is reported are hints, gathered until it is quiet (`QUIET_MS`) or too long (`LONGEST_MS`): paths to look at, or `all`
 * when that is cheaper than the list, or when git's HEAD or the rules of what is ignored have changed; while the system has no more watches,
 * `all` is reported every five seconds, less often where it takes long; nothing runs while nothing happens. Files are not looked at,
 * except to find new directories.
 */
import { type Dirent, type FSWatcher, lstatSync, readdirSync, watch as watchFolder } from 'node:fs';
import path from 'node:path';
import { gitFolders } from '../../system/git-folders.ts';
import { errorCode } from '../../text/error-message.ts';
import { IGNORE_FILE } from './file-kinds.ts';

const QUIET_MS = 120;
const LONGEST_MS = 1_000;
const MOST_PATHS = 200;
const POLL_MS = 5_000;
/** Listing all takes at most this part of the time. */
const POLL_PART = 0.02;
/** Directories that appear at once: beyond these the listing finds what is in them. */
const MOST_NEW = 2_000;
const NEVER = new Set(['.git', 'node_modules', '.hg', '.svn', '__pycache__', '.venv']);
const RULES = new Set(['.gitignore', '.ignore', '.rgignore', IGNORE_FILE]);

export type Changes = 'all' | readonly string[];

export interface WatcherOptions {
  readonly platform?: NodeJS.Platform;
  /** The system's own. */
  readonly watch?: typeof watchFolder;
  /** Milliseconds between two reports of `all`, where watches are missing. */
  readonly pollMs?: number;
}

type OnEvent = (name: string, event: string) => void;

export class Watcher {
  readonly #root: string;
  readonly #onChanges: (changes: Changes) => void;
  readonly #options: WatcherOptions;
  /** By folder; those of git begin with a NUL. */
  readonly #watches = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #isAll = false;
  /** When the first of the gathered changes came, and when the last were reported. */
  #firstAt = 0;
  #reportedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #isShort = false;
  #isClosed = false;

  /** @param onChanges gets paths relative to the root; never called after `close`. */
  constructor(root: string, onChanges: (changes: Changes) => void, options: WatcherOptions = {}) {
    this.#root = root;
    this.#onChanges = onChanges;
    this.#options = options;
    watchHead(
      root,
      () => this.#everything(),
      (watcher) => this.#watches.set(`\0${this.#watches.size}`, watcher),
    );
  }

  /** Watches exactly the directories of these files from now on. */
  follow(paths: readonly string[]): void {
    this.#isShort = false;
    if ((this.#options.platform ?? process.platform) === 'linux') {
      const wanted = foldersOf(paths);
      for (const folder of this.#watches.keys())
        if (!folder.startsWith('\0') && !wanted.has(folder)) this.#drop(folder);
      for (const folder of wanted) this.#add(folder, false, this.#onEntry);
    } else this.#add('.', true, this.#hear);
    if (this.#isShort) this.#pollNext();
    else clearTimeout(this.#poll);
  }

  watched(): number {
    return this.#watches.size;
  }

  /** Some directories could not be watched: changes are seen late. */
  isPolling(): boolean {
    return this.#isShort;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#poll);
    for (const watcher of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  #report(): void {
    this.#timer = undefined;
    const changes = this.#isAll || this.#changed.size > MOST_PATHS ? 'all' : [...this.#changed];
    this.#changed.clear();
    this.#isAll = false;
    this.#reportedAt = performance.now();
    this.#onChanges(changes);
  }

  #reportSoon(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#timer === undefined) this.#firstAt = now;
    else clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(QUIET_MS, this.#firstAt + LONGEST_MS - now));
    this.#timer = setTimeout(() => this.#report(), wait);
  }

  #everything(): void {
    this.#isAll = true;
    this.#reportSoon();
  }

  #pollNext(): void {
    clearTimeout(this.#poll);
    const { pollMs = POLL_MS } = this.#options;
    const took = this.#reportedAt === 0 ? 0 : performance.now() - this.#reportedAt;
    this.#poll = setTimeout(() => this.#everything(), Math.max(pollMs, took / POLL_PART));
    this.#poll.unref();
  }

  readonly #hear: OnEvent = (name) => {
    if (name.split('/').some((part) => NEVER.has(part))) return;
    if (RULES.has(path.basename(name))) this.#isAll = true;
    // Beyond these only their number counts.
    else if (this.#changed.size <= MOST_PATHS) this.#changed.add(name);
    this.#reportSoon();
  };

  /** Where each directory has a watch of its own: a new one gets one too. */
  readonly #onEntry: OnEvent = (name, event) => {
    this.#hear(name, event);
    if (event !== 'rename' || NEVER.has(path.basename(name))) return;
    const entries = directory(this.#root, name);
    if (entries === undefined) return this.#dropTree(name);
    // Files may have come before the watch: all of it is looked at.
    for (const [folder, files] of walk(this.#root, name, entries)) {
      this.#add(folder, false, this.#onEntry);
      for (const file of files) this.#hear(file, event);
    }
  };

  #add(folder: string, recursive: boolean, onEvent: OnEvent): void {
    if (this.#watches.has(folder) || this.#isClosed) return;
    const { watch = watchFolder } = this.#options;
    try {
      const place = path.join(this.#root, folder);
      const watcher = watch(place, { recursive, persistent: true }, (event, name) => {
        if (name === null) this.#everything();
        else onEvent(path.posix.join(folder, name.replaceAll(path.sep, '/')), event);
      });
      watcher.on('error', () => this.#drop(folder));
      this.#watches.set(folder, watcher);
    } catch (error) {
      // No more watches for this user, or no more open files; any other trouble means that the directory is gone.
      if (/ENOSPC|EMFILE|ENFILE/.test(errorCode(error) ?? '')) this.#isShort = true;
    }
  }

  #drop(folder: string): void {
    this.#watches.get(folder)?.close();
    this.#watches.delete(folder);
  }

  #dropTree(folder: string): void {
    // What is in a directory is watched only if it is watched itself.
    if (!this.#watches.has(folder)) return;
    for (const known of this.#watches.keys()) {
      if (known !== folder && !known.startsWith(`${folder}/`)) continue;
      this.#drop(known);
      this.#everything();
    }
  }
}

/** The directories of these files, and the root. */
function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set(['.']);
  for (const name of paths)
    for (let folder = path.posix.dirname(name); !folders.has(folder); folder = path.posix.dirname(folder))
      folders.add(folder);
  return folders;
}

/** A checkout, a commit, a merge: git writes a file beside HEAD, or HEAD itself. */
function watchHead(root: string, onChange: () => void, keep: (watcher: FSWatcher) => void): void {
  const folders = gitFolders(root);
  if (folders === undefined) return;
  try {
    const watcher = watchFolder(folders.gitDir, (_, name) => {
      if (name === null || /^(?:HEAD|ORIG_HEAD|COMMIT_EDITMSG)$/.test(name)) onChange();
    });
    watcher.on('error', () => watcher.close());
    keep(watcher);
  } catch {
    // Without it the changed files themselves are still noticed.
  }
}

/** The entries of a directory; undefined for anything else, and for a link. */
function directory(root: string, name: string): Dirent[] | undefined {
  try {
    const folder = path.join(root, name);
    return lstatSync(folder).isDirectory() ? readdirSync(folder, { withFileTypes: true }) : undefined;
  } catch {
    return undefined;
  }
}

/** Each directory below, with its files. */
function* walk(root: string, top: string, entries: readonly Dirent[]): Generator<[string, string[]]> {
  const queue: [string, readonly Dirent[]][] = [[top, entries]];
  for (let at = 0; at < queue.length && at < MOST_NEW; at += 1) {
    const [folder, inside] = queue[at] ?? ['', []];
    const files: string[] = [];
    for (const entry of inside) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isFile()) files.push(name);
      else if (entry.isDirectory() && !NEVER.has(entry.name)) queue.push([name, directory(root, name) ?? []]);
    }
    yield [folder, files];
  }
}
