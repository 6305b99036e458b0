/**
 * Deletes the index of a repository, even while other oagents have it open.
 *
 * Invariants: a file that a process has open is emptied, not deleted: SQLite deletes its log by name, so that closing a deleted
 * file would hit the next one. A process that has it open finds every file waiting to be read. A Chroma server is not ended:
 * nobody holds it once nobody has the file open.
 */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isBusy, isDamage, Sqlite } from '../system/sqlite.ts';
import { INDEX_FILE } from './store/store.ts';
import { DELETING } from './vectors/vector-db.ts';

/** Rows of `files` stay, because a process that is reading a file right now knows its id. */
const EMPTY = `
BEGIN IMMEDIATE;
INSERT INTO words(words) VALUES ('delete-all'); DELETE FROM file_words; DELETE FROM chunks;
INSERT INTO commit_words(commit_words) VALUES ('delete-all'); DELETE FROM commit_files; DELETE FROM commits; DELETE FROM meta;
UPDATE files SET waiting = 1, oid = NULL, read_at = 0;
DELETE FROM vectors;
COMMIT;
`;
/** Chroma is owed the deletion of all; processes that hold vectors in memory read the list again. */
const EMPTY_LIST = `
BEGIN IMMEDIATE;
UPDATE vector_ids SET state = ${DELETING};
UPDATE vector_state SET value = CAST(value AS INT) + 1 WHERE name LIKE 'generation %';
COMMIT;
`;

/** @throws Error if the folder cannot be written. */
export function clearIndex(folder: string): 'deleted' | 'emptied' {
  const file = path.join(folder, INDEX_FILE);
  if (existsSync(file) && emptyIfOpen(file)) return 'emptied';
  // A server whose last user has just ended may still write for a moment.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return 'deleted';
}

/** @returns false: nobody else has it open, or it cannot be read. */
function emptyIfOpen(file: string): boolean {
  // Whether others have it open is known at once.
  const db = new Sqlite(file, { busyMs: 0 });
  try {
    if (!isOpenElsewhere(db)) return false;
    db.exec('PRAGMA busy_timeout = 10000');
    db.exec(EMPTY);
    if (db.sql("SELECT 1 FROM sqlite_schema WHERE name = 'vector_ids'").get()) db.exec(EMPTY_LIST);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  } finally {
    db.close();
  }
}

/** Only a process that is alone with a file can remove its log. */
function isOpenElsewhere(db: Sqlite): boolean {
  try {
    db.exec('PRAGMA journal_mode = DELETE');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
}
