/** What commands change is found and put back; what is not certainly theirs is left alone. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkpointsFolder } from '../../../../src/config/checkpoints-folder.ts';
import { removeTree } from '../../../../src/system/remove-tree.ts';
import { prepareRewind, restore } from '../../../../src/tools/checkpoints/restore.ts';
import { makeWorld, refusals } from './world.ts';

const TREE = { a: 'one\n', 'd/b': 'two\n', 'd/e/c': 'three\n' };

test('what a command writes, removes, makes and renames is put back, and taken back again', async () => {
  const world = makeWorld(TREE);
  const { at, tree, run, takeBack, undo, log } = world;
  await run(() => {
    appendFileSync(at('a'), 'more\n');
    rmSync(at('d/e'), { recursive: true });
    renameSync(at('d/b'), at('d/moved'));
    mkdirSync(at('new/folder'), { recursive: true });
    writeFileSync(at('new/folder/f'), 'new\n');
  });
  const after = tree();
  expect(refusals(await takeBack(log()), world)).toEqual([]);
  expect(tree()).toEqual({ ...TREE, 'new/folder/': '' });
  expect(refusals(await undo(), world)).toEqual([]);
  expect(tree()).toEqual({ ...after, 'd/e/': '' });
  expect(world.warnings).toEqual([]);
});

test('a command that changes nothing leaves no line; permissions alone count', async () => {
  const { at, run, log, takeBack } = makeWorld(TREE);
  await run(() => {
    writeFileSync(at('a'), 'one\n');
    utimesSync(at('d/b'), 1, 1);
  });
  expect(log()).toEqual([]);
  await run(() => chmodSync(at('a'), 0o755));
  expect(log().map(({ by, isSure, files }) => [by, isSure, files.length])).toEqual([['command', true, 1]]);
  await takeBack(log());
  expect(statSync(at('a')).mode & 0o777).toBe(0o644);
});

test('what is written between two commands is somebody else’s', async () => {
  const world = makeWorld(TREE);
  const { at, run, tree, takeBack, log } = world;
  await run(() => writeFileSync(at('a'), 'command\n'));
  writeFileSync(at('a'), 'mine\n');
  writeFileSync(at('mine'), 'mine\n');
  await run(() => {
    writeFileSync(at('a'), 'command again\n');
    writeFileSync(at('d/b'), 'command\n');
  });
  writeFileSync(at('d/e/c'), 'mine\n');
  expect(refusals(await takeBack(log()), world)).toEqual([['a', 'changed_between']]);
  expect(tree()).toEqual({ a: 'command again\n', mine: 'mine\n', 'd/b': 'two\n', 'd/e/c': 'mine\n' });
  expect(refusals(await takeBack(log().slice(1, 2)), world)).toEqual([]);
  expect(tree().a).toBe('mine\n');
});

test('a background command: its changes count while it is waited for', async () => {
  const world = makeWorld(TREE);
  const { at, changes, root, takeBack, log, tree } = world;
  const { signal } = new AbortController();
  const wait = async (work: () => void): Promise<void> => {
    const kept = await changes.begin([root], log().length + 1, signal);
    work();
    await kept?.end();
  };
  await wait(() => writeFileSync(at('a'), 'first\n'));
  await wait(() => writeFileSync(at('a'), 'second\n'));
  writeFileSync(at('d/b'), 'meanwhile\n');
  await wait(() => writeFileSync(at('d/e/c'), 'third\n'));
  expect(refusals(await takeBack(log()), world)).toEqual([]);
  expect(tree()).toEqual({ ...TREE, 'd/b': 'meanwhile\n' });
});

test('two at once: the second is part of the first', async () => {
  const { at, root, changes, log, takeBack, tree } = makeWorld(TREE);
  const { signal } = new AbortController();
  const first = await changes.begin([root], 1, signal);
  expect(await changes.begin([root], 2, signal)).toBe(undefined);
  writeFileSync(at('a'), 'x\n');
  await first?.end();
  await takeBack(log());
  expect(tree()).toEqual(TREE);
});

test('ignored files are not kept, so nothing that was there before is taken for new', async () => {
  const world = makeWorld({ ...TREE, '.gitignore': 'secret\nout/\n', secret: 'key\n', 'out/x': 'built\n' });
  const { at, run, tree, takeBack, log } = world;
  await run(() => {
    writeFileSync(at('secret'), 'other key\n');
    renameSync(at('out/x'), at('x'));
    rmSync(at('.gitignore'));
    writeFileSync(at('fresh'), 'fresh\n');
  });
  expect(refusals(await takeBack(log()), world)).toEqual([
    ['secret', 'not_kept'],
    ['x', 'not_kept'],
  ]);
  expect(tree()).toEqual({
    ...TREE,
    '.gitignore': 'secret\nout/\n',
    'out/': '',
    secret: 'other key\n',
    x: 'built\n',
  });
});

test('an ignored file that the session has changed before is kept', async () => {
  const world = makeWorld({ ...TREE, '.gitignore': 'out/\n' });
  const { at, run, tree, takeBack, log } = world;
  await run(() => {
    rmSync(at('.gitignore'));
    mkdirSync(at('out'));
    writeFileSync(at('out/x'), '1\n');
  });
  writeFileSync(at('.gitignore'), 'out/\n');
  await run(() => writeFileSync(at('out/x'), '2\n'));
  expect(
    log()
      .at(-1)
      ?.files.map((file) => file.path),
  ).toEqual([at('out/x')]);
  await takeBack(log().slice(-1));
  expect(tree()['out/x']).toBe('1\n');
});

test('a folder that was made empty by one command and filled by the next', async () => {
  const { at, run, tree, takeBack, log } = makeWorld(TREE);
  await run(() => void mkdirSync(at('n/m'), { recursive: true }));
  await run(() => writeFileSync(at('n/m/f'), 'f\n'));
  await takeBack(log());
  expect(tree()).toEqual({ ...TREE, 'n/m/': '' });
});

test('a link, a pipe and a folder in the place of a file, and a link in the place of a folder', async () => {
  const world = makeWorld({ ...TREE, f: 'f\n', g: 'g\n' });
  const { at, run, takeBack, log } = world;
  const outside = path.join(world.root, '..', 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'b'), 'outside\n');
  await run(() => {
    rmSync(at('a'));
    symlinkSync('/etc/passwd', at('a'));
    rmSync(at('f'));
    execFileSync('mkfifo', [at('f')]);
    rmSync(at('g'));
    mkdirSync(at('g'));
    rmSync(at('d'), { recursive: true });
    symlinkSync(outside, at('d'));
  });
  expect(refusals(await takeBack(log()), world)).toEqual([
    ['a', 'link'],
    ['d/b', 'unreadable'],
    ['d/e/c', 'unreadable'],
    ['f', 'unreadable'],
    ['g', 'unreadable'],
  ]);
  expect(readFileSync(path.join(outside, 'b'), 'utf8')).toBe('outside\n');
});

test('a link that a command replaces with a file is not deleted with it', async () => {
  const world = makeWorld(TREE);
  const { at, run, takeBack, log } = world;
  symlinkSync('a', at('link'));
  await run(() => {
    rmSync(at('link'));
    writeFileSync(at('link'), 'a file\n');
  });
  expect(refusals(await takeBack(log()), world)).toEqual([['link', 'not_kept']]);
  expect(readFileSync(at('link'), 'utf8')).toBe('a file\n');
});

test('what is too large is not kept, but a large file that a command makes goes', async () => {
  const large = 'x'.repeat(1024 * 1024 + 1);
  const world = makeWorld({ ...TREE, large });
  const { at, run, takeBack, log } = world;
  await run(() => {
    appendFileSync(at('large'), 'y');
    writeFileSync(at('made'), large);
    appendFileSync(at('a'), large);
  });
  expect(refusals(await takeBack(log()), world)).toEqual([['large', 'not_kept']]);
  expect([existsSync(at('made')), readFileSync(at('a'), 'utf8')]).toEqual([false, 'one\n']);
});

test('the copies go with the session, and an interrupt while they are made leaves nothing half done', async () => {
  const { root, at, owner, changes, run, tree, takeBack, log } = makeWorld(TREE);
  expect(await changes.begin([root], 1, AbortSignal.abort())).toBe(undefined);
  await run(() => writeFileSync(at('a'), 'x\n'));
  const workspace = path.join(checkpointsFolder(owner.home, owner.session), 'workspace');
  expect(existsSync(workspace)).toBe(true);
  changes.close();
  expect(existsSync(workspace)).toBe(false);
  expect(await changes.begin([root], 1, new AbortController().signal)).toBe(undefined);
  await takeBack(log());
  expect(tree()).toEqual(TREE);
});

test('a command that makes too many files: it is said, and the others are put back', async () => {
  const world = makeWorld(TREE);
  const { at, run, takeBack, log, warnings } = world;
  await run(() => {
    mkdirSync(at('many'));
    for (let number = 0; number <= 20_000; number++) writeFileSync(at(`many/${number}`), '');
    writeFileSync(at('a'), 'two\n');
  });
  expect(warnings).toEqual([
    'there are more than 20000 files here now: those that commands make are not taken back',
  ]);
  await takeBack(log());
  expect(readFileSync(at('a'), 'utf8')).toBe('one\n');
});

test('where nothing can be kept the command runs all the same, which is said once', async () => {
  const { root, at, owner, changes, warnings, log } = makeWorld(TREE);
  writeFileSync(path.join(owner.home, 'checkpoints'), 'in the way');
  for (const item of [1, 2]) {
    const kept = await changes.begin([root], item, new AbortController().signal);
    writeFileSync(at('a'), `${item}\n`);
    await kept?.end();
  }
  expect(log()).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/^what commands change cannot be taken back by \/rewind: /),
  ]);
});

/** Root sees all. */
const isSeeingAll = ((): boolean => {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-locked-'));
  try {
    mkdirSync(path.join(folder, 'd'), { mode: 0 });
    return existsSync(`${folder}/d/.`);
  } finally {
    removeTree(folder);
  }
})();

