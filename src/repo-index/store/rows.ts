/** The tables of an index, and their rows as values. */
import type { Chunk, ChunkKind } from '../reading/chunker.ts';

/** Raised with every change of the schema, of the tokens or of how texts are cut. */
export const VERSION = 6;

/**
 * The full-text tables have no content, and a row is taken out with the words that it was put in with (`file_words`,
 * `commits.words`): with `contentless_delete` the totals that BM25 divides by keep what was deleted, so that the ranking of an index
 * changes with its age. The keywords of a batch are gathered in memory (`hashsize`, bytes) and merged less often: writing takes a quarter less time.
 * Ids of files are not reused: another process may still mean the file that had one.
 */
export const SCHEMA = `
CREATE TABLE files(id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, mtime REAL NOT NULL, size INTEGER NOT NULL, oid BLOB,
  read_at REAL NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 1);
CREATE INDEX files_waiting ON files(mtime DESC) WHERE waiting = 1;
CREATE TABLE chunks(id INTEGER PRIMARY KEY, key TEXT NOT NULL, file INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
  symbol TEXT NOT NULL, kind TEXT NOT NULL, sha BLOB NOT NULL);
CREATE INDEX chunks_file ON chunks(file, start);
CREATE INDEX chunks_key ON chunks(key);
CREATE TABLE cuts(id INTEGER PRIMARY KEY, oid BLOB NOT NULL, grammar TEXT NOT NULL, chunks TEXT NOT NULL, UNIQUE(oid, grammar));
CREATE TABLE file_words(file INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(path, symbol, body, content='', tokenize='ascii');
INSERT INTO words(words, rank) VALUES ('hashsize', 4000000), ('automerge', 8);
CREATE VIRTUAL TABLE word_counts USING fts5vocab(words, row);
CREATE TABLE commits(id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, words TEXT NOT NULL);
CREATE TABLE commit_files(commit_id INTEGER NOT NULL, path TEXT NOT NULL);
CREATE INDEX commit_files_commit ON commit_files(commit_id);
CREATE VIRTUAL TABLE commit_words USING fts5(subject, content='', tokenize='ascii');
CREATE TABLE vectors(model TEXT, sha BLOB, dim INT, data BLOB, PRIMARY KEY(model, sha));
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
`;

export interface FileRow {
  readonly id: number;
  readonly path: string;
  readonly mtime: number;
  readonly size: number;
  /** When it was last read, in milliseconds since 1970. */
  readonly readAt: number;
  /** It has to be read. */
  readonly isWaiting: boolean;
  /** Of the content that the index has; undefined before the first reading. */
  readonly oid: Uint8Array | undefined;
}

export interface ChunkRow extends Chunk {
  readonly id: number;
  /** Stays the same as long as path and text do: the id in a vector store. 24 hexadecimal digits. */
  readonly key: string;
  readonly path: string;
  /** SHA-1 of the lines, joined by line feeds. */
  readonly sha: Uint8Array;
}

/** What is stored for one chunk. */
export interface ChunkEntry extends Chunk {
  readonly key: string;
  readonly sha: Uint8Array;
  /** Tokens joined by blanks. */
  readonly pathWords: string;
  readonly symbolWords: string;
  /** Made when it is asked for: what the index has already is not cut into words again. */
  readonly words: string;
}

type Row = Readonly<Record<string, unknown>>;

/** A row of FILE_COLUMNS. */
export function fileRow(row: Row): FileRow {
  const { id, path, mtime, size, readAt, isWaiting, oid } = row;
  return {
    id: Number(id),
    path: String(path),
    mtime: Number(mtime),
    size: Number(size),
    readAt: Number(readAt),
    isWaiting: isWaiting === 1,
    oid: oid instanceof Uint8Array ? oid : undefined,
  };
}

/** The columns of `chunkRow`, for a query that names `chunks c` and `files f`. */
export const CHUNK_COLUMNS = 'c.id, c.key, f.path, c.start, c."end", c.symbol, c.kind, c.sha';

/** A row of CHUNK_COLUMNS with its types. */
export function chunkRow(row: Row): ChunkRow {
  const bytes = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());
  return {
    id: Number(row.id),
    key: String(row.key),
    path: String(row.path),
    start: Number(row.start),
    end: Number(row.end),
    symbol: String(row.symbol),
    kind: kindOf(row.kind),
    sha: bytes(row.sha),
  };
}

export function kindOf(value: unknown): ChunkKind {
  return value === 'code' || value === 'prose' ? value : 'text';
}
