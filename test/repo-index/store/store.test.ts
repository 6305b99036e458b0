/** One index file: of two processes, and damaged. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { FileRow } from '../../../src/repo-index/store/rows.ts';
import { INDEX_FILE, openStore, type Store } from '../../../src/repo-index/store/store.ts';
import { isDamage } from '../../../src/system/sqlite.ts';
import { temporaryFolder } from '../repository.ts';

const OID = new Uint8Array(20);
const CHUNK = {
  key: 'k'.repeat(24),
  start: 1,
  end: 1,
  symbol: '',
  kind: 'text',
  sha: OID,
  pathWords: 'f',
  symbolWords: '',
  words: 'word',
} as const;

function twoStores(folder = temporaryFolder()): [Store, Store] {
  const both: [Store, Store] = [openStore(folder), openStore(folder)];
  onTestFinished(() => {
    for (const store of both) store.close();
  });
  return both;
}

function rowOf(store: Store, name: string): FileRow {
  const row = store.file(name);
  if (row === undefined) throw new Error(`${name} is not there`);
  return row;
}

test('a file that another process has forgotten while it was read leaves nothing behind', () => {
  const [a, b] = twoStores();
  a.markWaiting('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  b.remove(file.id);
  b.markWaiting('g.ts', 1, 1);
  a.replace(file, OID, 2, [CHUNK]);
  a.touch(file.id, 5, 5, 5);
  expect(b.sql('SELECT count(*) AS n FROM chunks').get()).toEqual({ n: 0 });
  expect(b.files().map(({ path, mtime, isWaiting }) => [path, mtime, isWaiting])).toEqual([
    ['g.ts', 1, true],
  ]);
});

test('a file that two processes have read has its chunks once', () => {
  const [a, b] = twoStores();
  a.markWaiting('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  a.replace(file, OID, 2, [CHUNK]);
  b.replace(file, OID, 3, [CHUNK]);
  expect(a.counts()).toEqual({ files: 1, waiting: 0, chunks: 1, commits: 0 });
  expect(a.sql('SELECT count(*) AS n FROM words').get()).toEqual({ n: 1 });
});

/** The chunks in which a word is found. */
const found = (store: Store, word: string): unknown[] =>
  store.sql('SELECT rowid AS id FROM words WHERE words MATCH ?').all(word);

test('words of a text that was replaced or removed are not found any more', () => {
  const [a] = twoStores();
  a.markWaiting('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  a.replace(file, OID, 2, [{ ...CHUNK, words: 'before' }]);
  a.replace(file, OID, 3, [{ ...CHUNK, key: 'l'.repeat(24), words: 'after' }]);
  expect([found(a, 'before'), found(a, 'after').length]).toEqual([[], 1]);
  a.remove(file.id);
  expect(found(a, 'after')).toEqual([]);
});

test('a chunk that a new text still has keeps its row, wherever it moves', () => {
  const [a] = twoStores();
  a.markWaiting('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  const chunk = (key: string, at: number) => ({
    ...CHUNK,
    key: key.repeat(24),
    start: at,
    end: at,
    words: key,
  });
  a.replace(file, OID, 2, [chunk('a', 1), chunk('b', 2), chunk('c', 3)]);
  const [b] = found(a, 'b');
  a.replace(file, OID, 3, [chunk('d', 1), chunk('b', 7), chunk('a', 9)]);
  a.replace(file, OID, 4, [chunk('b', 5), chunk('d', 6)]);
  expect(a.sql('SELECT id, key, start FROM chunks ORDER BY start').all()).toEqual([
    { ...(b as object), key: 'b'.repeat(24), start: 5 },
    { ...(found(a, 'd')[0] as object), key: 'd'.repeat(24), start: 6 },
  ]);
  expect(['a', 'b', 'c', 'd'].map((word) => found(a, word).length)).toEqual([0, 1, 0, 1]);
  a.replace(file, OID, 5, []);
  expect(a.counts()).toEqual({ files: 1, waiting: 0, chunks: 0, commits: 0 });
  expect(a.sql('SELECT count(*) AS n FROM word_counts').get()).toEqual({ n: 0 });
});

test('damage in the table of words is told from other errors', () => {
  const folder = temporaryFolder();
  const [a] = twoStores(folder);
  a.sql('INSERT INTO words(rowid, body) VALUES (1, ?)').run('word');
  const errorOf = (sql: string): unknown => {
    try {
      a.sql(sql).all();
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const careless = new DatabaseSync(path.join(folder, INDEX_FILE), { defensive: false } as object);
  careless.exec('DELETE FROM words_data');
  careless.close();
  const damage = errorOf("SELECT rowid FROM words WHERE words MATCH 'word'");
  expect([damage, isDamage(damage)]).toEqual([expect.objectContaining({ errcode: 267 }), true]);
  expect(isDamage(errorOf('SELECT * FROM no_such_table'))).toBe(false);
});
