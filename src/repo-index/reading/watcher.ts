/**
 * Hears that files of a folder have changed.
 *
 * Owns: one watch a directory on Linux, where the system's recursive watch takes one a file; one recursive watch elsewhere.
 * Invariants: what is told are hints, gathered until it is quiet (`QUIET_MS`) or too long (`LONGEST_MS`): paths to look at, or `all`
 * when that is cheaper than the list, or when git's HEAD or the rules of what is ignored have changed; while no more watches can be had,
 * `all` is told every five seconds, less often where it takes long; nothing runs while nothing happens. Does not: look at files, except to find new directories.
 */
import { type Dirent, type FSWatcher, lstatSync, readdirSync, watch as watchFolder } from 'node:fs';
import path from 'node:path';
import { gitFolders } from '../../safety/git-repository.ts';
import { IGNORE_FILE } from './files.ts';

const QUIET_MS = 120;
const LONGEST_MS = 1_000;
const MOST_PATHS = 200;
const POLL_MS = 5_000;
/** Listing all takes at most this part of the time. */
const POLL_PART = 0.02;
/** Directories that are new at once: behind these the listing tells what is in them. */
const MOST_NEW = 2_000;
const NEVER = new Set(['.git', 'node_modules', '.hg', '.svn', '__pycache__', '.venv']);
const RULES = new Set(['.gitignore', '.ignore', '.rgignore', IGNORE_FILE]);

export type Changes = 'all' | readonly string[];

export interface Watcher {
  /** Watches exactly the directories of these files from now on. */
  readonly follow: (paths: readonly string[]) => void;
  readonly watched: () => number;
  /** Some directories could not be watched: changes are seen late. */
  readonly isPolling: () => boolean;
  readonly close: () => void;
}

export interface WatcherOptions {
  readonly platform?: NodeJS.Platform;
  /** The system's own. */
  readonly watch?: typeof watchFolder;
  /** Milliseconds between two looks at all, where watches are missing. */
  readonly pollMs?: number;
}

/** @param onChanges gets paths relative to the root; never called after `close`. */
export function createWatcher(
  root: string,
  onChanges: (changes: Changes) => void,
  { platform = process.platform, watch = watchFolder, pollMs = POLL_MS }: WatcherOptions = {},
): Watcher {
  const watches = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let isAll = false;
  let firstAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;
  let toldAt = 0;
  let isShort = false;
  let isClosed = false;

  const tell = (): void => {
    timer = undefined;
    const changes = isAll || changed.size > MOST_PATHS ? 'all' : [...changed];
    changed.clear();
    isAll = false;
    toldAt = performance.now();
    onChanges(changes);
  };
  const later = (): void => {
    if (isClosed) return;
    const now = performance.now();
    if (timer === undefined) firstAt = now;
    else clearTimeout(timer);
    timer = setTimeout(tell, Math.max(0, Math.min(QUIET_MS, firstAt + LONGEST_MS - now)));
  };
  const everything = (): void => {
    isAll = true;
    later();
  };
  const hear = (name: string): void => {
    if (name.split('/').some((part) => NEVER.has(part))) return;
    if (RULES.has(path.basename(name))) isAll = true;
    // Behind these only their number counts.
    else if (changed.size <= MOST_PATHS) changed.add(name);
    later();
  };
  const pollNext = (): void => {
    clearTimeout(poll);
    const took = toldAt === 0 ? 0 : performance.now() - toldAt;
    poll = setTimeout(everything, Math.max(pollMs, took / POLL_PART));
    poll.unref();
  };
  const add = (folder: string, recursive: boolean, onEvent: (name: string, event: string) => void): void => {
    if (watches.has(folder) || isClosed) return;
    try {
      const watcher = watch(path.join(root, folder), { recursive, persistent: true }, (event, name) => {
        if (name === null) everything();
        else onEvent(path.posix.join(folder, name.replaceAll(path.sep, '/')), event);
      });
      watcher.on('error', () => drop(folder));
      watches.set(folder, watcher);
    } catch (error) {
      // No more watches for this user, or no more open files; any other trouble means that the directory is gone.
      if (error instanceof Error && 'code' in error && /ENOSPC|EMFILE|ENFILE/.test(String(error.code)))
        isShort = true;
    }
  };
  const drop = (folder: string): void => {
    watches.get(folder)?.close();
    watches.delete(folder);
  };
  const onEntry = (name: string, event: string): void => {
    hear(name);
    if (event !== 'rename' || NEVER.has(path.basename(name))) return;
    const entries = directory(root, name);
    if (entries === undefined) return dropTree(name);
    // Files may have come before the watch: all of it is looked at.
    for (const [folder, files] of walk(root, name, entries)) {
      add(folder, false, onEntry);
      for (const file of files) hear(file);
    }
  };
  const dropTree = (folder: string): void => {
    // What is in a directory is watched only if it is watched itself.
    if (!watches.has(folder)) return;
    for (const known of watches.keys()) {
      if (known !== folder && !known.startsWith(`${folder}/`)) continue;
      drop(known);
      everything();
    }
  };

  watchHead(root, everything, (watcher) => watches.set(`\0${watches.size}`, watcher));
  return {
    follow(paths) {
      isShort = false;
      if (platform === 'linux') {
        const wanted = foldersOf(paths);
        for (const folder of watches.keys())
          if (!folder.startsWith('\0') && !wanted.has(folder)) drop(folder);
        for (const folder of wanted) add(folder, false, onEntry);
      } else add('.', true, hear);
      if (isShort) pollNext();
      else clearTimeout(poll);
    },
    watched: () => watches.size,
    isPolling: () => isShort,
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(poll);
      for (const watcher of watches.values()) watcher.close();
      watches.clear();
    },
  };
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
    // Without it the changed files themselves are still heard.
  }
}

/** The entries of a directory; undefined for what is none, or is a link. */
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
