/**
 * An index at work: it follows one folder, and answers questions. Use it in a worker: calls of SQLite block.
 *
 * Invariants: one update at a time, and changes that come meanwhile are gathered for the next; a search never waits for an update;
 * after a failure everything is looked at again; after `close` nothing is called any more. An index file that is damaged is rebuilt;
 * one that somebody else has deleted is left for the one in its place; where none can be written, the index is kept in memory, and
 * the status says so.
 */

import { statSync } from 'node:fs';
import path from 'node:path';
import { GitRefused } from '../system/git.ts';
import { isDamage } from '../system/sqlite.ts';
import { errorMessage } from '../text/error-message.ts';
import { updateCommits } from './reading/commits.ts';
import { TooManyFiles } from './reading/files.ts';
import { Indexer, type Progress } from './reading/indexer.ts';
import { Syntax } from './reading/syntax.ts';
import { type Changes, Watcher } from './reading/watcher.ts';
import { type SearchHit, type SearchOptions, search } from './search/search.ts';
import { type Why, why } from './search/why.ts';
import { deleteStore, INDEX_FILE, openStore, openTemporaryStore, type Store } from './store/store.ts';

export interface IndexStatus {
  /** `ready`: all that was known to have changed has been read. */
  readonly state: 'indexing' | 'ready' | 'failed';
  readonly files: number;
  readonly waiting: number;
  readonly chunks: number;
  readonly commits: number;
  /** Files whose names are not UTF-8 and cannot be indexed. */
  readonly unnamable: number;
  /** What is wrong, in a message. */
  readonly problem?: string;
}

export interface CoreOptions {
  readonly root: string;
  /** Where the index is kept. */
  readonly folder: string;
  /** Follow changes after the first update. */
  readonly watch: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** When nothing is left to do, and after a failure. */
  readonly onSettled?: () => void;
  /** Before a store that cannot be used any more is closed and replaced. */
  readonly beforeReplaced?: () => Promise<void>;
  /** Where changes are followed, a failed update is tried again after this time. Default 30 s. */
  readonly retryMs?: number;
}

const RETRY_MS = 30_000;

/** Ignored paths that are remembered. */
const MOST_FOREIGN = 10_000;
const NO_WATCHES =
  'changes are seen with a delay, because the system has no more watches for folders (fs.inotify.max_user_watches)';

