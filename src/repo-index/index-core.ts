/**
 * An index at work: it follows one folder, and answers.
 *
 * Owns: when what is done: one update at a time, changes that come meanwhile are gathered for the next; what happens to an index file
 * that is damaged (made anew) or cannot be written (kept in memory, and said). Invariants: a search never waits for an update; after
 * `close` nothing is called any more. Does not: know of threads. Use in a worker: calls of SQLite block.
 */

import { errorMessage } from '../text/error-message.ts';
import { updateCommits } from './commits.ts';
import { createIndexer, type Progress } from './indexer.ts';
import { type SearchHit, type SearchOptions, search } from './search.ts';
import { deleteStore, isDamage, openStore, openTemporaryStore, type Store } from './store.ts';
import { createSyntax } from './syntax.ts';
import { type Changes, createWatcher, type Watcher } from './watcher.ts';

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
  /** Before a damaged store is closed and another one takes its place. */
  readonly beforeReplaced?: () => Promise<void>;
}

export interface IndexCore {
  readonly store: () => Store;
  /** Brings the index up to date; resolves when that is done. @throws Error if the folder cannot be listed. */
  readonly update: (changes: Changes) => Promise<void>;
  readonly search: (query: string, options?: SearchOptions) => Promise<SearchHit[]>;
  readonly status: () => IndexStatus;
  readonly close: () => Promise<void>;
}

/** Paths of ignored files that are kept in mind. */
const MOST_FOREIGN = 10_000;
const NO_WATCHES =
  'changes are seen with a delay, because the system has no more watches for folders (fs.inotify.max_user_watches)';

function withProblem(problem: string | undefined): Pick<IndexStatus, 'problem'> {
  return problem === undefined ? {} : { problem };
}

export function createIndexCore(options: CoreOptions): IndexCore {
  const { root, folder } = options;
  const stop = new AbortController();
  const syntax = createSyntax();
  let { store, problem } = opened(folder);
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
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
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
  const rounds = async (): Promise<void> => {
    while (waiting === 'all' || waiting.size > 0) {
      const changes = waiting === 'all' ? 'all' : [...waiting];
      waiting = new Set();
      state = 'indexing';
      try {
        await once(changes);
      } catch (error) {
        stop.signal.throwIfAborted();
        if (isDamage(error)) {
          await options.beforeReplaced?.();
          ({ store, problem } = rebuilt(store, folder));
        } else {
          state = 'failed';
          problem = errorMessage(error);
          options.onSettled?.();
          throw error;
        }
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
    search: (query, searchOptions) => search({ root, store, syntax }, query, searchOptions),
    status: () => ({
      state,
      ...store.counts(),
      unnamable,
      ...withProblem(problem ?? (watcher?.isPolling() ? NO_WATCHES : undefined)),
    }),
    async close() {
      stop.abort();
      watcher?.close();
      await running?.catch(() => undefined);
      store.close();
    },
  };
}

interface Opened {
  readonly store: Store;
  readonly problem: string | undefined;
}

function opened(folder: string): Opened {
  try {
    return { store: openStore(folder), problem: undefined };
  } catch (error) {
    const problem = `the index is kept in memory only, because ${folder} cannot be used: ${errorMessage(error)}`;
    return { store: openTemporaryStore(), problem };
  }
}

function rebuilt(store: Store, folder: string): Opened {
  store.close();
  deleteStore(folder);
  return opened(folder);
}
