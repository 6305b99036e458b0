/** What is kept on the disk: contents within a limit, a log that a kill may tear anywhere, a copy for a forked session. */

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { checkpointsFolder } from '../../../src/config/checkpoints-folder.ts';
import { contentHash } from '../../../src/config/project-file.ts';
import { hiddenPaths } from '../../../src/safety/reads.ts';
import { appendLine, changeLog, readChanges } from '../../../src/tools/checkpoints/change-log.ts';
import { forkCheckpoints } from '../../../src/tools/checkpoints/fork.ts';
import { Objects } from '../../../src/tools/checkpoints/objects.ts';

function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-kept-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const bytesOf = (seed: number): Buffer =>
  Buffer.from(Array.from({ length: 1000 }, (_, at) => (at * at * seed) % 251));

test('each content is kept once, for the user alone, and a damaged one is none', () => {
  const folder = tempFolder();
  const objects = new Objects(folder);
  const digests = [objects.put(bytesOf(1)), objects.put(bytesOf(2)), objects.put(bytesOf(1))];
  const files = readdirSync(path.join(folder, 'objects'));
  expect(files.toSorted()).toEqual([...new Set(digests)].toSorted());
  expect(files.map((file) => statSync(path.join(folder, 'objects', file)).mode & 0o777)).toEqual([
    0o600, 0o600,
  ]);
  expect(new Objects(folder).get(contentHash(bytesOf(2)))).toEqual(bytesOf(2));
  writeFileSync(path.join(folder, 'objects', contentHash(bytesOf(2))), 'something else');
  expect(objects.get(contentHash(bytesOf(2)))).toBe(undefined);
});

test('above the limit those that were not used for the longest time go, with what a kill has left', () => {
  const folder = tempFolder();
  const digests = [1, 2, 3, 4].map((seed) => {
    const digest = new Objects(folder).put(bytesOf(seed));
    utimesSync(path.join(folder, 'objects', digest), seed, seed);
    return digest;
  });
  writeFileSync(path.join(folder, 'objects', '.new-torn'), 'torn');
  new Objects(folder).put(bytesOf(1));
  const { size } = statSync(path.join(folder, 'objects', digests[0] ?? ''));
  const fifth = new Objects(folder, size * 3).put(bytesOf(5));
  const left = readdirSync(path.join(folder, 'objects'));
  expect(left.includes(fifth)).toBe(true);
  expect(left.includes(digests[1] ?? '')).toBe(false);
  expect(left.includes(digests[0] ?? '')).toBe(true);
  expect(left.includes('.new-torn')).toBe(false);
});

const change = (id: string) => ({
  id,
  item: 1,
  by: 'patch' as const,
  files: [{ path: '/w/a', before: { kind: 'absent' as const }, after: { kind: 'link' as const, to: 'é' } }],
});

test('a log that is torn anywhere keeps all lines before, and those that come after', () => {
  fc.assert(
    fc.property(fc.nat(), (cut) => {
      const folder = tempFolder();
      for (const id of ['1', '2', '3']) appendLine(folder, { change: change(id) });
      const { size } = statSync(changeLog(folder));
      const length = cut % (size + 1);
      const whole =
        readFileSync(changeLog(folder)).subarray(0, length).toString('latin1').split('\n').length - 1;
      truncateSync(changeLog(folder), length);
      appendLine(folder, { change: change('4') });
      appendLine(folder, { made: '4' });
      const read = readChanges(folder).map(({ id, isSure }) => [id, isSure]);
      const kept = ['1', '2', '3'].slice(0, whole).map((id) => [id, false]);
      // Without its line break the last line is whole all the same.
      const last = ['1', '2', '3'].slice(whole, whole + 1).map((id) => [id, false]);
      expect([
        [...kept, ['4', true]],
        [...kept, ...last, ['4', true]],
      ]).toContainEqual(read);
    }),
    { numRuns: 100 },
  );
});

test('what is no change is passed over; what was dropped was not made', () => {
  const folder = tempFolder();
  appendLine(folder, { change: change('1') });
  for (const line of ['null', '{}', '{"change":{"id":"x","item":1,"files":[{"path":"relative"}]}}', '[1]'])
    appendFileSync(changeLog(folder), `${line}\n`);
  appendLine(folder, { change: change('2') });
  appendLine(folder, { dropped: '1' });
  appendLine(folder, { made: '7' });
  expect(readChanges(folder)).toEqual([{ ...change('2'), isSure: false }]);
});

test('a log that cannot be read is not taken for an empty one', () => {
  const folder = tempFolder();
  expect(readChanges(folder)).toEqual([]);
  mkdirSync(changeLog(folder));
  expect(() => readChanges(folder)).toThrow('EISDIR');
});

test('a copied session has all of it, and commands see none of it', () => {
  const home = tempFolder();
  const source = checkpointsFolder(home, 'one');
  mkdirSync(source, { recursive: true });
  const digest = new Objects(source).put(bytesOf(1));
  appendLine(source, { change: change('1') });
  forkCheckpoints(home, 'one', 'two');
  forkCheckpoints(home, 'none', 'three');
  const copy = checkpointsFolder(home, 'two');
  expect([readChanges(copy).length, new Objects(copy).get(digest)]).toEqual([1, bytesOf(1)]);
  expect(readdirSync(path.join(home, 'checkpoints')).toSorted()).toEqual(['one', 'two']);
  expect(hiddenPaths(home, undefined).map(({ path: hidden }) => path.basename(hidden))).toEqual([
    'checkpoints',
  ]);
});
