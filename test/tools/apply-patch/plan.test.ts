import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { readPatch } from '../../../src/tools/apply-patch/normalize.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { type Plan, planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { anyPatch } from './arbitrary.ts';
import { patchOf, readTree, render, withTree } from './support.ts';

async function planError(
  root: string,
  ...lines: readonly string[]
): Promise<{ reason: string; hint?: string }> {
  try {
    await planPatch(parsePatch(patchOf(...lines)), root);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    return { reason: error.standalone, hint: error.hint };
  }
  throw new Error('no error');
}

describe('planPatch', () => {
  it('computes every new text and every path, and writes nothing', async () => {
    const tree = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'd.txt': 'd\n' };
    await withTree(tree, async (root) => {
      const patch = patchOf(
        '*** Add File: new/n.txt',
        '+n',
        '*** Add File: d.txt',
        '+over',
        '*** Update File: a.txt',
        '@@',
        '-a',
        '+A',
        '*** Update File: b.txt',
        '*** Move to: moved/b.txt',
        '@@',
        '-b',
        '+B',
        `*** Delete File: ${join(root, 'c.txt')}`,
      );
      const plan = await planPatch(parsePatch(patch), root);
      expect(
        plan.files.map(({ path, movePath, oldText, newText }) => ({ path, movePath, oldText, newText })),
      ).toEqual([
        { path: join(root, 'new/n.txt'), movePath: undefined, oldText: undefined, newText: 'n\n' },
        { path: join(root, 'd.txt'), movePath: undefined, oldText: 'd\n', newText: 'over\n' },
        { path: join(root, 'a.txt'), movePath: undefined, oldText: 'a\n', newText: 'A\n' },
        { path: join(root, 'b.txt'), movePath: join(root, 'moved/b.txt'), oldText: 'b\n', newText: 'B\n' },
        { path: join(root, 'c.txt'), movePath: undefined, oldText: 'c\n', newText: undefined },
      ]);
      expect(plan.paths).toEqual(
        ['new/n.txt', 'd.txt', 'a.txt', 'b.txt', 'moved/b.txt', 'c.txt'].map((path) => join(root, path)),
      );
      expect(readTree(root)).toEqual(tree);
    });
  });

  it('names the place behind a link beside the link', async () => {
    await withTree({ 'real/a.txt': 'a\n', 'work/x': '' }, async (root) => {
      const work = join(root, 'work');
      symlinkSync('../real/a.txt', join(work, 'file'));
      symlinkSync('../real', join(work, 'folder'));
      symlinkSync('../real/later.txt', join(work, 'dangling'));
      const pathsOf = async (...lines: readonly string[]): Promise<Plan['paths']> =>
        (await planPatch(parsePatch(patchOf(...lines)), work)).paths;
      expect(await pathsOf('*** Update File: file', '@@', '-a', '+b')).toEqual([
        join(work, 'file'),
        join(root, 'real/a.txt'),
      ]);
      expect(await pathsOf('*** Add File: folder/sub/n', '+n')).toEqual([
        join(work, 'folder/sub/n'),
        join(root, 'real/sub/n'),
      ]);
      expect(await pathsOf('*** Add File: dangling', '+n')).toEqual([
        join(work, 'dangling'),
        join(root, 'real/later.txt'),
      ]);
      expect(await pathsOf('*** Delete File: file')).toEqual([join(work, 'file')]);
    });
  });

  it('refuses two operations on one file, however it is spelled', async () => {
    await withTree({ 'a.txt': 'a\n', 'b.txt': 'b\n' }, async (root) => {
      symlinkSync('a.txt', join(root, 'link'));
      const update = (path: string) => [`*** Update File: ${path}`, '@@', ' a', '+x'];
      const hint = 'Put all hunks of one file, in file order, under one header.';
      for (const other of ['a.txt', './a.txt', 'no/../a.txt', join(root, 'a.txt'), 'link']) {
        expect(await planError(root, ...update('a.txt'), ...update(other))).toEqual({
          reason: `Invalid patch: multiple operations target ${other}`,
          hint,
        });
      }
      expect(
        await planError(
          root,
          '*** Update File: b.txt',
          '*** Move to: a.txt',
          '@@',
          ' b',
          '*** Delete File: a.txt',
        ),
      ).toEqual({ reason: 'Invalid patch: multiple operations target a.txt', hint });
    });
  });

  it('refuses placeholders of the description that were copied, in paths and in whole added lines', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      const copied = {
        '{path}': ['*** Add File: {path}', '+x'],
        '<path>': ['*** Delete File: <path>'],
        '{new path}': ['*** Update File: a', '*** Move to: {new path}', '@@', '-a', '+b'],
        '{added line}': ['*** Add File: b', '+x', '+ {added line}'],
        '<added line>': ['*** Update File: a', '@@', ' a', '+<added line>'],
      };
      for (const [placeholder, lines] of Object.entries(copied)) {
        expect(await planError(root, ...lines)).toEqual({
          reason: `Invalid patch: '${placeholder}' is a placeholder`,
          hint: 'Put the real path or line in its place.',
        });
      }
      const again = ['*** Add File: c', '+{path}', '+y'];
      writeFileSync(join(root, 'c'), 'x\n{path}\n');
      expect((await planPatch(parsePatch(patchOf(...again)), root)).files[0]?.newText).toBe('{path}\ny\n');
      const real = ['*** Add File: path', '+line', '+x {added line}', '+<path d="M0 0"/>', '+{line}'];
      expect((await planPatch(parsePatch(patchOf(...real)), root)).files[0]?.newText).toBe(
        'line\nx {added line}\n<path d="M0 0"/>\n{line}\n',
      );
    });
  });

  it.each([
    ['// ... existing code ...', 'a.ts'],
    ['  # rest of the file stays the same', 'a.py'],
    ['{/* ... imports ... */}', 'a.tsx'],
    ['// (unchanged)', 'a.ts'],
    ['...', 'a.py'],
    ['<!-- rest of the file -->', 'a.md'],
  ])('refuses %j in the place of lines of a file', async (hole, file) => {
    const reason = `Invalid patch: '${hole.trim()}' would take the place of lines of ${file}`;
    await withTree({ [file]: 'a\nb\nc\n' }, async (root) => {
      expect(await planError(root, `*** Add File: ${file}`, '+a', `+${hole}`)).toEqual({
        reason,
        hint: "The file exists: write all of it, or change parts of it with '*** Update File:'.",
      });
      expect(await planError(root, `*** Update File: ${file}`, '@@', '-b', `+${hole}`)).toEqual({
        reason,
        hint: 'Write these lines out, or leave them out of the hunk.',
      });
      const fine = await planPatch(parsePatch(patchOf('*** Add File: new', `+${hole}`)), root);
      expect(fine.files[0]?.newText).toBe(`${hole}\n`);
      writeFileSync(join(root, file), `${hole}\nx\n`);
      const again = await planPatch(parsePatch(patchOf(`*** Add File: ${file}`, `+${hole}`, '+y')), root);
      expect(again.files[0]?.newText).toBe(`${hole}\ny\n`);
    });
  });

  it('takes three dots in Python and in prose for what they are', async () => {
    await withTree({ 'a.pyi': 'a\n', 'b.md': 'b\n' }, async (root) => {
      const patch = patchOf(
        '*** Add File: a.pyi',
        '+def f():',
        '+    ...',
        '*** Add File: b.md',
        '+x',
        '+...',
      );
      const plan = await planPatch(parsePatch(patch), root);
      expect(plan.files.map(({ newText }) => newText)).toEqual(['def f():\n    ...\n', 'x\n...\n']);
    });
  });

  it('says that a move overwrites a file, and reads a path in quotes as what it means', async () => {
    await withTree({ a: 'a\n', b: 'b\n' }, async (root) => {
      const patch = patchOf('*** Update File: `a`', '*** Move to: b', '@@', '-a', '+c');
      const [file] = (await planPatch(parsePatch(patch), root)).files;
      expect([file?.path, file?.movePath, file?.notes]).toEqual([
        join(root, 'a'),
        join(root, 'b'),
        ['`a` was taken for a.', 'b existed: it was overwritten.'],
      ]);
    });
  });

  it('takes a name for the one that looks the same, and says so', async () => {
    const nfd = 'cafe\u0301.md';
    await withTree(
      { [nfd]: 'a\n', 'shot 1\u202fPM/x\u200b.md': 'a\n', 'a b': 'a\n', 'a\u00a0b': 'a\n' },
      async (root) => {
        const update = (path: string) => [`*** Update File: ${path}`, '@@', '-a', '+b'];
        const patch = patchOf(
          ...update('caf\u00e9.md'),
          ...update('shot 1 PM/x.md'),
          ...update('a b'),
          '*** Add File: shot 1 PM/new',
          '+n',
        );
        const plan = await planPatch(parsePatch(patch), root);
        expect(plan.files.map(({ path, notes }) => ({ path, notes }))).toEqual([
          {
            path: join(root, nfd),
            notes: ['caf\u00e9.md was taken for cafe\\u0301.md, the one name that looks the same.'],
          },
          {
            path: join(root, 'shot 1\u202fPM/x\u200b.md'),
            notes: [
              'shot 1 PM/x.md was taken for shot 1\\u202fPM/x\\u200b.md, the one name that looks the same.',
            ],
          },
          { path: join(root, 'a b'), notes: [] },
          {
            path: join(root, 'shot 1\u202fPM/new'),
            notes: ['shot 1 PM/new was taken for shot 1\\u202fPM/new, the one name that looks the same.'],
          },
        ]);
        expect(await planError(root, ...update('a\u2007b'))).toEqual({
          reason: 'Failed to read file to update a\u2007b: No such file or directory (os error 2)',
          hint: 'Did you mean: a b, a\u00a0b?',
        });
        expect(await planError(root, ...update(nfd), ...update('caf\u00e9.md'))).toEqual({
          reason: 'Invalid patch: multiple operations target caf\u00e9.md',
          hint: 'Put all hunks of one file, in file order, under one header.',
        });
      },
    );
  });

  it('refuses what is not a text file, without waiting for it', async () => {
    await withTree({ 'binary.bin': 'a\0b\n', 'large.txt': '', 'file.txt': 'x\n' }, async (root) => {
      execFileSync('mkfifo', [join(root, 'fifo')]);
      mkdirSync(join(root, 'folder'));
      truncateSync(join(root, 'large.txt'), 64 * 1024 * 1024 + 1);
      symlinkSync('loop', join(root, 'loop'));
      const update = async (path: string) => planError(root, `*** Update File: ${path}`, '@@', '-a', '+b');
      const failed = (path: string, why: string) => ({
        reason: `Failed to read file to update ${path}: ${why}`,
      });
      expect(await update('binary.bin')).toEqual(failed('binary.bin', 'file is binary'));
      expect(await update('folder')).toEqual(failed('folder', 'Is a directory (os error 21)'));
      expect(await update('fifo')).toEqual(failed('fifo', 'not a regular file'));
      expect(await update('/dev/zero')).toEqual(failed('/dev/zero', 'not a regular file'));
      expect(await update('large.txt')).toEqual(failed('large.txt', 'file is larger than 64 MB'));
      expect(await update('loop')).toEqual(failed('loop', 'Too many levels of symbolic links (os error 40)'));
      const add = async (path: string) => planError(root, `*** Add File: ${path}`, '+b');
      expect(await add('folder')).toEqual({
        reason: 'Failed to write file folder',
        hint: 'Is a directory (os error 21)',
      });
      expect(await add('new/')).toEqual({
        reason: 'Failed to write file new/',
        hint: 'Is a directory (os error 21)',
      });
      expect(await add('fifo')).toEqual({ reason: 'Failed to write file fifo', hint: 'not a regular file' });
      expect(await add('file.txt/x')).toEqual({
        reason: 'Failed to write file file.txt/x',
        hint: `${join(root, 'file.txt')} is not a folder`,
      });
      expect(await planError(root, '*** Delete File: folder')).toEqual({
        reason: 'Failed to delete file folder',
        hint: 'Is a directory (os error 21)',
      });
      expect(await planError(root, '*** Delete File: fifo')).toEqual({
        reason: 'Failed to delete file fifo',
        hint: 'not a regular file',
      });
      expect(
        await planError(root, '*** Update File: file.txt', '*** Move to: folder', '@@', '-x', '+y'),
      ).toEqual({
        reason: 'Failed to write file folder',
        hint: 'Is a directory (os error 21)',
      });
    });
  });

  it('names the files that a wrong path may mean', async () => {
    const tree = {
      'src/parser.ts': '',
      'src/parse.ts': '',
      'src/Parsers.ts': '',
      'src/parse.test.ts': '',
      'src/zzz': '',
    };
    await withTree(tree, async (root) => {
      const missing = (path: string) =>
        `Failed to read file to update ${path}: No such file or directory (os error 2)`;
      const update = async (path: string) => planError(root, `*** Update File: ${path}`, '@@', '-a', '+b');
      expect(await update('src/parsr.ts')).toEqual({
        reason: missing('src/parsr.ts'),
        hint: 'Did you mean: src/parse.ts, src/parser.ts, src/Parsers.ts?',
      });
      expect(await update('src/qqqqq')).toEqual({
        reason: missing('src/qqqqq'),
        hint: 'No file has this name or a similar one.',
      });
      expect(await update('lib/parse.ts')).toEqual({
        reason: missing('lib/parse.ts'),
        hint: 'Did you mean: src/parse.ts?',
      });
      expect(await planError(root, '*** Delete File: src/zz')).toEqual({
        reason: 'Failed to delete file src/zz',
        hint: 'Did you mean: src/zzz?',
      });
    });
  });

  it('writes nothing and throws nothing but a PatchError for any text', async () => {
    const tree = { a: 'a\nb\n', 'b/c': 'x\n' };
    await withTree(tree, async (root) => {
      const anyText = fc.oneof(
        anyPatch.map(render),
        fc.string(),
        anyPatch.map((patch) => render(patch).replaceAll('File: ', 'File: a\0')),
      );
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          try {
            await planPatch(readPatch(text), root);
          } catch (error) {
            expect(error).toBeInstanceOf(PatchError);
          }
          expect(readTree(root)).toEqual(tree);
        }),
      );
    });
  });
});
