import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../src/config/make-folder.ts';

function temporary(): string {
  const base = mkdtempSync(path.join(tmpdir(), 'oagent-make-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  return base;
}

test('a folder and those above it are for the user alone, and may be there already', () => {
  const base = temporary();
  const folder = path.join(base, 'a/b/c');
  makeFolder(folder);
  makeFolder(folder);
  expect(['a', 'a/b', 'a/b/c'].map((name) => statSync(path.join(base, name)).mode & 0o777)).toEqual([
    0o700, 0o700, 0o700,
  ]);
});

test('what is in the way is an error, and a link to a folder is not', () => {
  const base = temporary();
  writeFileSync(path.join(base, 'file'), '');
  mkdirSync(path.join(base, 'real'));
  symlinkSync('real', path.join(base, 'link'));
  symlinkSync('nowhere', path.join(base, 'dangling'));
  makeFolder(path.join(base, 'link'));
  const codeOf = (name: string): unknown => {
    try {
      makeFolder(path.join(base, name));
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };
  expect(['link/x', 'file', 'file/x/y', 'dangling', 'dangling/x'].map(codeOf)).toEqual([
    undefined,
    'EEXIST',
    'ENOTDIR',
    'EEXIST',
    'EEXIST',
  ]);
});

test.runIf(process.platform === 'linux')('a place where nothing can be made is an error at once', () => {
  expect(() => makeFolder('/proc/oagent/x/y')).toThrow(/ENOENT.*'\/proc\/oagent'/);
});
