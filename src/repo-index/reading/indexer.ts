/**
 * Brings the index up to what is on the disk.
 *
 * Owns: what has to be read again (time or size differ, or the file was written in the moment it was read), in which order
 * (newest edit first), how long the thread is held (`SLICE_MS`). Invariants: after `reconcile` without an error the index
 * holds exactly the files of the listing; what was done survives a crash at any moment, and the rest is done the next time; a
 * content that did not change keeps its chunks. Does not: listen for changes (watcher.ts) or search.
 */

import type { FileRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { isIndexable } from './file-kinds.ts';
import { type FileFacts, isDirectory, listFiles, look } from './files.ts';
import { entriesOf, readSource } from './read-file.ts';
import type { Syntax } from './syntax.ts';

/** Milliseconds of work between two looks at what else waits for the thread. */
const SLICE_MS = 12;
/** Milliseconds after which what was read is written. */
const BATCH_MS = 400;
/** Files that are noted, and files that are forgotten, in one transaction. */
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
  /** Before they are looked at: what changes from now on has to be heard of. */
  readonly onListed?: (paths: readonly string[]) => void;
}

export interface Indexer {
  /** Lists the folder and reads what is new. @returns the number of files whose names are no UTF-8. */
  readonly reconcile: () => Promise<number>;
  /** Looks at these files alone, and at what is in them if they are folders. @returns files that do not belong into the index. */
  readonly update: (paths: readonly string[]) => Promise<string[]>;
}

/** Calls must not overlap. All throw when the signal is aborted. */
export function createIndexer(options: IndexerOptions): Indexer {
  const { root, store, signal } = options;
  const rest = createBreather(signal);
  const forget = async (files: readonly FileRow[]): Promise<void> => {
    for (let at = 0; at < files.length; at += FORGOTTEN) {
      const part = files.slice(at, at + FORGOTTEN);
      store.transaction(() => {
        for (const { id } of part) store.remove(id);
      });
      await rest();
    }
  };
  /** Lets those that are there and have changed wait to be read. `known`: rows by path, from which those that are there are taken. */
  const note = async (paths: readonly string[], known?: Map<string, FileRow>): Promise<void> => {
    let changed: (FileFacts & { readonly path: string })[] = [];
    const write = (): void => {
      store.transaction(() => {
        for (const { path, mtime, size } of changed) store.await(path, mtime, size);
      });
      changed = [];
    };
    for (const path of paths) {
      const facts = look(root, path);
      await rest();
      if (facts === undefined) continue;
      const file = known === undefined ? store.file(path) : known.get(path);
      known?.delete(path);
      if (file === undefined || isStale(file, facts)) changed.push({ path, ...facts });
      if (changed.length === NOTED) write();
    }
    write();
  };
  return {
    async reconcile() {
      const { paths, unnamable } = await listFiles(root, signal);
      options.onListed?.(paths.filter((path) => isIndexable(path, 1)));
      const known = new Map(store.files().map((file) => [file.path, file]));
      await note(paths, known);
      await forget([...known.values()]);
      await readWaiting(options, rest);
      return unnamable;
    },
    async update(paths) {
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
        await rest();
      }
      // Whether a new file is ignored only git or ripgrep know.
      const listed = news.length > 0 ? (await listFiles(root, signal, news)).paths : [];
      await note([...found, ...listed]);
      await forget([...removed.values()]);
      await readWaiting(options, rest);
      const wanted = new Set(listed);
      return news.filter((path) => !wanted.has(path) && !isDirectory(root, path));
    },
  };
}

function isStale(file: FileRow, { mtime, size }: FileFacts): boolean {
  return file.isWaiting || file.mtime !== mtime || file.size !== size || file.readAt - mtime < RACY_MS;
}

async function readWaiting(
  { root, store, syntax, signal, onProgress }: IndexerOptions,
  rest: () => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const filesTotal = store.counts().waiting;
  let [read, bytes] = [0, 0];
  const report = (): void =>
    onProgress?.({
      filesDone: read,
      // Another process may have let more files wait.
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
      const readAt = Date.now();
      const source = readSource(root, file.path);
      if (source === undefined) batch.push(() => store.remove(file.id));
      else if (file.oid !== undefined && Buffer.compare(file.oid, source.oid) === 0)
        batch.push(() => store.touch(file.id, source.mtime, source.size, readAt));
      else {
        const entries = await entriesOf(file.path, source.lines, syntax);
        const { mtime, size, oid } = source;
        batch.push(() => store.replace({ ...file, mtime, size }, oid, readAt, entries));
        bytes += size;
      }
      read += 1;
      if (performance.now() - since > BATCH_MS) write();
      await rest();
    }
    write();
    signal.throwIfAborted();
  }
}

/** Lets others have the thread when it was held for a slice; throws when the work is to end. */
function createBreather(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise(setImmediate);
    signal.throwIfAborted();
    since = performance.now();
  };
}
