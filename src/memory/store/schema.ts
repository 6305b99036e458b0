/**
 * The tables of `memories.sqlite`. They are the truth: all files of the folder but the user's notes are made from them.
 *
 * Times are milliseconds of the epoch, folders absolute paths.
 */

/** Raised with a migration, never by starting again: what a model has written cannot be made again. */
export const MEMORY_VERSION = 1;

/** By version: the statements that make the next one of it. */
export const MEMORY_UPGRADES: Readonly<Record<number, string>> = {};

export const MEMORY_SCHEMA = `
  -- The sessions that exist, as the catalog lists them; a claim chooses among them.
  CREATE TABLE threads (
    id TEXT PRIMARY KEY, rollout TEXT NOT NULL, cwd TEXT NOT NULL, branch TEXT, source TEXT NOT NULL,
    updated INTEGER NOT NULL,
    -- 0: no memory is made of it (incognito, or switched off in its folder).
    is_remembered INTEGER NOT NULL DEFAULT 1,
    is_trusted INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;

  -- What was taken from a session. Empty texts: there was nothing worth keeping, and it is not asked again.
  CREATE TABLE records (
    thread TEXT PRIMARY KEY, source_updated INTEGER NOT NULL, cwd TEXT NOT NULL, branch TEXT, rollout TEXT NOT NULL,
    is_trusted INTEGER NOT NULL, slug TEXT NOT NULL, summary TEXT NOT NULL, raw TEXT NOT NULL, model TEXT NOT NULL,
    generated INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, last_used INTEGER
  ) WITHOUT ROWID;

  -- The records that the handbook contains. mark: what the record said when it was merged.
  CREATE TABLE merged (thread TEXT PRIMARY KEY, mark TEXT NOT NULL) WITHOUT ROWID;

  -- The lines of the handbook. threads: JSON array of ids, oldest first.
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, project TEXT NOT NULL,
    is_trusted INTEGER NOT NULL, weight INTEGER NOT NULL, threads TEXT NOT NULL, dated INTEGER NOT NULL,
    replaced_by INTEGER REFERENCES entries(id)
  );

  -- What the user wants forgotten; it does not come back. kind thread: what is its id; kind text: what are the words of a line.
  CREATE TABLE forgotten (what TEXT PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

  -- Work that one process at a time does. kind extract: key is the thread; kind consolidate: key is all.
  CREATE TABLE jobs (
    kind TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL, token TEXT, lease_until INTEGER, retry_at INTEGER,
    retries_left INTEGER NOT NULL, input_mark TEXT NOT NULL, done_mark TEXT, error TEXT, PRIMARY KEY (kind, key)
  ) WITHOUT ROWID;

  -- Procedures as files below skills/: path relative to it.
  CREATE TABLE skills (path TEXT PRIMARY KEY, text TEXT NOT NULL, threads TEXT NOT NULL, dated INTEGER NOT NULL) WITHOUT ROWID;

  -- Settings of the store itself.
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** The model of a record that was taken over from an older folder: the user vouches for it. */
export const MIGRATED = 'migrated';

export interface ThreadRow {
  readonly id: string;
  readonly rollout: string;
  readonly cwd: string;
  readonly branch: string | null;
  readonly source: 'cli' | 'exec';
  readonly updated: number;
  readonly is_remembered: 0 | 1;
  readonly is_trusted: 0 | 1;
}

export interface RecordRow {
  readonly thread: string;
  readonly source_updated: number;
  readonly cwd: string;
  readonly branch: string | null;
  readonly rollout: string;
  readonly is_trusted: 0 | 1;
  readonly slug: string;
  readonly summary: string;
  readonly raw: string;
  readonly model: string;
  readonly generated: number;
  readonly used: number;
  readonly last_used: number | null;
}

/** preference: what the user wants; fact: how something is; procedure: how something is done; failure: what does not work. */
export type EntryKind = 'preference' | 'fact' | 'procedure' | 'failure';

export interface EntryRow {
  readonly id: number;
  readonly topic: string;
  readonly kind: EntryKind;
  /** One line. */
  readonly text: string;
  /** The root of the project that it is about; empty: all. */
  readonly project: string;
  readonly is_trusted: 0 | 1;
  /** 1 to 3: how much a session of another day gains by it. */
  readonly weight: 1 | 2 | 3;
  readonly threads: string;
  /** Of its newest source: when that session was last updated. */
  readonly dated: number;
  /** The newer entry that contradicts it; null: it holds. */
  readonly replaced_by: number | null;
}
