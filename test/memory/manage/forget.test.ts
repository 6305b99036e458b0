import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { MemoryItem } from '../../../src/memory/manage/items.ts';
import { Memories } from '../../../src/memory/manage/memories.ts';
import { contradict } from '../../../src/memory/merge/handbook.ts';
import { markOf } from '../../../src/memory/merge/selection.ts';
import { addEntry, allEntries, currentEntries } from '../../../src/memory/store/entries.ts';
import { forgottenTexts } from '../../../src/memory/store/forgotten.ts';
import { allRecords, putRecord, recordOf } from '../../../src/memory/store/records.ts';
import { entry, memoryHome, NOON, record } from '../../support/memory.ts';

const [A, B] = ['0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0a', '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0b'] as const;

async function memories() {
  const place = await memoryHome();
  const said: string[] = [];
  const own = new Memories(
    place.home,
    (line) => said.push(line),
    () => new Date(NOON),
  );
  const ids = (what: string): string[] =>
    own.meant(what).map(({ kind, id, text }) => `${kind} ${id || text}`);
  return { ...place, own, said, ids };
}

test('an item is meant by its id, the beginning of a session’s, or its words', async () => {
  const { store, own, ids } = await memories();
  putRecord(store, record(A, { raw: '- Use tabs in Makefiles\n- Loose words', slug: 'tabs' }));
  putRecord(store, record(B, { raw: '', summary: 'Done.' }));
  addEntry(store, entry('Use tabs in Makefiles'));
  addEntry(store, entry('Makefiles have no spaces'));
  const { name } = own.add('No tabs elsewhere');
  expect(ids('1')).toEqual(['line 1']);
  expect([ids(name), ids(`notes/${name}`)]).toEqual([[`note ${name}`], [`note ${name}`]]);
  expect([
    ids(B.toUpperCase()),
    ids(`rollout_summaries/${A}.md`),
    ids('0199aaaa-bbbb-7ccc'),
    ids('0199aaa'),
  ]).toEqual([[`session ${B}`], [`session ${A}`], [`session ${B}`, `session ${A}`], []]);
  expect(ids('use TABS')).toEqual(['line 1']);
  expect(ids('tabs')).toEqual([`note ${name}`, 'line 1']);
  expect(ids('spaces makefiles')).toEqual(['line 2']);
  expect(ids('loose')).toEqual(['line - Loose words']);
  expect([ids(''), ids('…'), ids('elephants')]).toEqual([[], [], []]);
  const unknown = '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0c';
  expect(ids(unknown)).toEqual([`session ${unknown}`]);
});

test('a line that is forgotten is gone everywhere, with those it had replaced, and stays away', async () => {
  const { store, folder, own } = await memories();
  const text = 'The database listens on port 5432';
  const whole = record(A, { raw: `- ${text}.\n- Stay`, summary: `Nice.\n${text}` });
  putRecord(store, whole);
  const old = addEntry(store, entry('The database listens on port 5431', { threads: [A] })) ?? 0;
  const now = addEntry(store, entry(text, { threads: [A] })) ?? 0;
  contradict(store, old, now);
  addEntry(store, entry('Stay', { threads: [A] }));
  store.sql('INSERT INTO merged (thread, mark) VALUES (?, ?)').run(A, markOf(whole));
  own.rebuild();
  expect(own.forget(own.meant(text))).toEqual({
    lines: ['The database listens on port 5431', text],
    sessions: [],
    notes: [],
  });
  expect(allEntries(store).map((one) => one.text)).toEqual(['Stay']);
  const [left] = allRecords(store);
  expect([left?.raw, left?.summary]).toEqual(['- Stay', 'Nice.']);
  // Nothing in it is new.
  expect(store.sql('SELECT mark FROM merged').all()).toEqual([{ mark: left && markOf(left) }]);
  const files = readdirSync(folder.root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  expect(files.filter((name) => readFileSync(`${folder.root}/${name}`, 'utf8').includes('listens'))).toEqual(
    [],
  );
  expect(addEntry(store, entry(`the **database** listens on port 5432!`))).toBeUndefined();
});

test('a session that is forgotten takes with it what it alone has taught, and is not read again', async () => {
  const { store, own } = await memories();
  for (const id of [A, B]) putRecord(store, record(id));
  addEntry(store, entry('of one session', { threads: [A] }));
  addEntry(store, entry('of both sessions', { threads: [A, B] }));
  addEntry(store, entry('of a migration'));
  expect(own.forget(own.meant(A))).toEqual({ lines: ['of one session'], sessions: [A], notes: [] });
  expect(currentEntries(store).map(({ text, threads }) => [text, threads])).toEqual([
    ['of both sessions', JSON.stringify([B])],
    ['of a migration', '[]'],
  ]);
  expect([putRecord(store, record(A)), recordOf(store, A)]).toEqual([false, undefined]);
});

test('forgetting a note deletes its file; adding it again is what counts then', async () => {
  const { store, folder, own } = await memories();
  const { name } = own.add('Use tabs');
  addEntry(store, entry('use tabs'));
  expect(own.forget(own.meant(name))).toEqual({ lines: ['use tabs'], sessions: [], notes: [name] });
  expect([existsSync(`${folder.notes}/${name}`), forgottenTexts(store).has('Use tabs')]).toEqual([
    false,
    true,
  ]);
  own.add('Use tabs!');
  expect(forgottenTexts(store).has('Use tabs')).toBe(false);
});

test('where a file cannot be deleted nothing is forgotten', async () => {
  const { store, own } = await memories();
  addEntry(store, entry('use tabs'));
  const lines = own.meant('1');
  const gone = lines.map((line): MemoryItem => ({ ...line, kind: 'note', id: 'gone.md', text: 'x' }));
  expect(() => own.forget([...lines, ...gone])).toThrow('ENOENT');
  expect(currentEntries(store).map(({ text }) => text)).toEqual(['use tabs']);
});

test('a note is not added where the database cannot be opened: it would be added again', async () => {
  const { store, own, folder } = await memories();
  store.exec('PRAGMA user_version=2');
  expect(() => own.add('Use tabs')).toThrow('a newer oagent wrote');
  expect(existsSync(folder.notes)).toBe(false);
});
