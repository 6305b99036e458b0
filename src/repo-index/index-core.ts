/**
 * An index at work: it follows one folder, and answers.
 *
 * Owns: when what is done: one update at a time, changes that come meanwhile are gathered for the next; what happens to an index file
 * that is damaged (made anew), was deleted by somebody else (left for the one in its place) or cannot be written (kept in memory, and
 * said). Invariants: a search never waits for an update; after a failure all is looked at again; after `close` nothing is called any
 * more. Does not: know of threads. Use in a worker: calls of SQLite block.
 */

import { statSync } from 'node:fs';
import path from 'node:path';
import { isDamage } from '../system/sqlite.ts';
import { errorMessage } from '../text/error-message.ts';
import { updateCommits } from './reading/commits.ts';
import { TooManyFiles } from './reading/files.ts';
import { createIndexer, type Progress } from './reading/indexer.ts';
import { createSyntax } from './reading/syntax.ts';
import { type Changes, createWatcher, type Watcher } from './reading/watcher.ts';
import { type SearchHit, type SearchOptions, search } from './search/search.ts';
import { deleteStore, INDEX_FILE, openStore, openTemporaryStore, type Store } from './store/store.ts';

export interface IndexStatus {
  /** `ready`: all that was known to have changed has been read. */
  readonly state: 'indexing' | 'ready' | 'failed';
  readonly files: number;
  readonly waiting: number;
  readonly chunks: number;
  readonly commits: number;
  /** Files whose names are no UTF-8 and cannot be indexed. */
  readonly unnamable: number;
  /** What is not as it should be, in a message. */
  readonly problem?: string;
}

export interface CoreOptions {
  readonly root: string;
  /** Where the index is kept. */
  readonly folder: string;
  /** Go on after the first update, and follow changes. */
  readonly watch: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** When nothing is left to be done, and after a failure. */
  readonly onSettled?: () => void;
  /** Before a store that cannot be used any more is closed and another one takes its place. */
  readonly beforeReplaced?: () => Promise<void>;
  /** After a failure all is tried again after this time, where changes are followed. Default 30 s. */
  readonly retryMs?: number;
}

const RETRY_MS = 30_000;

export interface IndexCore {
  readonly store: () => Store;
  /** Brings the index up to date; resolves when that is done. @throws Error if the folder cannot be listed. */
  readonly update: (changes: Changes) => Promise<void>;
  /** False: somebody has deleted the file, or there is another one in its place. The next update leaves it. */
  readonly isCurrent: () => boolean;
  /** The file was found damaged: it is made anew. */
  readonly renew: () => void;
  readonly search: (query: string, options?: SearchOptions) => Promise<SearchHit[]>;
  readonly status: () => IndexStatus;
  readonly close: () => Promise<void>;
}

/** Paths of ignored files that are kept in mind. */
const MOST_FOREIGN = 10_000;
const NO_WATCHES =
  'changes are seen with a delay, because the system has no more watches for folders (fs.inotify.max_user_watches)';

