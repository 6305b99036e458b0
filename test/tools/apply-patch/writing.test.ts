/** What a file is beside its bytes, and what cannot be replaced, with a real disk, real mounts and another user. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HeldFolder } from '../../../src/system/held-folder.ts';
import { applyPlan } from '../../../src/tools/apply-patch/apply.ts';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { type FileSnapshot, takeSnapshot } from '../../../src/tools/apply-patch/files.ts';
import { writeInPlace } from '../../../src/tools/apply-patch/in-place.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { patchOf, readTree, type Tree, withTree } from './support.ts';

const CHILD = join(import.meta.dirname, 'apply-child.ts');
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
const hasPython = spawnSync('python3', ['-c', 'import os; os.getxattr']).status === 0;
const change = (file: string): string => patchOf(`*** Update File: ${file}`, '@@', '-a', '+b');

async function apply(root: string, ...lines: readonly string[]): Promise<void> {
  await applyPlan(await planPatch(parsePatch(patchOf(...lines)), root));
}

function applyAs(user: number, root: string, patch: string): string {
  return execFileSync(process.execPath, [CHILD, root, patch, String(user)], { encoding: 'utf8' });
}

describe.runIf(canMount)('a file that is a mount point', () => {
  it('is written in place', async () => {
    await withTree({ 'app.conf': 'a\nrest\n' }, async (root) => {
      const script = 'mount --bind "$1/app.conf" "$1/app.conf" && exec "$2" "$3" "$1" "$4"';
      const args = ['-rm', 'sh', '-c', script, '_', root, process.execPath, CHILD, change('app.conf')];
      expect(execFileSync('unshare', args, { encoding: 'utf8' })).toBe('');
      expect(readTree(root)).toEqual({ 'app.conf': 'b\nrest\n' });
    });
  });
});

describe.runIf(isRoot)('as another user', () => {
  it('writes a writable file in a folder that is not, and says so if it may not write', async () => {
    await withTree({ 'd/free': 'a\n', 'd/own': 'a\n' }, async (root) => {
      chmodSync(root, 0o755);
      chmodSync(join(root, 'd/free'), 0o666);
      chmodSync(join(root, 'd'), 0o555);
      expect(applyAs(NOBODY, root, change('d/free'))).toBe('');
      expect(applyAs(NOBODY, root, change('d/own'))).toBe(
        'Failed to write file d/own\nPermission denied (os error 13)\n',
      );
      expect(readTree(root)).toEqual({ 'd/free': 'b\n', 'd/own': 'a\n' });
    });
  });

  it('leaves a shared file its owner', async () => {
    await withTree({ shared: 'a\nlong enough to be cut\n' }, async (root) => {
      chmodSync(root, 0o777);
      chownSync(join(root, 'shared'), 1234, 4321);
      chmodSync(join(root, 'shared'), 0o666);
      expect(applyAs(NOBODY, root, patchOf('*** Add File: shared', '+b'))).toBe('');
      const { uid, gid, mode } = statSync(join(root, 'shared'));
      expect({ uid, gid, mode: mode & 0o7777, tree: readTree(root) }).toEqual({
        uid: 1234,
        gid: 4321,
        mode: 0o666,
        tree: { shared: 'b\n' },
      });
    });
  });

  it('undoes what it wrote in place when the next file cannot be written', async () => {
    await withTree({ 'd/free': 'a\n', 'd/own': 'a\n' }, async (root) => {
      chmodSync(root, 0o755);
      chmodSync(join(root, 'd/free'), 0o666);
      chmodSync(join(root, 'd'), 0o555);
      const both = patchOf(
        ...['d/free', 'd/own'].flatMap((file) => [`*** Update File: ${file}`, '@@', '-a', '+long']),
      );
      expect(applyAs(NOBODY, root, both)).toBe(
        'Failed to write file d/own\nPermission denied (os error 13)\n',
      );
      expect(readTree(root)).toEqual({ 'd/free': 'a\n', 'd/own': 'a\n' });
    });
  });
});

describe('extended attributes', () => {
  const python = (code: string, file: string): string =>
    execFileSync('python3', ['-c', `import os,sys; f = sys.argv[1]; ${code}`, file], {
      encoding: 'utf8',
    }).trim();

  it.runIf(process.platform === 'linux' && hasPython)(
    'are kept, also over a move, but for set-ID bits',
    async () => {
      await withTree({ a: 'a\n', m: 'a\n' }, async (root) => {
        for (const name of ['a', 'm']) python('os.setxattr(f, "user.origin", b"kept")', join(root, name));
        chmodSync(join(root, 'a'), 0o6750);
        await apply(
          root,
          '*** Update File: a',
          '@@',
          '-a',
          '+b',
          '*** Update File: m',
          '*** Move to: n',
          '@@',
          '-a',
          '+b',
        );
        expect(
          ['a', 'n'].map((name) => python('print(os.getxattr(f, "user.origin"))', join(root, name))),
        ).toEqual(["b'kept'", "b'kept'"]);
        expect(statSync(join(root, 'a')).mode & 0o7777).toBe(0o750);
        expect(readTree(root)).toEqual({ a: 'b\n', n: 'b\n' });
      });
    },
  );
});

describe('writeInPlace', () => {
  const inPlace = (root: string, name: string, bytes: Buffer, before: FileSnapshot): void => {
    const folder = HeldFolder.open(realpathSync(root));
    try {
      writeInPlace(folder, name, bytes, before);
    } finally {
      folder.close();
    }
  };

  it.each([
    ['a longer text', 'old\n', 'much longer than before\n'],
    ['a shorter one', 'much longer than after\n', 'new\n'],
    ['nothing', 'old\n', ''],
  ])('writes %s into the same file', async (_name, old, text) => {
    await withTree({ f: old }, async (root) => {
      const before = await takeSnapshot(join(root, 'f'));
      if (before.kind !== 'file') throw new Error('no file');
      chmodSync(join(root, 'f'), 0o6640);
      inPlace(root, 'f', Buffer.from(text), before);
      const after = await takeSnapshot(join(root, 'f'));
      expect(after).toEqual({ ...before, bytes: Buffer.from(text) });
      expect(statSync(join(root, 'f')).mode & 0o7777).toBe(before.mode);
    });
  });

  it('writes neither into a file with other names nor into another file', async () => {
    await withTree({ f: 'old\n', g: 'other\n' }, async (root) => {
      const f = join(root, 'f');
      const before = await takeSnapshot(f);
      if (before.kind !== 'file') throw new Error('no file');
      expect(() => inPlace(root, 'g', Buffer.from('x'), before)).toThrow('it is another file now');
      linkSync(f, join(root, 'h'));
      expect(() => inPlace(root, 'f', Buffer.from('x'), before)).toThrow('it has other names');
      expect(readTree(root)).toEqual({ f: 'old\n', g: 'other\n', h: 'old\n' });
    });
  });

  it.runIf(existsSync('/dev/full') && canMount)(
    'gives back the old bytes when the disk is full',
    async () => {
      await withTree({ f: 'old\n' }, async (root) => {
        // The file is a mount of one on a file system of four pages, of which one is free.
        const script = [
          'mkdir "$1/full" && mount -t tmpfs -o size=16k none "$1/full" && printf "a\\nold\\n" > "$1/full/f"',
          'mount --bind "$1/full/f" "$1/f" && head -c 8192 /dev/zero > "$1/full/fill" && "$2" "$3" "$1" "$4"; cat "$1/f"',
        ].join(' && ');
        const patch = patchOf(
          '*** Update File: f',
          '@@',
          '-a',
          ...Array.from({ length: 2000 }, () => '+long line'),
        );
        const args = ['-rm', 'sh', '-c', script, '_', root, process.execPath, CHILD, patch];
        expect(execFileSync('unshare', args, { encoding: 'utf8' })).toBe(
          'Failed to write file f\nNo space left on device (os error 28)\na\nold\n',
        );
      });
    },
  );
});

describe('on a volume where capitals make no difference', () => {
  const FOLDING = join(import.meta.dirname, '../../support/folding.cjs');
  const applyFolding = (root: string, ...lines: readonly string[]): string =>
    execFileSync(process.execPath, ['--require', FOLDING, CHILD, root, patchOf(...lines)], {
      encoding: 'utf8',
      env: { ...process.env, FOLDING_FOLDER: root },
    });

  it.each<[string, readonly string[], Tree]>([
    [
      'a move to other capitals',
      ['*** Update File: notes.txt', '*** Move to: Notes.txt', '@@', '-a', '+b'],
      { 'Notes.txt': 'b\n' },
    ],
    [
      'a move to other capitals in a folder with others',
      ['*** Update File: notes.txt', '*** Move to: Sub/NOTES.txt', '@@', '-a', '+b'],
      { 'sub/NOTES.txt': 'b\n' },
    ],
    [
      'a change under other capitals',
      ['*** Update File: NOTES.TXT', '@@', '-a', '+b'],
      { 'notes.txt': 'b\n' },
    ],
    ['a new text under other capitals', ['*** Add File: NOTES.TXT', '+b'], { 'notes.txt': 'b\n' }],
  ])('%s leaves one file with the new text', async (_name, lines, expected) => {
    await withTree({ 'notes.txt': 'a\n', 'sub/x': '' }, async (root) => {
      expect(applyFolding(root, ...lines)).toBe('');
      const { 'sub/x': _, ...tree } = readTree(root);
      expect(tree).toEqual(expected);
    });
  });

  it.each<[string, readonly string[], string]>([
    ['two new files', ['*** Add File: New', '+1', '*** Add File: new', '+2'], 'new'],
    ['a change and a removal', ['*** Update File: a', '@@', '-a', '+b', '*** Delete File: A'], 'A'],
  ])('refuses %s that are one', async (_name, lines, named) => {
    await withTree({ a: 'a\n' }, async (root) => {
      expect(applyFolding(root, ...lines).split('\n')[0]).toBe(
        `invalid patch: multiple operations target ${named}`,
      );
      expect(readTree(root)).toEqual({ a: 'a\n' });
    });
  });
});

describe('one file under two names', () => {
  it('is one operation: hard links', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      linkSync(join(root, 'a'), join(root, 'b'));
      const both = apply(
        root,
        '*** Update File: a',
        '@@',
        '-a',
        '+x',
        '*** Update File: b',
        '@@',
        '-a',
        '+y',
      );
      await expect(both).rejects.toThrow('invalid patch: multiple operations target b');
      expect(readTree(root)).toEqual({ a: 'a\n', b: 'a\n' });
    });
  });

  it('is still there after a move from one to the other', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      linkSync(join(root, 'a'), join(root, 'b'));
      await apply(root, '*** Update File: a', '*** Move to: b', '@@', '-a', '+x');
      expect(readTree(root)).toEqual({ b: 'x\n' });
    });
  });

  it('is still there after a move from a link to it', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      symlinkSync('a', join(root, 'link'));
      await apply(root, '*** Update File: link', '*** Move to: a', '@@', '-a', '+x');
      expect(readTree(root)).toEqual({ a: 'x\n' });
      expect(lstatSync(join(root, 'link'), { throwIfNoEntry: false })).toBe(undefined);
    });
  });

  it('keeps its other name when it is only changed', async () => {
    await withTree({ a: 'a\n' }, async (root) => {
      linkSync(join(root, 'a'), join(root, 'b'));
      await apply(root, '*** Update File: a', '@@', '-a', '+x');
      expect(readTree(root)).toEqual({ a: 'x\n', b: 'a\n' });
    });
  });
});

describe('a patch that was applied', () => {
  it('leaves nothing beside the files, and no write where nothing changes', async () => {
    await withTree({ a: 'a\n', same: 'x\n' }, async (root) => {
      const { mtimeNs, ino } = statSync(join(root, 'same'), { bigint: true });
      await apply(
        root,
        '*** Update File: a',
        '@@',
        '-a',
        '+b',
        '*** Update File: same',
        '@@',
        ' x',
        '*** Add File: d/n',
        '+n',
      );
      expect(readdirSync(root).sort()).toEqual(['a', 'd', 'same']);
      expect(readTree(root)).toEqual({ a: 'b\n', same: 'x\n', 'd/n': 'n\n' });
      const after = statSync(join(root, 'same'), { bigint: true });
      expect([after.mtimeNs, after.ino]).toEqual([mtimeNs, ino]);
    });
  });

  it('is refused as a whole if it changes nothing at all', async () => {
    await withTree({ a: 'a\n', b: 'b\n' }, async (root) => {
      writeFileSync(join(root, 'c'), 'c\r\n');
      const nothing = apply(
        root,
        '*** Update File: a',
        '@@',
        '-a',
        '+a',
        '*** Add File: b',
        '+b',
        '*** Add File: c',
        '+c',
      );
      await expect(nothing).rejects.toEqual(
        new PatchError({ kind: 'files' }, 'The patch changes nothing: the files are already as it says', {
          hint: 'Read the file before you go on.',
        }),
      );
      expect(readFileSync(join(root, 'c'), 'utf8')).toBe('c\r\n');
    });
  });
});
