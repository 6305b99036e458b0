/** After a kill in a command: what it had done is put back, and what was done later is left alone and shown. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkpointsFolder } from '../../../../src/config/checkpoints-folder.ts';
import { appendLine } from '../../../../src/tools/checkpoints/change-log.ts';
import { finishCutOff } from '../../../../src/tools/checkpoints/commands/cut-off.ts';
import { forkCheckpoints } from '../../../../src/tools/checkpoints/fork.ts';
import { changesOf, prepareRewind, restore } from '../../../../src/tools/checkpoints/restore.ts';
import { makeWorld, refusals, type World } from './world.ts';

const TREE = { a: 'one\n', b: 'one\n', c: 'one\n', 'd/e': 'one\n', 'f/g': 'one\n', 'i/j': 'one\n' };

/** What oagent would leave on the disk if it were killed now. @returns who goes on with it */
function killed({ owner }: World): World['owner'] {
  const home = `${owner.home}-after`;
  cpSync(owner.home, home, { recursive: true });
  const file = path.join(checkpointsFolder(home, owner.session), 'workspace', 'running');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), process: 'another' }));
  // The clock of the file system goes in steps.
  const clock = path.join(home, 'clock');
  do writeFileSync(clock, '');
  while (statSync(clock).ctimeMs <= statSync(file).ctimeMs);
  return { ...owner, home };
}

test('a copy of the session takes it back as well', async () => {
  const world = makeWorld(TREE);
  const { at, root, changes, tree } = world;
  await changes.begin([root], 1, new AbortController().signal);
  for (const name of ['a', 'd/e']) writeFileSync(at(name), 'two\n');
  const owner = killed(world);
  writeFileSync(at('b'), 'mine\n');
  forkCheckpoints(owner.home, owner.session, 'copy');
  const copy = { ...owner, session: 'copy' };
  await finishCutOff(copy);
  const prepared = prepareRewind(copy, changesOf(copy), () => true);
  await restore(copy, prepared, 2);
  expect(refusals(prepared.plan, world)).toEqual([['b', 'late']]);
  expect(tree()).toEqual({ ...TREE, b: 'mine\n' });
  await finishCutOff(owner);
  // The copy has put them back, after the kill.
  expect(changesOf(owner).map(({ files }) => files.map((file) => path.relative(root, file.path)))).toEqual([
    ['b'],
  ]);
});

test('what somebody else has done after the kill is left alone, also a folder with older files', async () => {
  const world = makeWorld(TREE);
  const { at, root, changes, tree } = world;
  const backup = path.join(root, '..', 'backup');
  mkdirSync(path.join(backup, 'd'), { recursive: true });
  writeFileSync(path.join(backup, 'd', 'e'), 'of a backup\n');
  await changes.begin([root], 1, new AbortController().signal);
  for (const name of ['a', 'b', 'd/e', 'i/j']) writeFileSync(at(name), 'two\n');
  rmSync(at('f'), { recursive: true });
  mkdirSync(at('new'));
  writeFileSync(at('new/made'), 'made\n');
  const owner = killed(world);
  writeFileSync(at('b'), 'mine\n');
  rmSync(at('c'));
  writeFileSync(at('fresh'), 'mine\n');
  renameSync(at('d'), path.join(backup, 'old'));
  renameSync(path.join(backup, 'd'), at('d'));
  await finishCutOff(owner);
  const prepared = prepareRewind(owner, changesOf(owner), () => true);
  await restore(owner, prepared, 2);
  expect(refusals(prepared.plan, world)).toEqual([
    ['b', 'late'],
    ['c', 'late'],
    ['d/e', 'late'],
    ['f/g', 'late'],
    ['fresh', 'late'],
  ]);
  expect(tree()).toEqual({
    a: 'one\n',
    b: 'mine\n',
    'd/e': 'of a backup\n',
    fresh: 'mine\n',
    'i/j': 'one\n',
    'new/': '',
  });
});

test('a change that was written down before the kill is not found out again', async () => {
  const { at, root, changes, owner: before, ...world } = makeWorld(TREE);
  await changes.begin([root], 1, new AbortController().signal);
  writeFileSync(at('a'), 'two\n');
  const owner = killed({ at, root, changes, owner: before, ...world });
  const folder = checkpointsFolder(owner.home, owner.session);
  const { id } = JSON.parse(readFileSync(path.join(folder, 'workspace', 'running'), 'utf8'));
  const written = { id, item: 1, by: 'command', files: [] } as const;
  appendLine(folder, { change: written }, { made: id });
  await finishCutOff(owner);
  expect(changesOf(owner)).toEqual([{ ...written, isSure: true }]);
});
