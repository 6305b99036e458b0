/**
 * The index of a repository as a single task uses it: what is in it is searched, by words, on the task's own thread. Nothing is
 * brought up to date, so neither a thread nor parsers are loaded. What has changed since is cut again when it is found; what is new
 * is not.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { IndexQueries, indexFolder, type QueriesOptions, type QueryOptions } from './queries.ts';
import type { ChangesSince } from './reading/changes.ts';
import { Syntax } from './reading/syntax.ts';
import { type SearchHit, search } from './search/search.ts';
import { INDEX_FILE, openStore, type Store } from './store/store.ts';

export class IndexReader extends IndexQueries {
  readonly #folder: string;
  readonly #syntax = new Syntax();
  #store: Store | undefined;

  /** @param home oagent's own folder. @throws Error if `cwd` does not exist. */
  constructor({ home, ...options }: QueriesOptions & { readonly home: string }) {
    super(options);
    this.#folder = indexFolder(home, this.root);
  }

  /** Opens what is there. Once; never throws. */
  start(): void {
    if (this.#store !== undefined || !existsSync(path.join(this.#folder, INDEX_FILE))) return;
    try {
      this.#store = openStore(this.#folder);
    } catch {
      // The task goes on without.
    }
  }

  /** There are vectors, which only the thread of the index can compare. */
  hasVectors(): boolean {
    return this.#store?.sql('SELECT 1 FROM vectors LIMIT 1').get() !== undefined;
  }

  /** It finds what the thread of the index would find: all files have been read, and there are no vectors. */
  isEnough(): boolean {
    const counts = this.#store?.counts();
    return counts !== undefined && counts.files > 0 && counts.waiting === 0 && !this.hasVectors();
  }

  /** Undefined if git cannot say it. */
  async changesSince(): Promise<ChangesSince | undefined> {
    const store = this.#store;
    if (store === undefined) return undefined;
    const { changesSince } = await import('./reading/changes.ts');
    return changesSince(this.root, store).catch(() => undefined);
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  /** Begins the search for the code that the first message needs, while the caller does something else. */
  prepare(message: string): void {
    const counts = this.#store?.counts();
    if (counts !== undefined && counts.files > counts.waiting) this.prepareInjection(message);
  }

  protected async find(query: string, options: QueryOptions): Promise<readonly SearchHit[]> {
    const store = this.#store;
    if (store === undefined) return [];
    try {
      return await search({ root: this.root, store, syntax: this.#syntax }, query, options);
    } catch {
      options.signal?.throwIfAborted();
      return [];
    }
  }

  /** Until the first files are in it, nothing is. */
  protected isReady(): Promise<boolean> {
    const counts = this.#store?.counts();
    return Promise.resolve(counts !== undefined && counts.files > counts.waiting);
  }
}
