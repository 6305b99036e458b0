/**
 * The one SQLite file of an index: files, chunks, keywords, commits, and the cache of vectors. Use it in a worker: all calls block.
 *
 * Invariants: a file's row, chunks and keywords change in one transaction; a file that waits to be read keeps what is known of it; an
 * index of another version, or one that SQLite cannot read, is deleted and made again. Several processes may use one file (WAL).
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { makeFolder } from '../../config/make-folder.ts';
import { deleteSqlite, openSqlite, type Sqlite, type SqliteOptions } from '../../system/sqlite.ts';
import { keepCut } from './cuts.ts';
import { type ChunkEntry, type FileRow, fileRow, SCHEMA, VERSION } from './rows.ts';

export const INDEX_FILE = 'index.db';

export interface CommitEntry {
  readonly hash: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly words: string;
  readonly files: readonly string[];
}

/** 16 MB each: pages that are written again and again go to the disk once. */
const OPTIONS: SqliteOptions = {
  busyMs: 10_000,
  pragmas: `PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;
    PRAGMA wal_autocheckpoint=2000`,
  schema: { version: VERSION, sql: SCHEMA },
};

const FILE_COLUMNS = 'id, path, mtime, size, read_at AS readAt, waiting AS isWaiting, oid';

/** Opens the index in a folder, which is created; a file that cannot be used is replaced. @throws Error if the folder cannot be written. */
export function openStore(folder: string): Store {
  makeFolder(folder);
  return new Store(openSqlite(path.join(folder, INDEX_FILE), OPTIONS));
}

/** An index in memory, where the folder cannot be written. */
export function openTemporaryStore(): Store {
  return new Store(openSqlite(':memory:', OPTIONS));
}

/** Deletes the file of an index. A process that has it open keeps what is deleted. */
export function deleteStore(folder: string): void {
  deleteSqlite(path.join(folder, INDEX_FILE));
}

