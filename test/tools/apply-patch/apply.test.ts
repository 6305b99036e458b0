import {
  chmodSync,
  chownSync,
  lstatSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../src/tools/apply-patch/apply.ts';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { type Plan, planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { patchOf, readTree, withTree } from './support.ts';

async function planOf(root: string, ...lines: readonly string[]): Promise<Plan> {
  return planPatch(parsePatch(patchOf(...lines)), root);
}

async function applyError(
  plan: Plan,
): Promise<{ reason: string; hint: string | undefined; written: readonly string[] }> {
  try {
    await applyPlan(plan);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    return { reason: error.standalone, hint: error.hint, written: error.written };
  }
  throw new Error('no error');
}

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

describe('applyPlan', () => {
  it('keeps modes but for set-ID bits, also over a move, and gives a new file the usual one', async () => {
    await withTree({ 'run.sh': 'a\n', 'move.sh': 'a\n', 'plain.txt': 'a\n' }, async (root) => {
      chmodSync(join(root, 'run.sh'), 0o755);
      chmodSync(join(root, 'move.sh'), 0o4750);
      const umask = process.umask();
      const plan = await planOf(
        root,
        '*** Update File: run.sh',
        '@@',
        '-a',
        '+b',
        '*** Update File: move.sh',
        '*** Move to: bin/moved.sh',
        '@@',
        '-a',
        '+b',
        '*** Add File: new.txt',
        '+b',
      );
      await applyPlan(plan);
      expect(readTree(root)).toEqual({
        'run.sh': 'b\n',
        'bin/moved.sh': 'b\n',
        'plain.txt': 'a\n',
        'new.txt': 'b\n',
      });
      expect([
        modeOf(join(root, 'run.sh')),
        modeOf(join(root, 'bin/moved.sh')),
        modeOf(join(root, 'new.txt')),
      ]).toEqual([0o755, 0o750, 0o666 & ~umask]);
    });
  });

  // Only root can make a file another user's.
  it.runIf(process.getuid?.() === 0)('keeps the owner', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      chownSync(join(root, 'a'), 1234, 4321);
      await applyPlan(await planOf(root, '*** Update File: a', '@@', '-a', '+b'));
      const { uid, gid } = statSync(join(root, 'a'));
      expect({ uid, gid, tree: readTree(root) }).toEqual({ uid: 1234, gid: 4321, tree: { a: 'b\n' } });
    });
  });

  it('writes through links and removes the link only', async () => {
    await withTree({ 'real/a': 'a\n', 'real/b': 'b\n', 'real/c': 'c\n' }, async (root) => {
      for (const name of ['a', 'b', 'c', 'new']) symlinkSync(`real/${name}`, join(root, name));
      const plan = await planOf(
        root,
        '*** Update File: a',
        '@@',
        '-a',
        '+A',
        '*** Delete File: b',
        '*** Update File: c',
        '*** Move to: moved',
        '@@',
        '-c',
        '+C',
        '*** Add File: new',
        '+n',
      );
      await applyPlan(plan);
      expect(readTree(root)).toEqual({
        'real/a': 'A\n',
        'real/b': 'b\n',
        'real/c': 'c\n',
        'real/new': 'n\n',
        moved: 'C\n',
      });
      expect([readlinkSync(join(root, 'a')), readlinkSync(join(root, 'new'))]).toEqual([
        'real/a',
        'real/new',
      ]);
      expect(['b', 'c'].map((name) => lstatSync(join(root, name), { throwIfNoEntry: false }))).toEqual([
        undefined,
        undefined,
      ]);
    });
  });

  it('keeps a file that is moved onto itself', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      symlinkSync('a', join(root, 'link'));
      await applyPlan(await planOf(root, '*** Update File: a', '*** Move to: ./a', '@@', '-a', '+b'));
      expect(readTree(root)).toEqual({ a: 'b\n' });
      await applyPlan(await planOf(root, '*** Update File: a', '*** Move to: link', '@@', '-b', '+c'));
      expect(readTree(root)).toEqual({ a: 'c\n' });
    });
  });

  it.each<[string, (root: string) => void, string]>([
    ['an updated file changed', (root) => writeFileSync(join(root, 'a'), 'other\n'), 'a'],
    ['an updated file is gone', (root) => rmSync(join(root, 'a')), 'a'],
    ['a removed file changed', (root) => writeFileSync(join(root, 'b'), 'other\n'), 'b'],
    ['a new file is there', (root) => writeFileSync(join(root, 'n'), 'other\n'), 'n'],
    [
      'a file became a link',
      (root) => {
        rmSync(join(root, 'a'));
        writeFileSync(join(root, 'elsewhere'), 'a\n');
        symlinkSync('elsewhere', join(root, 'a'));
      },
      'a',
    ],
  ])('writes nothing when %s', async (_name, change, changed) => {
    await withTree({ a: 'a\n', b: 'b\n' }, async (root) => {
      const plan = await planOf(
        root,
        '*** Add File: deep/er/x',
        '+x',
        '*** Update File: a',
        '@@',
        '-a',
        '+A',
        '*** Delete File: b',
        '*** Add File: n',
        '+n',
      );
      change(root);
      const before = readTree(root);
      expect(await applyError(plan)).toEqual({
        reason: `${join(root, changed)} changed while the patch was being verified; nothing was written`,
        hint: 'Read the file again and send a new patch.',
        written: [],
      });
      expect(readTree(root)).toEqual(before);
    });
  });

  it('leaves nothing behind when a folder cannot be made', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      const plan = await planOf(root, '*** Update File: a', '@@', '-a', '+b', '*** Add File: x/y/z', '+z');
      writeFileSync(join(root, 'x'), 'in the way\n');
      expect(await applyError(plan)).toEqual({
        reason: 'Failed to create parent directories for x/y/z',
        hint: 'Not a directory (os error 20)',
        written: [],
      });
      expect(readTree(root)).toEqual({ a: 'a\n', x: 'in the way\n' });
    });
  });
});
