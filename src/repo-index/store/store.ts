/**
 * The one SQLite file of an index: files, chunks, keywords, commits, and the cache of vectors.
 *
 * Owns: the schema, and what is written together. Invariants: a file's row, chunks and keywords change in one
 * transaction; a file that waits to be read keeps what is known of it; an index of another version, or one that SQLite cannot read,
 * is thrown away and begun anew, because all of it can be made again. Several processes may use one file (WAL).
 * Does not: read the repository, or rank. Use in a worker: all calls block.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { deleteSqlite, openSqlite, type Sqlite, type SqliteOptions } from '../../system/sqlite.ts';
import { type ChunkEntry, type FileRow, fileRow, SCHEMA, VERSION } from './rows.ts';

export const INDEX_FILE = 'index.db';

export interface CommitEntry {
  readonly hash: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly words: string;
  readonly files: readonly string[];
}

export interface Store {
  readonly db: Sqlite;
  /** A prepared statement, kept for the next time. */
  readonly sql: (text: string) => StatementSync;
  /** Runs `work` in a transaction; within another one it joins that one. */
  readonly transaction: <T>(work: () => T) => T;
  readonly files: () => FileRow[];
  readonly file: (path: string) => FileRow | undefined;
  /** The files in a folder. */
  readonly inside: (folder: string) => FileRow[];
  /** Notes that the file is there and has to be read. */
  readonly await: (path: string, mtime: number, size: number) => void;
  /** Notes that the content is what the index has, in spite of a new time. */
  readonly touch: (id: number, mtime: number, size: number, readAt: number) => void;
  /** Replaces what the index has of a file. */
  readonly replace: (file: FileRow, oid: Uint8Array, readAt: number, chunks: readonly ChunkEntry[]) => void;
  /** Forgets a file. */
  readonly remove: (id: number) => void;
  /** Files that wait to be read, newest first. */
  readonly waiting: (limit: number) => FileRow[];
  readonly counts: () => {
    readonly files: number;
    readonly waiting: number;
    readonly chunks: number;
    readonly commits: number;
  };
  readonly close: () => void;
}

/** Opens the index in a folder, which is made; what cannot be used is replaced. @throws Error if the folder cannot be written. */
export function openStore(folder: string): Store {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return createStore(openSqlite(path.join(folder, INDEX_FILE), OPTIONS));
}

/** An index that lives as long as the process: where the folder cannot be written. */
export function openTemporaryStore(): Store {
  return createStore(openSqlite(':memory:', OPTIONS));
}

/** Deletes the file of an index. A process that has it open keeps what is deleted. */
export function deleteStore(folder: string): void {
  deleteSqlite(path.join(folder, INDEX_FILE));
}

/** What an index takes on the disk, with what SQLite has not put into the file yet; 0: there is none. */
export function storeBytes(folder: string): number {
  const sizes = ['', '-wal'].map(
    (ending) => statSync(path.join(folder, INDEX_FILE + ending), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size);
}

/** 16 MB each: pages that are written again and again go to the disk once. */
const OPTIONS: SqliteOptions = {
  busyMs: 10_000,
  pragmas: `PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;
    PRAGMA wal_autocheckpoint=2000`,
  schema: { version: VERSION, sql: SCHEMA },
};

const FILE_COLUMNS = 'id, path, mtime, size, read_at AS readAt, waiting AS isWaiting, oid';

function createStore(db: Sqlite): Store {
  const sql = (text: string): StatementSync => db.sql(text);
  const transaction = <T>(work: () => T): T => db.transaction(work);
  const run = (text: string, ...values: SQLInputValue[]): void => {
    sql(text).run(...values);
  };
  const dropChunks = (file: number): void => {
    const rows = sql('SELECT id FROM chunks WHERE file = ?').all(file);
    for (const { id } of rows) run('DELETE FROM words WHERE rowid = ?', Number(id));
    run('DELETE FROM chunks WHERE file = ?', file);
  };
  return {
    db,
    sql,
    transaction,
    files: () => sql(`SELECT ${FILE_COLUMNS} FROM files`).all().map(fileRow),
    file: (path) => {
      const row = sql(`SELECT ${FILE_COLUMNS} FROM files WHERE path = ?`).get(path);
      return row === undefined ? undefined : fileRow(row);
    },
    inside: (folder) =>
      // '0' is what comes behind '/'.
      sql(`SELECT ${FILE_COLUMNS} FROM files WHERE path >= ? AND path < ?`)
        .all(`${folder}/`, `${folder}0`)
        .map(fileRow),
    await: (path, mtime, size) =>
      run(
        `INSERT INTO files(path, mtime, size) VALUES (?, ?, ?)
         ON CONFLICT(path) DO UPDATE SET mtime = excluded.mtime, size = excluded.size, waiting = 1`,
        path,
        mtime,
        size,
      ),
    touch: (id, mtime, size, readAt) =>
      run(
        'UPDATE files SET mtime = ?, size = ?, read_at = ?, waiting = 0 WHERE id = ?',
        mtime,
        size,
        readAt,
        id,
      ),
    replace: (file, oid, readAt, chunks) =>
      transaction(() => {
        const { changes } = sql(
          'UPDATE files SET mtime = ?, size = ?, oid = ?, read_at = ?, waiting = 0 WHERE id = ?',
        ).run(file.mtime, file.size, oid, readAt, file.id);
        // Another process has forgotten the file meanwhile.
        if (changes === 0) return;
        dropChunks(file.id);
        for (const { key, start, end, symbol, kind, sha, pathWords, symbolWords, words } of chunks) {
          const { lastInsertRowid } = sql(
            'INSERT INTO chunks(key, file, start, "end", symbol, kind, sha) VALUES (?, ?, ?, ?, ?, ?, ?)',
          ).run(key, file.id, start, end, symbol, kind, sha);
          run(
            'INSERT INTO words(rowid, path, symbol, body) VALUES (?, ?, ?, ?)',
            lastInsertRowid,
            pathWords,
            symbolWords,
            words,
          );
        }
      }),
    remove: (id) =>
      transaction(() => {
        dropChunks(id);
        run('DELETE FROM files WHERE id = ?', id);
      }),
    waiting: (limit) =>
      sql(`SELECT ${FILE_COLUMNS} FROM files WHERE waiting = 1 ORDER BY mtime DESC LIMIT ?`)
        .all(limit)
        .map(fileRow),
    counts: () => {
      const count = (table: string): number => Number(sql(`SELECT count(*) AS n FROM ${table}`).get()?.n);
      return {
        files: count('files'),
        waiting: count('files WHERE waiting = 1'),
        chunks: count('chunks'),
        commits: count('commits'),
      };
    },
    close: () => db.close(),
  };
}
