import { execFileSync } from 'node:child_process';
import { closeSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRegular, readStart, readWhole, smallText } from '../../src/text/regular-file.ts';
import { temporaryFolder } from '../repo-index/repository.ts';

test('reads what a regular file holds, at most as much as is wanted', () => {
  const file = path.join(temporaryFolder(), 'file');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(2_000), (bytes, limit) => {
      writeFileSync(file, bytes);
      const start = readStart(file, limit);
      expect([start.size, start.bytes.equals(bytes.slice(0, limit))]).toEqual([bytes.length, true]);
      expect(readWhole(file).equals(bytes)).toBe(true);
    }),
  );
});

test('nothing else is read, and nothing waits', () => {
  const folder = temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('/dev/zero', at('endless'));
  symlinkSync('pipe', at('link-to-pipe'));
  writeFileSync(at('huge'), '');
  truncateSync(at('huge'), 2 ** 40);
  writeFileSync(at('text'), 'text');
  symlinkSync('text', at('link'));
  for (const name of ['pipe', 'endless', 'link-to-pipe', '.']) {
    expect(() => readWhole(at(name))).toThrow('it is not a regular file');
    expect(smallText(at(name))).toBe(undefined);
  }
  expect(() => readWhole(at('huge'))).toThrow('it is larger than 16 MiB');
  expect(() => readWhole(at('missing'))).toThrow('ENOENT');
  expect([smallText(at('huge')), smallText(at('missing')), smallText(at('link'))]).toEqual([
    undefined,
    undefined,
    'text',
  ]);
  expect(() => openRegular(at('link'), { isLinkFollowed: false })).toThrow('ELOOP');
  expect(() => openRegular(at('pipe'))).toThrow('it is not a regular file');
  const { descriptor, stats } = openRegular(at('link'));
  closeSync(descriptor);
  expect(stats.size).toBe(4);
});
