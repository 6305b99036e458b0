import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folderName, holds, isInside, isSameFolder, realPath } from '../../src/config/paths.ts';
import { inFoldingVolume } from '../support/run-source.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('a link, a trailing slash and dots name the same folder; one beside it is another', async () => {
  const base = await tempFolder();
  const folder = path.join(base, 'work', 'shop');
  mkdirSync(path.join(folder, 'src'), { recursive: true });
  mkdirSync(path.join(base, 'work', 'Shop'));
  symlinkSync(path.join(base, 'work'), path.join(base, 'link'));
  const spellings = [`${folder}/`, path.join(base, 'link/shop'), `${folder}/src/..`, `${base}/link/./shop//`];
  expect(spellings.map(folderName)).toEqual(spellings.map(() => folder));
  expect(spellings.map((name) => isSameFolder(name, folder))).toEqual(spellings.map(() => true));
  expect(isSameFolder(path.join(base, 'work', 'Shop'), folder)).toBe(false);
});

test('what is not there yet is named by where it would be; a broken link by its own name', async () => {
  const base = await tempFolder();
  mkdirSync(path.join(base, 'real'));
  symlinkSync(path.join(base, 'real'), path.join(base, 'link'));
  symlinkSync(path.join(base, 'nowhere'), path.join(base, 'broken'));
  writeFileSync(path.join(base, 'file'), '');
  expect(['link/new/one', 'broken/x', 'file/x'].map((name) => realPath(path.join(base, name)))).toEqual([
    path.join(base, 'real/new/one'),
    path.join(base, 'broken/x'),
    path.join(base, 'file/x'),
  ]);
});

test('on a volume that folds case and Unicode form a folder has the name that is on the disk', async () => {
  const base = await tempFolder();
  mkdirSync(path.join(base, 'Work', 'Caf\u00e9', 'sub'), { recursive: true });
  const asked = ['work/CAFE\u0301/Sub', 'WORK/caf\u00e9/sub', 'Work/Caf\u00e9/sub', 'Work/other'];
  const { stdout } = await inFoldingVolume(
    base,
    `const { folderName, isSameFolder } = await import(${JSON.stringify(path.resolve('src/config/paths.ts'))});
     const [base, ...asked] = process.argv.slice(1);
     const at = (name) => base + '/' + name;
     console.log(JSON.stringify(asked.map((name) => [folderName(at(name)), isSameFolder(at(name), at(asked[0]))])));`,
    [base, ...asked],
  );
  const folder = path.join(base, 'Work/Caf\u00e9/sub');
  expect(JSON.parse(stdout)).toEqual([
    [folder, true],
    [folder, true],
    [folder, true],
    [path.join(base, 'Work/other'), false],
  ]);
});

test('a folder holds itself and what is below it, and nothing else', () => {
  const name = fc.constantFrom('a', 'b', '..a', 'a.', ' ');
  const folder = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(folder, folder, (one, other) => {
      const isBelow = other !== one && `${other}/`.startsWith(one === '/' ? '/' : `${one}/`);
      expect([holds(one, other), isInside(one, other)]).toEqual([isBelow || one === other, isBelow]);
    }),
  );
});
