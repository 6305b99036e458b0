/** `oagent memories run`, as a user runs it. */
import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { memoryFolder } from '../../src/memory/folder.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { lockFile } from '../../src/system/process-lock.ts';
import { type Bench, bench } from '../support/exec.ts';

const HOUR = 3_600_000;
const LESSON = 'The tests need the variable LEDGER_ZONE.';

/** Phase 1 with the keys of oagent's first versions. */
function script({ format }: ChatRequest): Turn {
  const asked = JSON.stringify(format ?? {});
  if (asked.includes('raw_memory')) return { json: { summary: LESSON, rawMemory: LESSON } };
  if (format === undefined) return { content: 'Understood.' };
  const { properties = {} } = format as { readonly properties?: { readonly [name: string]: unknown } };
  const kept = { act: 'new', topic: 'build and test', kind: 'fact', weight: 3, everywhere: false };
  return { json: Object.fromEntries(Object.keys(properties).map((name) => [name, kept])) };
}

/** A trusted repository with a session that has rested for longer than it must. */
async function rested(): Promise<Bench & { readonly make: () => Promise<unknown[]> }> {
  const made = await bench(script);
  await made.run(['exec', '--trust', LESSON]);
  const then = new Date(Date.now() - 13 * HOUR);
  for (const { path: file } of rolloutFiles(made.home)) utimesSync(file, then, then);
  const make = async (): Promise<unknown[]> => {
    const { code, stdout, stderr } = await made.run(['memories', 'run']);
    return [code, stdout, stderr];
  };
  return { ...made, make };
}

test('the sessions that are due are read and merged, once', async () => {
  const { home, make } = await rested();
  expect(await make()).toEqual([0, '1 session read, 1 record merged.\n', '']);
  expect(readFileSync(memoryFolder(home).handbook, 'utf8')).toContain(LESSON);
  expect(await make()).toEqual([0, 'Nothing new to remember.\n', '']);
});

test('what another process does, or did until it was killed, is left to it', async () => {
  const { home, make } = await rested();
  const [session] = rolloutFiles(home);
  const store = openMemoryStore(home);
  store
    .sql(
      `INSERT INTO jobs (kind, key, status, token, lease_until, retries_left, input_mark)
       VALUES ('extract', ?, 'running', 'other', ?, 3, '0')`,
    )
    .run(session?.id ?? '', Date.now() + HOUR);
  expect(await make()).toEqual([
    0,
    'Nothing new to remember.\n',
    'Another process does the rest; if it was killed, it can be done an hour after it began.\n',
  ]);
  store.exec('UPDATE jobs SET lease_until = 1');
  store.close();
  expect(await make()).toEqual([0, '1 session read, 1 record merged.\n', '']);
});

test('one process of a home at a time', async () => {
  const { home, make } = await rested();
  const lock = lockFile(path.join(memoryFolder(home).root, '.work.lock'));
  expect(await make()).toEqual([
    1,
    '',
    `No memories are made: another oagent makes them (process ${process.pid}).\n`,
  ]);
  if (!lock.isHeld) lock.release();
});
