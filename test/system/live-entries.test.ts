import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveEntries } from '../../src/system/live-entries.ts';
import { processStat } from '../../src/system/process-stat.ts';
import { tempFolder } from '../support/temp-folder.ts';

const entriesIn = (folder: string) =>
  new LiveEntries(folder, ({ what }) => (typeof what === 'string' ? { what } : undefined));
const whats = (folder: string) =>
  entriesIn(folder)
    .list()
    .map(({ what }) => what);

/** As a process with this number, which began then, would have written it. */
function entryOf(pid: number, started: string, host = hostname()): string {
  return JSON.stringify({ pid, started, host, value: { what: 'theirs' } });
}

test('an entry counts until it is removed', async () => {
  const folder = path.join(await tempFolder(), 'live', 'requests');
  expect(whats(folder)).toEqual([]);
  const entries = entriesIn(folder);
  const [first, second] = [entries.add({ what: 'a' }), entries.add({ what: 'b' })];
  expect(whats(folder).toSorted()).toEqual(['a', 'b']);
  expect(entries.list().map(({ pid }) => pid)).toEqual([process.pid, process.pid]);
  first.remove();
  first.remove();
  expect(whats(folder)).toEqual(['b']);
  second.remove();
  expect(readdirSync(folder)).toEqual([]);
});

test('what a killed process has left does not count, and is removed', async () => {
  const folder = await tempFolder();
  const other = spawn('sleep', ['60']);
  const pid = other.pid ?? 0;
  writeFileSync(path.join(folder, 'alive.json'), entryOf(pid, processStat(pid)[19] ?? ''));
  expect(whats(folder)).toEqual(['theirs']);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect([whats(folder), readdirSync(folder)]).toEqual([[], []]);
  // Another process has its number by now.
  writeFileSync(path.join(folder, 'reused.json'), entryOf(process.pid, '1'));
  expect([whats(folder), readdirSync(folder)]).toEqual([[], []]);
  writeFileSync(path.join(folder, 'elsewhere.json'), entryOf(1, '', 'another-machine'));
  expect([whats(folder), readdirSync(folder)]).toEqual([[], ['elsewhere.json']]);
});

test('a folder that cannot be written costs nothing but the entry', () => {
  const entries = entriesIn('/dev/null/live');
  entries.add({ what: 'a' }).remove();
  expect(entries.list()).toEqual([]);
});

test('no file in the folder makes it throw', async () => {
  const folder = await tempFolder();
  const value = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().map((json) => `{"pid":1,"value":${json}}`),
  );
  fc.assert(
    fc.property(value, (text) => {
      writeFileSync(path.join(folder, 'any.json'), text);
      expect(whats(folder)).toEqual([]);
    }),
  );
});
