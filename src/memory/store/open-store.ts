/** Opens `memories.sqlite`. Several processes may have it open. */
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { Sqlite } from '../../system/sqlite.ts';
import { MEMORY_SCHEMA, MEMORY_VERSION } from './schema.ts';

const FILE = 'memories.sqlite';

/** @param home oagent's own folder. @throws an error of SQLite: the file is not replaced, since it cannot be made again. */
export function openMemoryStore(home: string): Sqlite {
  makeFolder(home);
  return new Sqlite(path.join(home, FILE), {
    busyMs: 5_000,
    // In this mode a commit survives the death of the process; a power cut can lose the last ones, whole.
    pragmas: 'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON',
    schema: { version: MEMORY_VERSION, sql: MEMORY_SCHEMA },
  });
}
