/** What is known of a workspace is on the disk as it is in memory, however long the session is. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  Known,
  type KnownEntry,
  type KnownFolder,
  type Stamp,
} from '../../../../src/tools/checkpoints/commands/known.ts';

function tempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-known-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const stamp = (ino: number): Stamp => ({ dev: 1, ino, size: 2, mtimeMs: 3, ctimeMs: 4, mode: 0o644 });

function contentOf({ roots, files, folders, byFolder }: Known): unknown {
  return { roots, files: new Map(files), folders: new Map(folders), byFolder: new Map(byFolder) };
}

test('a long session in a folder of many files does not fill the disk, and nothing of it is lost', () => {
  const folder = tempFolder();
  const known = new Known(folder, ['/w']);
  const names = new Set(Array.from({ length: 2_000 }, (_, at) => `a-file-with-a-name-${at}`));
  for (const name of names) known.setFile(`/w/${name}`, { stamp: stamp(1), isSettled: true });
  let largest = 0;
  // Each command makes a file, so its folder is another one after it.
  for (let turn = 0; turn < 200; turn += 1) {
    known.setFile('/w/a-file-with-a-name-7', { stamp: stamp(turn), isSettled: false });
    known.setFolder('/w', { stamp: stamp(turn), isSettled: true, names: new Set([...names, `${turn}`]) });
    known.save();
    largest = Math.max(largest, statSync(path.join(folder, 'known.jsonl')).size);
  }
  expect(largest).toBeLessThan(3 * 1024 * 1024);
  expect(contentOf(Known.load(folder))).toEqual(contentOf(known));
  expect(statSync(path.join(folder, 'known.jsonl')).mode & 0o777).toBe(0o600);
});

const entry: fc.Arbitrary<KnownEntry> = fc.oneof(
  fc.constant('absent' as const),
  fc.constant('other' as const),
  fc.record({ stamp: fc.nat(9).map(stamp), isSettled: fc.boolean() }),
);
const place: fc.Arbitrary<KnownFolder | undefined> = fc.option(
  fc.record({
    stamp: fc.nat(9).map(stamp),
    isSettled: fc.boolean(),
    // So long that it is written anew every few times.
    names: fc.nat(9).map((at) => new Set([`${at}`.repeat(300_000), '\n\u2028'])),
  }),
  { nil: undefined },
);
const name = fc.constantFrom('/w/a', '/w/\n', '/w/d/b');

test('whatever is set, another process reads the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.oneof(entry, place)), { maxLength: 12 }), (steps) => {
      const folder = tempFolder();
      const known = new Known(folder, ['/w']);
      known.save();
      for (const [at, is] of steps) {
        if (typeof is === 'string' || (is !== undefined && !('names' in is))) known.setFile(at, is);
        else known.setFolder(at, is);
        known.save();
      }
      const { files, folders, roots } = Known.load(folder);
      expect({ files, folders, roots }).toEqual({
        files: known.files,
        folders: known.folders,
        roots: ['/w'],
      });
      expect(readFileSync(path.join(folder, 'known.jsonl'), 'utf8').split('\n')[0]).toBe('{"roots":["/w"]}');
    }),
    { numRuns: 40 },
  );
});
