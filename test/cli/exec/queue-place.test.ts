/** Whether a queue may be obeyed: nothing that a sandboxed command of the session could write, or could exchange. */
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openQueueInput } from '../../../src/cli/exec/queue/queue-place.ts';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A project, and a folder beside it that no command can write. */
async function places() {
  const base = await tempFolder();
  const [cwd, own, home] = ['project', 'own', 'home'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [cwd, own, home]) mkdirSync(folder);
  const permissions: Permissions = {
    ...{ mode: 'workspace-write', approval: 'never', cwd, home, env: {}, writableRoots: [], network: false },
    ...{ excludeTmpdirEnvVar: true, excludeSlashTmp: true },
  };
  const inProject = path.join(cwd, 'queue');
  const inOwn = path.join(own, 'queue');
  for (const file of [inProject, inOwn]) writeFileSync(file, 'one\n');
  /** What is said of it; undefined: it may be obeyed. */
  const problem = (name: string, more: Partial<Permissions> = {}): string | undefined => {
    try {
      openQueueInput(name, { ...permissions, ...more });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { cwd, own, permissions, inProject, inOwn, problem };
}

test('a file that commands can write is refused, by whatever name it is called', async () => {
  const { cwd, own, inProject, inOwn, problem } = await places();
  const refused = expect.stringContaining(`commands of this session can write in ${cwd}, so they could tell`);
  symlinkSync(inProject, path.join(own, 'to-project'));
  symlinkSync(inOwn, path.join(cwd, 'to-own'));
  const names = [inProject, path.join(own, 'to-project'), path.join(cwd, 'to-own'), inOwn];
  expect(names.map((name) => problem(name))).toEqual([refused, refused, refused, undefined]);
  expect(problem(inOwn, { writableRoots: [own] })).toContain(`commands of this session can write in ${own}`);
});

test('where no command of the sandbox writes, each file may be obeyed', async () => {
  const { inProject, problem } = await places();
  expect([
    problem(inProject, { mode: 'read-only' }),
    problem(inProject, { mode: 'danger-full-access' }),
  ]).toEqual([undefined, undefined]);
});

test('a second name may be in the project; a folder is no queue', async () => {
  const { cwd, own, inOwn, problem } = await places();
  linkSync(inOwn, path.join(cwd, 'second'));
  expect(problem(inOwn)).toContain(
    'it has a second name (a hard link), which commands could perhaps write to',
  );
  expect(problem(own)).toBe(`--queue ${own}: it is a folder`);
});

test('each reading looks again: a link that was put in its place is not read', async () => {
  const { own, permissions, inProject, inOwn } = await places();
  const input = openQueueInput(inOwn, permissions);
  if (input.kind !== 'file') throw new Error('it is a file');
  expect(input.read().toString()).toBe('one\n');
  renameSync(inOwn, path.join(own, 'moved'));
  symlinkSync(inProject, inOwn);
  expect(() => input.read()).toThrow('commands of this session can write in');
  rmSync(inOwn);
  symlinkSync(path.join(own, 'moved'), inOwn);
  expect(() => input.read()).toThrow(`--queue ${inOwn}: it has become a link`);
});