export function createIndexCore(options: CoreOptions): IndexCore {
  const { root, folder } = options;
  const stop = new AbortController();
  const syntax = createSyntax();
  let { store, inode, problem } = opened(folder, false);
  let isDamaged = false;
  /** Why the last update failed: what was under way then may not be known as waiting. */
  let failure: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  let state: IndexStatus['state'] = 'indexing';
  let unnamable = 0;
  let waiting: 'all' | Set<string> = new Set();
  let running: Promise<void> | undefined;
  let watcher: Watcher | undefined;
  /** Paths that were heard of and belong to no index: they are not asked after again until the rules change. */
  let foreign = new Set<string>();

  const once = async (changes: Changes): Promise<void> => {
    const indexer = createIndexer({
      root,
      store,
      syntax,
      signal: stop.signal,
      onProgress: options.onProgress,
      onListed: (paths) => follow(paths),
    });
    if (changes === 'all') {
      unnamable = await indexer.reconcile();
      foreign = new Set();
    } else {
      const ignored = await indexer.update(changes.filter((path) => !foreign.has(path)));
      if (foreign.size > MOST_FOREIGN) foreign = new Set();
      for (const path of ignored) foreign.add(path);
      // New folders are watched before it is known that they are ignored.
      if (ignored.length > 0) follow(store.files().map(({ path }) => path));
    }
    // Commits are of use, not of need: a repository whose log cannot be read is searched without.
    if (changes === 'all') await updateCommits(root, store, stop.signal).catch(() => undefined);
  };
  const follow = (paths: readonly string[]): void => {
    if (!options.watch) return;
    watcher ??= createWatcher(root, (changes) => void update(changes).catch(() => undefined));
    watcher.follow(paths);
  };
  /** Somebody has cleared it. */
  const wasEmptied = (): boolean =>
    store.sql('SELECT 1 FROM chunks LIMIT 1').get() === undefined &&
    store.sql('SELECT 1 FROM files WHERE waiting = 1 LIMIT 1').get() !== undefined;
  const isCurrent = (): boolean => inode === undefined || inode === inodeOf(folder);
  /** Another store in the place of one that cannot be used, or of one in memory if that is not needed any more. */
  const replace = async (): Promise<void> => {
    if (inode === undefined && !isDamaged && !isUsable(folder)) return;
    await options.beforeReplaced?.();
    stop.signal.throwIfAborted();
    store.close();
    ({ store, inode, problem } = opened(folder, isDamaged));
    isDamaged = false;
    waiting = 'all';
  };
  const failed = (error: unknown): void => {
    state = 'failed';
    failure = errorMessage(error);
    if (options.watch && !(error instanceof TooManyFiles)) {
      clearTimeout(retry);
      retry = setTimeout(() => update('all').catch(() => undefined), options.retryMs ?? RETRY_MS).unref();
    }
    options.onSettled?.();
  };
  const rounds = async (): Promise<void> => {
    while (waiting === 'all' || waiting.size > 0) {
      state = 'indexing';
      try {
        if (isDamaged || inode === undefined || !isCurrent()) await replace();
        const changes = waiting === 'all' || failure !== undefined ? 'all' : [...waiting];
        waiting = new Set();
        await once(changes);
        failure = undefined;
      } catch (error) {
        stop.signal.throwIfAborted();
        if (!isDamage(error)) {
          failed(error);
          throw error;
        }
        isDamaged = true;
        waiting = 'all';
      }
    }
    state = 'ready';
    options.onSettled?.();
  };
  const update = (changes: Changes): Promise<void> => {
    if (changes === 'all' || waiting === 'all') waiting = 'all';
    else for (const path of changes) waiting.add(path);
    running ??= rounds().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    store: () => store,
    update,
    isCurrent,
    renew() {
      isDamaged = true;
      update('all').catch(() => undefined);
    },
    search(query, searchOptions) {
      if (!isCurrent() || (state === 'ready' && wasEmptied())) update('all').catch(() => undefined);
      return search({ root, store, syntax }, query, searchOptions);
    },
    status: () => {
      const said = failure ?? problem ?? (watcher?.isPolling() ? NO_WATCHES : undefined);
      return { state, ...store.counts(), unnamable, problem: said };
    },
    async close() {
      stop.abort();
      clearTimeout(retry);
      watcher?.close();
      await running?.catch(() => undefined);
      store.close();
    },
  };
}

interface Opened {
  readonly store: Store;
  /** Of the file; undefined: it is in memory. */
  readonly inode: string | undefined;
  readonly problem: string | undefined;
}

/** @param isDamaged what is there is of no use. */
function opened(folder: string, isDamaged: boolean): Opened {
  try {
    if (isDamaged) deleteStore(folder);
    return { store: openStore(folder), inode: inodeOf(folder), problem: undefined };
  } catch (error) {
    const problem = `the index is kept in memory only, because ${folder} cannot be used: ${errorMessage(error)}`;
    return { store: openTemporaryStore(), inode: undefined, problem };
  }
}

/** What tells the file from another one in its place; empty where there is none. */
function inodeOf(folder: string): string {
  const stats = statSync(path.join(folder, INDEX_FILE), { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev} ${stats.ino}`;
}

/** Whether an index can be kept there. */
function isUsable(folder: string): boolean {
  try {
    openStore(folder).close();
    return true;
  } catch {
    return false;
  }
}
