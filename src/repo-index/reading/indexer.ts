/**
 * Brings the index up to what is on the disk.
 *
 * Owns: what has to be read again (time or size differ, or the file was written in the moment it was read), in which order
 * (newest edit first), how long the thread is held (`SLICE_MS`). Invariants: after `reconcile` without an error the index
 * holds exactly the files of the listing; what was done survives a crash at any moment, and the rest is done the next time; a
 * content that did not change keeps its chunks. It does not listen for changes (watcher.ts).
 */
import { cutOf } from '../store/cuts.ts';
import type { FileRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { isIndexable } from './file-kinds.ts';
import { type FileFacts, isDirectory, listFiles, look } from './files.ts';
import { entriesOf, readSource } from './read-file.ts';
import type { Syntax } from './syntax.ts';

/** Milliseconds of work before the thread is yielded. */
const SLICE_MS = 12;
/** Milliseconds after which what was read is written. */
const BATCH_MS = 400;
/** Files that are marked as waiting, and files that are forgotten, in one transaction. */
const NOTED = 2_000;
const FORGOTTEN = 200;
/** A file whose time is this near to the moment of reading may have been written again without a new time. */
const RACY_MS = 2_000;

export interface Progress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface IndexerOptions {
  readonly root: string;
  readonly store: Store;
  readonly syntax: Syntax;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Before the files are looked at: what changes from now on has to be noticed. */
  readonly onListed?: (paths: readonly string[]) => void;
}

/** Calls must not overlap. All throw when the signal is aborted. */
export class Indexer {
  readonly #options: IndexerOptions;
  /** Since when the thread has been held. */
  #heldSince = performance.now();

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Lists the folder and reads what is new. @returns the number of files whose names are not UTF-8. */
  async reconcile(): Promise<number> {
    const { root, store, signal, onListed } = this.#options;
    const { paths, unnamable } = await listFiles(root, signal);
    onListed?.(paths.filter((path) => isIndexable(path, 1)));
    const known = new Map(store.files().map((file) => [file.path, file]));
    await this.#note(paths, known);
    await this.#forget([...known.values()]);
    await this.#readWaiting();
    return unnamable;
  }

  /** Looks at these files alone, and at what is in them if they are folders. @returns files that do not belong to the index. */
  async update(paths: readonly string[]): Promise<string[]> {
    const { root, store, signal } = this.#options;
    const removed = new Map<number, FileRow>();
    const found: string[] = [];
    const news: string[] = [];
    for (const path of paths) {
      const file = store.file(path);
      // Where a file is now, a folder may have been.
      for (const inner of store.inside(path))
        if (look(root, inner.path) === undefined) removed.set(inner.id, inner);
      if (look(root, path) === undefined) {
        if (file !== undefined) removed.set(file.id, file);
        if (isDirectory(root, path)) news.push(path);
      } else (file === undefined ? news : found).push(path);
      await this.#breathe();
    }
    // Only git or ripgrep know whether a new file is ignored.
    const listed = news.length > 0 ? (await listFiles(root, signal, news)).paths : [];
    await this.#note([...found, ...listed]);
    await this.#forget([...removed.values()]);
    await this.#readWaiting();
    const wanted = new Set(listed);
    return news.filter((path) => !wanted.has(path) && !isDirectory(root, path));
  }

  /** Marks those that exist and have changed as waiting. `known`: rows by path, from which those that exist are removed. */
  async #note(paths: readonly string[], known?: Map<string, FileRow>): Promise<void> {
    const { root, store } = this.#options;
    let changed: (FileFacts & { readonly path: string })[] = [];
    const write = (): void => {
      store.transaction(() => {
        for (const { path, mtime, size } of changed) store.markWaiting(path, mtime, size);
      });
      changed = [];
    };
    for (const path of paths) {
      const facts = look(root, path);
      await this.#breathe();
      if (facts === undefined) continue;
      const file = known === undefined ? store.file(path) : known.get(path);
      known?.delete(path);
      if (file === undefined || isStale(file, facts)) changed.push({ path, ...facts });
      if (changed.length === NOTED) write();
    }
    write();
  }

  async #forget(files: readonly FileRow[]): Promise<void> {
    const { store } = this.#options;
    for (let at = 0; at < files.length; at += FORGOTTEN) {
      const part = files.slice(at, at + FORGOTTEN);
      store.transaction(() => {
        for (const { id } of part) store.remove(id);
      });
      await this.#breathe();
    }
  }

  async #readWaiting(): Promise<void> {
    const { store, signal, onProgress } = this.#options;
    const started = performance.now();
    const filesTotal = store.counts().waiting;
    let [read, bytes] = [0, 0];
    const report = (): void =>
      onProgress?.({
        filesDone: read,
        // Another process may have marked more files as waiting.
        filesTotal: Math.max(filesTotal, read),
        bytes,
        elapsedMs: performance.now() - started,
      });
    if (filesTotal > 0) report();
    for (let files = store.waiting(500); files.length > 0; files = store.waiting(500)) {
      let batch: (() => void)[] = [];
      let since = performance.now();
      const write = (): void => {
        const work = batch;
        batch = [];
        since = performance.now();
        store.transaction(() => {
          for (const step of work) step();
        });
        report();
      };
      for (const file of files) {
        const { write: step, bytes: taken } = await this.#read(file);
        batch.push(step);
        bytes += taken;
        read += 1;
        if (performance.now() - since > BATCH_MS) write();
        await this.#breathe();
      }
      write();
      signal.throwIfAborted();
    }
  }

  /** What has to be written for a file, and the bytes that were cut into chunks for it. */
  async #read(file: FileRow): Promise<{ readonly write: () => void; readonly bytes: number }> {
    const { root, store, syntax } = this.#options;
    const readAt = Date.now();
    const source = readSource(root, file.path);
    if (source === undefined) return { write: () => store.remove(file.id), bytes: 0 };
    const { mtime, size, oid, lines } = source;
    if (file.oid !== undefined && Buffer.compare(file.oid, oid) === 0)
      return { write: () => store.touch(file.id, mtime, size, readAt), bytes: 0 };
    const entries = await entriesOf(file.path, lines, syntax, cutOf(store.db, file.path, oid));
    const known = store.keysOf(file.id);
    // Not while others wait for the transaction.
    for (const entry of entries) if (!known.has(entry.key)) void entry.words;
    return { write: () => store.replace({ ...file, mtime, size }, oid, readAt, entries), bytes: size };
  }

  /** Yields the thread when it was held for a slice. @throws the signal's reason. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#heldSince < SLICE_MS) return;
    await new Promise(setImmediate);
    this.#options.signal.throwIfAborted();
    this.#heldSince = performance.now();
  }
}

function isStale(file: FileRow, { mtime, size }: FileFacts): boolean {
  return file.isWaiting || file.mtime !== mtime || file.size !== size || file.readAt - mtime < RACY_MS;
}
