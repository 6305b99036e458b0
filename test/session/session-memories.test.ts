/** What `/remember`, `/memories` and `/incognito` do in a session, with its real store, configuration and rollout. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { memoryFolder } from '../../src/memory/folder.ts';
import { addEntry, currentEntries } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import { putRecord } from '../../src/memory/store/records.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { open, user } from '../support/interactive-session.ts';
import { entry, record } from '../support/memory.ts';

const ID = '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0a';
const off = (home: string): unknown[] =>
  rolloutFiles(home).map(({ path: file }) => readSession(file).memoriesOff);

test('a note is kept without a model, listed and forgotten', async () => {
  const { home, repo, server } = await user([]);
  const { session } = await open(repo);
  const requests = server.log.filter(({ kind }) => kind === 'chat').length;
  expect(await session.memories.remember('Use tabs')).toBe('Remembered.');
  expect(await session.memories.remember('token ghp_abcdefghijklmnop0123')).toBe(
    'Remembered. What looked like a secret in it is masked.',
  );
  await expect(session.memories.remember(' ')).rejects.toThrow('there is nothing to remember');
  const { entries, folder, isOffHere, why } = await session.memories.report();
  expect([entries.length, folder, isOffHere, why]).toEqual([2, repo, false, undefined]);
  const tabs = entries.find(({ text }) => text === 'Use tabs');
  expect(tabs?.detail).toMatch(/^note · \d{4}-\d\d-\d\d$/);
  expect(await session.memories.forget(tabs?.key ?? '')).toMatch(
    /^Forgotten: the note .*use-tabs\.md is deleted\.$/,
  );
  await expect(session.memories.forget('note gone.md')).rejects.toThrow('it is not remembered any more');
  expect(readdirSync(memoryFolder(home).notes)).toHaveLength(1);
  expect(server.log.filter(({ kind }) => kind === 'chat')).toHaveLength(requests);
});

test('lines and sessions are forgotten for good', async () => {
  const { home, repo } = await user([]);
  const store = openMemoryStore(home);
  putRecord(store, record(ID));
  addEntry(store, entry('Use npm test', { threads: [ID], is_trusted: 0 }));
  addEntry(store, entry('Stay', { threads: [] }));
  const { session } = await open(repo);
  const { entries } = await session.memories.report();
  expect(entries).toEqual([
    { key: 'line 1', text: 'Use npm test', detail: 'handbook · 2026-11-01 · /work/shop · not trusted' },
    { key: 'line 2', text: 'Stay', detail: 'handbook · 2026-11-01 · /work/shop' },
    { key: `session ${ID}`, text: 'fix-the-cart', detail: 'session · 2026-11-01 · /work/shop' },
  ]);
  expect(await session.memories.forget('line 2')).toBe('Forgotten. It does not come back.');
  expect(await session.memories.forget(`session ${ID}`)).toBe(
    'Forgotten: the session and 1 line that it alone has taught.',
  );
  expect(currentEntries(store)).toEqual([]);
  store.close();
});

test('an incognito session says so, in its events and its rollout; so does the one that follows it', async () => {
  const { home, repo } = await user([{ content: 'One.' }, { content: 'Two.' }]);
  const { session, events, after, say } = await open(repo);
  await say('one');
  expect(await after({ type: 'go_incognito' }, ({ type }) => type === 'incognito')).toEqual({
    type: 'incognito',
    isOn: true,
  });
  session.submit({ type: 'go_incognito' });
  expect((await session.memories.report()).why).toBe('this session is incognito');
  await after({ type: 'new_session' }, ({ type }) => type === 'session_configured');
  await say('two');
  await session.close();
  expect(off(home)).toEqual(['incognito', 'incognito']);
  expect(events.filter(({ type }) => type === 'incognito')).toHaveLength(1);
});

test('another session that is resumed is not incognito because of the one before', async () => {
  const { home, repo } = await user([{ content: 'One.' }, { content: 'Two.' }, { content: 'Three.' }]);
  const first = await open(repo);
  await first.say('plain');
  await first.session.close();
  const plain = rolloutFiles(home)[0]?.id ?? '';
  const second = await open(repo);
  await second.say('private');
  second.session.submit({ type: 'go_incognito' });
  await second.session.close();
  const secret = rolloutFiles(home).find(({ id }) => id !== plain)?.id ?? '';
  const third = await open(repo, secret);
  expect(third.events.filter(({ type }) => type === 'incognito')).toEqual([
    { type: 'incognito', isOn: true },
  ]);
  const { type } = await third.after(
    { type: 'resume_session', session: plain },
    (event) => event.type === 'incognito',
  );
  expect([type, third.events.filter((event) => event.type === 'incognito').at(-1)]).toEqual([
    'incognito',
    { type: 'incognito', isOn: false },
  ]);
});

test('a folder that is switched off is off in this session too, and marks it', async () => {
  const { home, repo } = await user([{ content: 'One.' }, { content: 'Two.' }]);
  const { session, say } = await open(repo);
  await say('one');
  expect(await session.memories.switchFolder(false)).toBe(`Memories are off in ${repo} and below it.`);
  expect(await session.memories.report()).toMatchObject({
    isOffHere: true,
    why: `they are switched off in ${repo}`,
  });
  expect(readFileSync(path.join(home, 'config.toml'), 'utf8')).toContain('memories = false\n');
  await say('two');
  expect(await session.memories.switchFolder(true)).toBe(`Memories are on in ${repo} and below it.`);
  expect((await session.memories.report()).isOffHere).toBe(false);
  await session.close();
  expect(off(home)).toEqual(['settings']);
});
