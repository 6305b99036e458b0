/** Two processes with one index file. */
import { expect, onTestFinished, test } from 'vitest';
import type { FileRow } from '../../../src/repo-index/store/rows.ts';
import { openStore, type Store } from '../../../src/repo-index/store/store.ts';
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

function twoStores(): [Store, Store] {
  const folder = temporaryFolder();
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
  a.await('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  b.remove(file.id);
  b.await('g.ts', 1, 1);
  a.replace(file, OID, 2, [CHUNK]);
  a.touch(file.id, 5, 5, 5);
  a.remove(file.id);
  expect(b.sql('SELECT count(*) AS n FROM chunks').get()).toEqual({ n: 0 });
  expect(b.files().map(({ path, mtime, isWaiting }) => [path, mtime, isWaiting])).toEqual([
    ['g.ts', 1, true],
  ]);
});

test('a file that two processes have read has its chunks once', () => {
  const [a, b] = twoStores();
  a.await('f.ts', 1, 1);
  const file = rowOf(a, 'f.ts');
  a.replace(file, OID, 2, [CHUNK]);
  b.replace(file, OID, 3, [CHUNK]);
  expect(a.counts()).toEqual({ files: 1, waiting: 0, chunks: 1, commits: 0 });
  expect(a.sql('SELECT count(*) AS n FROM words').get()).toEqual({ n: 1 });
});
