/**
 * Opens `memories.sqlite`. Several processes may have it open.
 *
 * What a model has written cannot be made again: a damaged file is moved aside with the files that were made from it, and one of a
 * newer oagent is left alone.
 */
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { lockFile } from '../../system/process-lock.ts';
import { isDamage, OtherVersion, Sqlite } from '../../system/sqlite.ts';
import { errorMessage } from '../../text/error-message.ts';
import { generatedPlaces } from '../folder.ts';
import { MEMORY_SCHEMA, MEMORY_UPGRADES, MEMORY_VERSION } from './schema.ts';
import { putSetting, setting, takeSetting } from './settings.ts';

const FILE = 'memories.sqlite';

export const memoryFile = (home: string): string => path.join(home, FILE);

/**
 * @param home oagent's own folder, absolute.
 * @param say is told that a file was damaged, in a line for the user; absent: whoever opens it next and can say it is.
 * @throws an error of SQLite that names the file; Error that says what to do if a newer oagent has written it.
 */
export function openMemoryStore(home: string, say?: (line: string) => void): Sqlite {
  makeFolder(home);
  const file = memoryFile(home);
  const store = openOrReplace(home, file);
  const line = say && setting(store, DAMAGE) && takeSetting(store, DAMAGE);
  if (line !== undefined) say?.(line);
  return store;
}

function openOrReplace(home: string, file: string): Sqlite {
  try {
    return open(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return afterDamage(home, file);
  }
}

function open(file: string): Sqlite {
  let store: Sqlite | undefined;
  try {
    store = new Sqlite(file, {
      busyMs: 5_000,
      // What is forgotten or replaced does not stay in unused pages.
      // In this mode a commit survives the death of the process; a power cut can lose the last ones, whole.
      pragmas:
        'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON',
      schema: { version: MEMORY_VERSION, sql: MEMORY_SCHEMA, upgrades: MEMORY_UPGRADES },
    });
    // A damaged page would be noticed only by the statement that meets it.
    const found = store.sql('PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw Object.assign(new Error(String(found)), { errcode: SQLITE_CORRUPT });
    return store;
  } catch (error) {
    store?.close();
    if (!(error instanceof OtherVersion))
      throw Object.assign(error as Error, { message: `${file}: ${errorMessage(error)}${cureOf(error)}` });
    throw new Error(
      `a newer oagent wrote ${file} (version ${error.found}, this one knows ${MEMORY_VERSION}): update this one`,
    );
  }
}

const SQLITE_CORRUPT = 11;
/** Read-only, an error of the disk, full, cannot be opened. */
const UNWRITABLE: readonly unknown[] = [8, 10, 13, 14];

function cureOf(error: unknown): string {
  // The primary code is in the last byte.
  const code = Number((error as { readonly errcode?: unknown }).errcode) & 0xff;
  return UNWRITABLE.includes(code) ? ': it has to be writable, and the disk must not be full' : '';
}

/** The setting that has what the user has to be told. */
const DAMAGE = 'damage';

/** Of two processes that find it damaged, one moves it; the other must not move what has taken its place. */
function afterDamage(home: string, file: string): Sqlite {
  const lock = lockFile(`${file}.lock`);
  if (lock.isHeld)
    throw new Error(`${file} is damaged, and process ${lock.pid} is moving it aside: try again`);
  try {
    return open(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = moveAside(home, file);
    const store = open(file);
    keepForgotten(store, aside.file);
    putSetting(
      store,
      DAMAGE,
      `${file} is damaged: it is now ${aside.file}, and a new one is begun.` +
        (aside.folder === undefined ? '' : ` To keep what it held: oagent memories migrate ${aside.folder}`),
    );
    return store;
  } finally {
    lock.release();
  }
}

/** What the user wants forgotten, as far as it can be read: nothing else keeps it from coming back. */
function keepForgotten(store: Sqlite, damaged: string): void {
  const put = store.sql('INSERT OR REPLACE INTO forgotten (what, kind, at) VALUES (?, ?, ?)');
  let old: Sqlite | undefined;
  try {
    old = new Sqlite(damaged, { busyMs: 0 });
    for (const { what, kind, at } of old.sql('SELECT what, kind, at FROM forgotten').iterate())
      put.run(String(what), String(kind), Number(at));
    old.close();
  } catch {
    // What was read until then is kept.
    old?.close();
  }
}

/** @returns where it is now, and the files that were made from it, which the next run would delete. */
function moveAside(home: string, file: string): { readonly file: string; readonly folder?: string } {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const aside = `${file}.damaged-${stamp}`;
  for (const ending of ['', '-wal', '-shm']) {
    if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
  }
  const places = generatedPlaces(home).filter((place) => existsSync(place));
  if (places.length === 0) return { file: aside };
  const folder = path.join(home, `memories-of-${stamp}`);
  makeFolder(folder);
  for (const place of places) renameSync(place, path.join(folder, path.basename(place)));
  return { file: aside, folder };
}
