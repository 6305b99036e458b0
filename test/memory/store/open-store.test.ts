import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { memoryFolder } from '../../../src/memory/folder.ts';
import {
  forgottenTexts,
  isForgottenThread,
  noteForgottenText,
  noteForgottenThread,
} from '../../../src/memory/store/forgotten.ts';
import { memoryFile, openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { allRecords, deleteRecord, putRecord } from '../../../src/memory/store/records.ts';
import { Sqlite } from '../../../src/system/sqlite.ts';
import { NOON, record } from '../../support/memory.ts';
import { runSource } from '../../support/run-source.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const SOURCE = path.resolve('src');
const STAMP = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z/g;

test('what was written is found again, in a file for its owner alone', async () => {
  const home = await tempFolder();
  const store = openMemoryStore(home);
  putRecord(store, record('a'));
  store.close();
  const again = openMemoryStore(home);
  expect(allRecords(again)).toEqual([{ ...record('a'), used: 0, last_used: null }]);
  again.close();
  expect(statSync(memoryFile(home)).mode & 0o777).toBe(0o600);
});

test('a damaged file is moved aside with the files that were made from it, and both are named', async () => {
  const home = await tempFolder();
  const folder = memoryFolder(home);
  mkdirSync(folder.rollouts, { recursive: true });
  mkdirSync(folder.notes);
  writeFileSync(memoryFile(home), 'this is not a database at all, whatever it was before\n'.repeat(20));
  writeFileSync(folder.handbook, 'what was known\n');
  writeFileSync(path.join(folder.notes, 'mine.md'), 'mine\n');
  const said: string[] = [];
  openMemoryStore(home, (line) => said.push(line)).close();
  expect(said.map((line) => line.replaceAll(STAMP, 'STAMP').replaceAll(home, 'HOME'))).toEqual([
    'HOME/memories.sqlite is damaged: it is now HOME/memories.sqlite.damaged-STAMP, and a new one is begun. ' +
      'To keep what it held: oagent memories migrate HOME/memories-of-STAMP',
  ]);
  const aside = /memories-of-\S+/.exec(said[0] ?? '')?.[0] ?? '';
  expect(readFileSync(path.join(home, aside, 'MEMORY.md'), 'utf8')).toBe('what was known\n');
  expect(readdirSync(path.join(home, aside)).sort()).toEqual(['MEMORY.md', 'rollout_summaries']);
  expect(readdirSync(folder.root)).toEqual(['notes']);
  expect(readdirSync(home).some((name) => name.startsWith('memories.sqlite.damaged-'))).toBe(true);
});

test('what nobody could be told is said by the next that can, once', async () => {
  const home = await tempFolder();
  writeFileSync(memoryFile(home), 'no database\n'.repeat(400));
  openMemoryStore(home).close();
  const said: string[] = [];
  for (let times = 0; times < 2; times += 1) openMemoryStore(home, (line) => said.push(line)).close();
  expect(said.map((line) => line.includes('is damaged'))).toEqual([true]);
});

test('a page that is damaged is noticed when the file is opened', async () => {
  const home = await tempFolder();
  const store = openMemoryStore(home);
  noteForgottenThread(store, 'a', NOON);
  noteForgottenText(store, 'Use tabs', NOON);
  for (let at = 0; at < 200; at += 1) putRecord(store, record(`t${at}`, { raw: 'x'.repeat(2_000) }));
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  store.close();
  const bytes = readFileSync(memoryFile(home));
  bytes.fill(0xee, 81_920, 86_016);
  writeFileSync(memoryFile(home), bytes);
  const said: string[] = [];
  const again = openMemoryStore(home, (line) => said.push(line));
  expect([said.length, allRecords(again)]).toEqual([1, []]);
  expect([isForgottenThread(again, 'a'), forgottenTexts(again).has('use tabs')]).toEqual([true, true]);
  again.close();
});

test('of several processes that find it damaged, one moves it', async () => {
  const home = await tempFolder();
  writeFileSync(memoryFile(home), 'no database\n'.repeat(400));
  const program = `
    import { openMemoryStore } from '${SOURCE}/memory/store/open-store.ts';
    import { putRecord } from '${SOURCE}/memory/store/records.ts';
    for (let tries = 0; ; tries += 1) {
      try {
        const store = openMemoryStore(process.argv[1], (line) => console.log(line));
        putRecord(store, { thread: String(process.pid), source_updated: 1, cwd: '/', branch: null, rollout: '', is_trusted: 1,
          slug: '', summary: 's', raw: 'r', model: '', generated: 1 });
        store.close();
        break;
      } catch (error) {
        if (tries > 100 || !error.message.includes('try again')) throw error;
      }
    }`;
  const runs = await Promise.all(Array.from({ length: 4 }, () => runSource(program, [home])));
  expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(runs.map(() => [0, '']));
  expect(runs.filter(({ stdout }) => stdout !== '')).toHaveLength(1);
  const store = openMemoryStore(home);
  expect(allRecords(store)).toHaveLength(4);
  store.close();
});

test('a file of a newer oagent is left as it is', async () => {
  const home = await tempFolder();
  new Sqlite(memoryFile(home), {
    busyMs: 100,
    pragmas: 'PRAGMA journal_mode=WAL',
    schema: { version: 7, sql: 'CREATE TABLE t(x)' },
  }).close();
  const before = readFileSync(memoryFile(home));
  expect(() => openMemoryStore(home)).toThrow(
    `a newer oagent wrote ${memoryFile(home)} (version 7, this one knows 1): update this one`,
  );
  expect(readFileSync(memoryFile(home)).equals(before)).toBe(true);
  expect(existsSync(`${memoryFile(home)}.lock`)).toBe(false);
});

test('a file that cannot be opened is named, with what to do', async () => {
  const home = await tempFolder();
  mkdirSync(memoryFile(home));
  expect(() => openMemoryStore(home)).toThrow(
    `${memoryFile(home)}: unable to open database file: it has to be writable, and the disk must not be full`,
  );
});

test('what was deleted is not left in the file', async () => {
  const home = await tempFolder();
  const store = openMemoryStore(home);
  putRecord(store, record('a', { raw: 'The magic word is abracadabra.' }));
  deleteRecord(store, 'a');
  store.close();
  expect(readFileSync(memoryFile(home)).includes('abracadabra')).toBe(false);
});