export class IndexCore {
  readonly #options: CoreOptions;
  readonly #stop = new AbortController();
  readonly #syntax = new Syntax();
  #opened: Opened;
  #isDamaged = false;
  /** Why the last update failed: what was under way then may not be marked as waiting. */
  #failure: string | undefined;
  /** Why there are no commits, if git refuses the repository. */
  #noHistory: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #state: IndexStatus['state'] = 'indexing';
  #unnamable = 0;
  #waiting: 'all' | Set<string> = new Set();
  #running: Promise<void> | undefined;
  #watcher: Watcher | undefined;
  /** Paths that changed and belong to no index: they are not looked up again until the rules change. */
  #foreign = new Set<string>();

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#opened = opened(options.folder, false);
  }

  store(): Store {
    return this.#opened.store;
  }

  /** Brings the index up to date; resolves when that is done. @throws Error if the folder cannot be listed. */
  update(changes: Changes): Promise<void> {
    if (changes === 'all' || this.#waiting === 'all') this.#waiting = 'all';
    else for (const path of changes) this.#waiting.add(path);
    this.#running ??= this.#rounds().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** False: somebody has deleted the file, or there is another one in its place. The next update opens that one. */
  isCurrent(): boolean {
    const { inode } = this.#opened;
    return inode === undefined || inode === inodeOf(this.#options.folder);
  }

  /** The file was found damaged: it is rebuilt. */
  renew(): void {
    this.#isDamaged = true;
    this.#updateSoon('all');
  }

  search(query: string, options?: SearchOptions): Promise<SearchHit[]> {
    if (!this.isCurrent() || (this.#state === 'ready' && this.#wasEmptied())) this.#updateSoon('all');
    return search({ root: this.#options.root, store: this.store(), syntax: this.#syntax }, query, options);
  }

  /** Why a file is where it is for a question, or is not found at all. */
  why(query: string, name: string, options?: SearchOptions): Promise<Why> {
    return why({ root: this.#options.root, store: this.store(), syntax: this.#syntax }, query, name, options);
  }

  status(): IndexStatus {
    const noWatches = this.#watcher?.isPolling() ? NO_WATCHES : undefined;
    const problem = this.#failure ?? this.#opened.problem ?? this.#noHistory ?? noWatches;
    return { state: this.#state, ...this.store().counts(), unnamable: this.#unnamable, problem };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#retry);
    this.#watcher?.close();
    await this.#running?.catch(() => undefined);
    this.store().close();
  }

  /** The status says if it fails. */
  #updateSoon(changes: Changes): void {
    this.update(changes).catch(() => undefined);
  }

  async #rounds(): Promise<void> {
    while (this.#waiting === 'all' || this.#waiting.size > 0) {
      this.#state = 'indexing';
      try {
        if (this.#isDamaged || this.#opened.inode === undefined || !this.isCurrent()) await this.#reopen();
        const changes = this.#waiting === 'all' || this.#failure !== undefined ? 'all' : [...this.#waiting];
        this.#waiting = new Set();
        await this.#round(changes);
        this.#failure = undefined;
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        if (!isDamage(error)) {
          this.#fail(error);
          throw error;
        }
        this.#isDamaged = true;
        this.#waiting = 'all';
      }
    }
    this.#state = 'ready';
    this.#options.onSettled?.();
  }

  async #round(changes: Changes): Promise<void> {
    const { root, onProgress } = this.#options;
    const { signal } = this.#stop;
    const store = this.store();
    const onListed = (paths: readonly string[]): void => this.#follow(paths);
    const indexer = new Indexer({ root, store, syntax: this.#syntax, signal, onProgress, onListed });
    if (changes === 'all') {
      this.#unnamable = await indexer.reconcile();
      this.#foreign = new Set();
      // Commit history is optional: if git log fails, search works without it.
      this.#noHistory = await updateCommits(root, store, signal).then(
        () => undefined,
        (error: unknown) => (error instanceof GitRefused ? `no history: ${error.message}` : undefined),
      );
      return;
    }
    const ignored = await indexer.update(changes.filter((path) => !this.#foreign.has(path)));
    if (this.#foreign.size > MOST_FOREIGN) this.#foreign = new Set();
    for (const path of ignored) this.#foreign.add(path);
    // New folders are watched before it is known that they are ignored.
    if (ignored.length > 0) this.#follow(store.files().map(({ path }) => path));
  }

  #follow(paths: readonly string[]): void {
    const { root, watch } = this.#options;
    if (!watch) return;
    this.#watcher ??= new Watcher(root, (changes) => this.#updateSoon(changes));
    this.#watcher.follow(paths);
  }

  /** Another store for one that cannot be used, or for one in memory as soon as the folder can be written. */
  async #reopen(): Promise<void> {
    const { folder, beforeReplaced } = this.#options;
    if (this.#opened.inode === undefined && !this.#isDamaged && !isUsable(folder)) return;
    await beforeReplaced?.();
    this.#stop.signal.throwIfAborted();
    this.store().close();
    this.#opened = opened(folder, this.#isDamaged);
    this.#isDamaged = false;
    this.#waiting = 'all';
  }

  /** By `oagent index clear`. */
  #wasEmptied(): boolean {
    const store = this.store();
    return (
      store.sql('SELECT 1 FROM chunks LIMIT 1').get() === undefined &&
      store.sql('SELECT 1 FROM files WHERE waiting = 1 LIMIT 1').get() !== undefined
    );
  }

  #fail(error: unknown): void {
    const { watch, retryMs = RETRY_MS, onSettled } = this.#options;
    this.#state = 'failed';
    this.#failure = errorMessage(error);
    if (watch && !(error instanceof TooManyFiles)) {
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#updateSoon('all'), retryMs).unref();
    }
    onSettled?.();
  }
}

interface Opened {
  readonly store: Store;
  /** Tells the file from another one in its place; undefined: it is in memory. */
  readonly inode: string | undefined;
  readonly problem: string | undefined;
}

/** @param isDamaged the file that is there cannot be used. */
function opened(folder: string, isDamaged: boolean): Opened {
  try {
    if (isDamaged) deleteStore(folder);
    return { store: openStore(folder), inode: inodeOf(folder), problem: undefined };
  } catch (error) {
    const problem = `the index is kept in memory only, because ${folder} cannot be used: ${errorMessage(error)}`;
    return { store: openTemporaryStore(), inode: undefined, problem };
  }
}

/** Empty where there is no file. */
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
