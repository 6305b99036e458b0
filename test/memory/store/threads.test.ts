import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { addEntry, allEntries } from '../../../src/memory/store/entries.ts';
import { noteForgottenThread } from '../../../src/memory/store/forgotten.ts';
import { putRecord, recordOf } from '../../../src/memory/store/records.ts';
import { allThreads, syncThreads } from '../../../src/memory/store/threads.ts';
import { countUses } from '../../../src/memory/store/uses.ts';
import type { RolloutLine } from '../../../src/rollout/lines.ts';
import { lineText } from '../../../src/rollout/lines.ts';
import { rolloutPath } from '../../../src/rollout/paths.ts';
import { deleteStored } from '../../../src/rollout/store.ts';
import { uuidv7 } from '../../../src/text/uuid.ts';
import { entry, memoryHome, NOON, record } from '../../support/memory.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const MARKERS = { project_root_markers: ['.git'] };

/** @returns its id. */
function session(home: string, cwd: string, more: readonly RolloutLine[] = []): string {
  const id = uuidv7();
  const file = rolloutPath(home, id, new Date(NOON));
  const meta: RolloutLine = {
    type: 'session_meta',
    payload: {
      id,
      timestamp: new Date(NOON).toISOString(),
      cwd,
      originator: 'oagent',
      cli_version: '0.1.0',
      rollout_version: 1,
      source: 'cli',
      model_provider: 'ollama',
      git: { branch: 'main' },
    },
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, [meta, ...more].map((line) => lineText(line, new Date(NOON))).join(''));
  return id;
}

test('threads are the sessions of the catalog, with the trust of their folders', async () => {
  const { store, home } = await memoryHome();
  const [trusted, other, off] = await Promise.all([tempFolder(), tempFolder(), tempFolder()]);
  const config = {
    ...MARKERS,
    projects: { [trusted]: { trust_level: 'trusted' }, [off]: { trust_level: 'trusted', memories: false } },
  } as const;
  const ids = {
    trusted: session(home, trusted),
    other: session(home, other),
    off: session(home, path.join(off, 'below')),
    incognito: session(home, trusted, [
      { type: 'event_msg', payload: { type: 'memories_off', why: 'incognito' } },
    ]),
    forgotten: session(home, trusted),
  };
  noteForgottenThread(store, ids.forgotten, NOON);
  syncThreads(store, home, config);
  const rights = Object.fromEntries(
    allThreads(store).map(({ id, is_remembered, is_trusted }) => [id, [is_remembered, is_trusted]]),
  );
  expect(rights).toEqual({
    [ids.trusted]: [1, 1],
    [ids.other]: [1, 0],
    [ids.off]: [0, 0],
    [ids.incognito]: [0, 1],
    [ids.forgotten]: [0, 1],
  });
});

test('a session that is deleted is not listed any more, and what it taught stays', async () => {
  const { store, home } = await memoryHome();
  const cwd = await tempFolder();
  const id = session(home, cwd);
  const config = { ...MARKERS, projects: {} };
  syncThreads(store, home, config);
  putRecord(store, record(id));
  const [thread] = allThreads(store);
  expect(thread).toMatchObject({ id, cwd, branch: 'main', source: 'cli' });
  deleteStored(home, { id, path: thread?.rollout ?? '', isArchived: false, hasLock: false });
  syncThreads(store, home, config);
  expect([allThreads(store), recordOf(store, id)?.thread]).toEqual([[], id]);
});

test('what sessions have taught follows the trust of their folders', async () => {
  const { store, home } = await memoryHome();
  const [one, two] = await Promise.all([tempFolder(), tempFolder()]);
  const [a, b] = [session(home, one), session(home, two)];
  for (const id of [a, b]) putRecord(store, record(id));
  const alone = addEntry(store, entry('of one', { threads: [a] })) ?? 0;
  const both = addEntry(store, entry('of both', { threads: [a, b] })) ?? 0;
  syncThreads(store, home, {
    ...MARKERS,
    projects: { [one]: { trust_level: 'untrusted' }, [two]: { trust_level: 'trusted' } },
  });
  expect([recordOf(store, a)?.is_trusted, recordOf(store, b)?.is_trusted]).toEqual([0, 1]);
  expect(allEntries(store).map(({ id, is_trusted }) => [id, is_trusted])).toEqual([
    [alone, 0],
    [both, 1],
  ]);
});

test('what a deleted session has taught follows the trust of its folder, what was taken over does not', async () => {
  const { store, home } = await memoryHome();
  const cwd = await tempFolder();
  putRecord(store, record('gone', { cwd }));
  putRecord(store, record('old', { cwd, model: 'migrated' }));
  const line = addEntry(store, entry('of the one that is gone', { threads: ['gone'] })) ?? 0;
  const trustOf = (level: 'trusted' | 'untrusted'): unknown => {
    syncThreads(store, home, { ...MARKERS, projects: { [cwd]: { trust_level: level } } });
    const records = ['gone', 'old'].map((id) => recordOf(store, id)?.is_trusted);
    return [...records, allEntries(store).find(({ id }) => id === line)?.is_trusted];
  };
  expect(trustOf('trusted')).toEqual([1, 1, 1]);
  expect(trustOf('untrusted')).toEqual([0, 1, 0]);
});

test('a use is counted once for a turn, and never set back', async () => {
  const { store } = await memoryHome();
  putRecord(store, record('a'));
  countUses(store, ['a', 'a', 'unknown'], NOON);
  countUses(store, ['a'], NOON - 10);
  putRecord(store, record('a', { raw: 'again' }));
  expect(recordOf(store, 'a')).toMatchObject({ raw: 'again', used: 2, last_used: NOON });
});
