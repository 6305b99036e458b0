import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { meantPath } from '../../src/tools/meant-path.ts';
import { makeContext } from './tool-context.ts';

test.each([
  ['`src/a b.ts`', 'src/a b.ts'],
  ['"src/a b.ts"', 'src/a b.ts'],
  ['**`src/new.ts`**', 'src/new.ts'],
  ["'src/new.ts'", 'src/new.ts'],
  ['src\\new.ts', 'src/new.ts'],
  ['src/a b.ts:12:5', 'src/a b.ts'],
  ['src/a b.ts:3', 'src/a b.ts'],
])('%s is taken for %s, and that is said', (spelled, meant) => {
  using context = makeContext();
  mkdirSync(path.join(context.cwd, 'src'));
  writeFileSync(path.join(context.cwd, 'src/a b.ts'), '');
  expect(meantPath(spelled, context.cwd)).toEqual({
    path: path.join(context.cwd, meant),
    note: `${spelled} was taken for ${meant}.`,
  });
});

test('the home folder and file URLs are paths', () => {
  using context = makeContext();
  const url = `file://${context.cwd}/a%20b.ts`;
  expect(
    ['~/x', url, 'file://%', '~x', 'gone.ts:3'].map((spelled) => meantPath(spelled, context.cwd).path),
  ).toEqual([
    path.join(homedir(), 'x'),
    path.join(context.cwd, 'a b.ts'),
    path.join(context.cwd, 'file:/%'),
    path.join(context.cwd, '~x'),
    path.join(context.cwd, 'gone.ts:3'),
  ]);
});

test('a name that exists is what it says', () => {
  using context = makeContext();
  for (const name of ['"a"', 'b\\c', 'd\u00a0e']) {
    writeFileSync(path.join(context.cwd, name), '');
    expect(meantPath(name, context.cwd)).toEqual({ path: path.join(context.cwd, name), note: undefined });
  }
  expect(meantPath('d e', context.cwd)).toEqual({
    path: path.join(context.cwd, 'd\u00a0e'),
    note: 'd e was taken for d\\u00a0e, the one name that looks the same.',
  });
});