test.skipIf(isSeeingAll)(
  'files in a folder that a command has locked are not taken for deleted',
  async () => {
    const world = makeWorld(TREE);
    const { at, run, tree, takeBack, log } = world;
    await run(() => {
      writeFileSync(at('a'), 'command\n');
      writeFileSync(at('d/e/c'), 'command\n');
      chmodSync(at('d'), 0);
    });
    const left = log().flatMap(({ files }) => files.map((file) => [file.path, file.after.kind] as const));
    expect(new Map(left)).toEqual(
      new Map([
        [at('a'), 'file'],
        [at('d/b'), 'unknown'],
        [at('d/e/c'), 'unknown'],
      ]),
    );
    expect(refusals(await takeBack(log()), world)).toEqual([
      ['d/b', 'unreadable'],
      ['d/e/c', 'unreadable'],
    ]);
    chmodSync(at('d'), 0o755);
    expect(refusals(await takeBack(log().slice(0, 1)), world)).toEqual([['d/e/c', 'unclear']]);
    expect(tree()).toEqual({ ...TREE, 'd/e/c': 'command\n' });
    await run(() => writeFileSync(at('d/new'), 'new\n'));
    await takeBack(log().slice(-1));
    expect(tree()).toEqual({ ...TREE, 'd/e/c': 'command\n' });
  },
);

test('a rewind that fails changes nothing and is none: the one before it can still be taken back', async () => {
  const world = makeWorld(TREE);
  const { at, run, tree, takeBack, undo, log } = world;
  await run(() => writeFileSync(at('a'), 'two\n'));
  await takeBack(log());
  await run(() => writeFileSync(at('d/b'), 'three\n'));
  const prepared = prepareRewind(world.owner, log().slice(-1), () => true);
  writeFileSync(at('d/b'), 'mine\n');
  const before = log();
  await expect(restore(world.owner, prepared, 9)).rejects.toThrow(
    `no file was put back: ${at('d/b')} changed while the patch was being verified; nothing was written`,
  );
  expect([log(), tree()]).toEqual([before, { ...TREE, 'd/b': 'mine\n' }]);
  await undo();
  expect(tree()).toEqual({ ...TREE, a: 'two\n', 'd/b': 'mine\n' });
});
