import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  isBusy,
  isDamage,
  OtherVersion,
  openSqlite,
  Sqlite,
  type SqliteOptions,
} from '../../src/system/sqlite.ts';
import { runSource } from '../support/run-source.ts';

const OPTIONS: SqliteOptions = {
  busyMs: 10_000,
  pragmas: 'PRAGMA journal_mode=WAL',
  schema: { version: 3, sql: 'CREATE TABLE words(word TEXT PRIMARY KEY)' },
};

function temporaryFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'words.db');
}

/** Open until the test ends. */
function open(file: string, options: SqliteOptions = OPTIONS): Sqlite {
  const db = openSqlite(file, options);
  onTestFinished(() => {
    try {
      db.close();
    } catch {
      // The test has closed it.
    }
  });
  return db;
}

const add = (db: Sqlite, ...words: string[]): void => {
  for (const word of words) db.sql('INSERT INTO words VALUES (?)').run(word);
};
const words = (db: Sqlite): unknown[] =>
  db
    .sql('SELECT word FROM words ORDER BY word')
    .all()
    .map(({ word }) => word);

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

test('a file of an older version is upgraded step by step, all of it or nothing', () => {
  const file = temporaryFile();
  open(file).close();
  const upgrades = {
    3: 'ALTER TABLE words ADD COLUMN used INTEGER DEFAULT 1',
    4: 'UPDATE words SET used = 2',
  };
  const broken = { ...OPTIONS, schema: { version: 5, sql: '', upgrades: { ...upgrades, 4: 'no SQL' } } };
  const old = open(file);
  add(old, 'a');
  old.close();
  expect(String(failure(() => new Sqlite(file, broken)))).toContain('syntax error');
  const still = open(file);
  expect(still.sql('SELECT * FROM words').all()).toEqual([{ word: 'a' }]);
  still.close();
  const now = new Sqlite(file, { ...OPTIONS, schema: { version: 5, sql: '', upgrades } });
  expect(now.sql('SELECT * FROM words').all()).toEqual([{ word: 'a', used: 2 }]);
  now.close();
  expect(failure(() => new Sqlite(file, OPTIONS))).toEqual(new OtherVersion(5, 3));
});

describe('openSqlite', () => {
  test('makes the tables once, and finds what was written', () => {
    const file = temporaryFile();
    const first = open(file);
    add(first, 'a');
    first.close();
    const again = open(file);
    expect(words(again)).toEqual(['a']);
    expect(again.sql('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(again.sql('PRAGMA busy_timeout').get()).toEqual({ timeout: 10_000 });
    expect(words(open(':memory:'))).toEqual([]);
  });

  test.each([
    ['a file that is no database', (file: string) => writeFileSync(file, 'no database'.repeat(1_000))],
    [
      'a file of another version',
      (file: string) => new Sqlite(file, { busyMs: 0 }).exec('PRAGMA user_version=2'),
    ],
  ])('%s is replaced', (_name, damage) => {
    const file = temporaryFile();
    const db = open(file);
    add(db, 'a');
    db.close();
    damage(file);
    const other = open(file);
    expect(words(other)).toEqual([]);
    add(other, 'b');
    expect(words(open(file))).toEqual(['b']);
  });

  test('a file that another process holds is waited for, and never replaced', () => {
    const file = temporaryFile();
    const holder = open(file);
    add(holder, 'a');
    holder.exec('BEGIN IMMEDIATE');
    // The file is in another mode then: to change that, all others must be out of the way.
    const impatient = { ...OPTIONS, busyMs: 1, pragmas: 'PRAGMA journal_mode=DELETE' };
    expect(isBusy(failure(() => open(file, impatient)))).toBe(true);
    holder.exec('COMMIT');
    expect(words(open(file))).toEqual(['a']);
  });

  test('a place where no file can be is an error, and what is there stays', () => {
    const file = temporaryFile();
    writeFileSync(file, 'not a folder');
    const error = failure(() => open(path.join(file, 'words.db')));
    expect([error instanceof Error, isDamage(error), isBusy(error)]).toEqual([true, false, false]);
    expect(readdirSync(path.dirname(file))).toEqual(['words.db']);
  });

  test('several processes that begin at once make the tables once', async () => {
    const file = temporaryFile();
    const source = `
      import { openSqlite } from ${JSON.stringify(path.resolve('src/system/sqlite.ts'))};
      const db = openSqlite(${JSON.stringify(file)}, ${JSON.stringify(OPTIONS)});
      for (let n = 0; n < 100; n += 1) db.transaction(() => db.sql('INSERT INTO words VALUES (?)').run(process.pid + ' ' + n));`;
    const ended = await Promise.all([1, 2, 3].map(() => runSource(source)));
    expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(words(open(file))).toHaveLength(300);
  });
});

describe('transaction', () => {
  test('is written as a whole or not at all', () => {
    const file = temporaryFile();
    const [db, other] = [open(file), open(file)];
    db.transaction(() => {
      add(db, 'a', 'b');
      expect(words(other)).toEqual([]);
    });
    expect(words(other)).toEqual(['a', 'b']);
    const fail = () => {
      add(db, 'c');
      throw new Error('no');
    };
    expect(() => db.transaction(fail)).toThrow('no');
    expect(() => db.transaction(() => add(db, 'd', 'a'))).toThrow('UNIQUE');
    expect([words(db), words(other)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  test('joins the one around it', () => {
    const db = open(temporaryFile());
    const inner = (word: string) => db.transaction(() => add(db, word));
    db.transaction(() => {
      inner('a');
      inner('b');
    });
    expect(() =>
      db.transaction(() => {
        inner('c');
        inner('a');
      }),
    ).toThrow('UNIQUE');
    db.transaction(() => inner('d'));
    expect(words(db)).toEqual(['a', 'b', 'd']);
  });

  test('holds others off from its first line on', () => {
    const file = temporaryFile();
    const [db, other] = [open(file), open(file, { ...OPTIONS, busyMs: 1 })];
    db.transaction(() => {
      expect(isBusy(failure(() => add(other, 'x')))).toBe(true);
    });
    add(other, 'x');
    expect(words(db)).toEqual(['x']);
  });
});

test('a file whose header names a format that SQLite does not know is replaced', () => {
  const file = temporaryFile();
  new Sqlite(file, OPTIONS).close();
  const bytes = readFileSync(file);
  // The format of the schema is in bytes 44 to 47; 4 is the newest.
  bytes.writeUInt32BE(5, 44);
  writeFileSync(file, bytes);
  const db = open(file);
  db.sql('INSERT INTO words VALUES (?)').run('new');
  expect(db.sql('SELECT word FROM words').all()).toEqual([{ word: 'new' }]);
});

test('a statement is prepared once', () => {
  const db = open(':memory:');
  expect(db.sql('SELECT 1')).toBe(db.sql('SELECT 1'));
});