/** The size of an index on the disk, with what SQLite has not moved into the file yet; 0: there is none. */
export function storeBytes(folder: string): number {
  const sizes = ['', '-wal'].map(
    (ending) => statSync(path.join(folder, INDEX_FILE + ending), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size);
}

export interface StoreCounts {
  readonly files: number;
  readonly waiting: number;
  readonly chunks: number;
  readonly commits: number;
}

export class Store {
  readonly db: Sqlite;

  constructor(db: Sqlite) {
    this.db = db;
  }

  /** A prepared statement, kept for the next time. */
  sql(text: string): StatementSync {
    return this.db.sql(text);
  }

  /** Runs `work` in a transaction; within another one it joins that one. */
  transaction<T>(work: () => T): T {
    return this.db.transaction(work);
  }

  files(): FileRow[] {
    return this.sql(`SELECT ${FILE_COLUMNS} FROM files`).all().map(fileRow);
  }

  file(path: string): FileRow | undefined {
    const row = this.sql(`SELECT ${FILE_COLUMNS} FROM files WHERE path = ?`).get(path);
    return row === undefined ? undefined : fileRow(row);
  }

  /** The files in a folder. */
  inside(folder: string): FileRow[] {
    // '0' is the character after '/'.
    return this.sql(`SELECT ${FILE_COLUMNS} FROM files WHERE path >= ? AND path < ?`)
      .all(`${folder}/`, `${folder}0`)
      .map(fileRow);
  }

  /** Files that wait to be read, newest first. */
  waiting(limit: number): FileRow[] {
    return this.sql(`SELECT ${FILE_COLUMNS} FROM files WHERE waiting = 1 ORDER BY mtime DESC LIMIT ?`)
      .all(limit)
      .map(fileRow);
  }

  /** The file exists and has to be read. */
  markWaiting(path: string, mtime: number, size: number): void {
    this.sql(
      `INSERT INTO files(path, mtime, size) VALUES (?, ?, ?)
       ON CONFLICT(path) DO UPDATE SET mtime = excluded.mtime, size = excluded.size, waiting = 1`,
    ).run(path, mtime, size);
  }

  /** The content is the one that the index has, in spite of a new time. */
  touch(id: number, mtime: number, size: number, readAt: number): void {
    this.sql('UPDATE files SET mtime = ?, size = ?, read_at = ?, waiting = 0 WHERE id = ?').run(
      ...[mtime, size, readAt, id],
    );
  }

  /** Replaces what the index has of a file; a chunk that is still in it keeps its row and its keywords. */
  replace(file: FileRow, oid: Uint8Array, readAt: number, chunks: readonly ChunkEntry[]): void {
    this.transaction(() => {
      keepCut(this.db, file.id);
      const { changes } = this.sql(
        'UPDATE files SET mtime = ?, size = ?, oid = ?, read_at = ?, waiting = 0 WHERE id = ?',
      ).run(file.mtime, file.size, oid, readAt, file.id);
      // Another process has forgotten the file meanwhile.
      if (changes === 0) return;
      this.#exchange(file.id, chunks);
    });
  }

  /** The keys of a file's chunks. */
  keysOf(file: number): ReadonlySet<string> {
    return new Set(
      this.sql('SELECT key FROM chunks WHERE file = ?')
        .all(file)
        .map(({ key }) => String(key)),
    );
  }

  /** Forgets a file. */
  remove(id: number): void {
    this.transaction(() => {
      keepCut(this.db, id);
      this.#exchange(id, []);
      this.sql('DELETE FROM files WHERE id = ?').run(id);
    });
  }

  counts(): StoreCounts {
    return {
      files: this.#count('files'),
      waiting: this.#count('files WHERE waiting = 1'),
      chunks: this.#count('chunks'),
      commits: this.#count('commits'),
    };
  }

  close(): void {
    this.db.close();
  }

  /** A chunk is known by its key: what has the same key has the same words. */
  #exchange(file: number, chunks: readonly ChunkEntry[]): void {
    const before = this.#chunksOf(file);
    if (before.length === 0 && chunks.length === 0) return;
    const wanted = new Map(chunks.map((chunk) => [chunk.key, chunk]));
    const kept = before.filter((chunk) => wanted.has(chunk.key));
    for (const chunk of before) if (!wanted.has(chunk.key)) this.#dropChunk(chunk);
    for (const { id, key } of kept) {
      const chunk = wanted.get(key);
      if (chunk !== undefined) this.#moveChunk(id, chunk);
      wanted.delete(key);
    }
    // In the order of their ids: new ones are higher.
    const words = kept.map((chunk) => chunk.words);
    for (const chunk of wanted.values()) {
      this.#addChunk(file, chunk);
      words.push(columnsOf(chunk));
    }
    if (words.length === 0) this.sql('DELETE FROM file_words WHERE file = ?').run(file);
    else if (wanted.size > 0 || kept.length < before.length)
      this.sql('INSERT OR REPLACE INTO file_words(file, packed) VALUES (?, ?)').run(file, packed(words));
  }

  #chunksOf(file: number): readonly StoredChunk[] {
    const row = this.sql('SELECT packed FROM file_words WHERE file = ?').get(file);
    if (row === undefined) return [];
    const words = unpacked(row.packed);
    return this.sql('SELECT id, key FROM chunks WHERE file = ? ORDER BY id')
      .all(file)
      .map(({ id, key }, at) => ({
        id: Number(id),
        key: String(key),
        words: words[at] ?? ['', '', ''],
      }));
  }

  #addChunk(file: number, chunk: ChunkEntry): void {
    const { key, start, end, symbol, kind, sha } = chunk;
    const { lastInsertRowid } = this.sql(
      'INSERT INTO chunks(key, file, start, "end", symbol, kind, sha) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(key, file, start, end, symbol, kind, sha);
    this.sql('INSERT INTO words(rowid, path, symbol, body) VALUES (?, ?, ?, ?)').run(
      ...[lastInsertRowid, ...columnsOf(chunk)],
    );
  }

  #moveChunk(id: number, { start, end, kind }: ChunkEntry): void {
    this.sql('UPDATE chunks SET start = ?, "end" = ?, kind = ? WHERE id = ?').run(start, end, kind, id);
  }

  #dropChunk({ id, words }: StoredChunk): void {
    this.sql("INSERT INTO words(words, rowid, path, symbol, body) VALUES ('delete', ?, ?, ?, ?)").run(
      ...[id, ...words],
    );
    this.sql('DELETE FROM chunks WHERE id = ?').run(id);
  }

  #count(table: string): number {
    return Number(this.sql(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  }
}

/** What is in the columns of `words` for a chunk. */
type Columns = readonly [path: string, symbol: string, body: string];

interface StoredChunk {
  readonly id: number;
  readonly key: string;
  readonly words: Columns;
}

const columnsOf = ({
  pathWords,
  symbolWords,
  words,
}: Pick<ChunkEntry, 'pathWords' | 'symbolWords' | 'words'>): Columns => [pathWords, symbolWords, words];

/** Of the chunks of one file, in the order of their ids. */
function packed(words: readonly Columns[]): Uint8Array {
  return zlib().deflateRawSync(JSON.stringify(words), { level: 1 });
}

function unpacked(bytes: unknown): readonly Columns[] {
  return JSON.parse(
    zlib()
      .inflateRawSync(bytes as Uint8Array)
      .toString(),
  ) as readonly Columns[];
}

/** Loaded by what is written: a search needs none of it. */
function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
