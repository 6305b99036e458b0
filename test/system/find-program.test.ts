import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  distrust,
  distrustedFolders,
  findProgram,
  trustedFolders,
  unsafeFolders,
} from '../../src/system/find-program.ts';

/** A home with a repository in it, outside of the folders for temporary files. */
function home(): string {
  const folder = realpathSync(mkdtempSync('/var/tmp/oagent-find-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['bin', 'repo/.git', 'repo/package/bin', 'tmp'])
    mkdirSync(path.join(folder, name), { recursive: true });
  return folder;
}

function program(...names: string[]): string {
  const file = path.join(...names);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

test('untrusted are the folder, the repositories around it and those for temporary files, but none that holds the home', () => {
  const base = home();
  const cwd = path.join(base, 'repo/package');
  const env = { HOME: base, OAGENT_HOME: path.join(base, '.oagent') };
  expect(unsafeFolders(cwd, env).toSorted()).toEqual(
    [realpathSync('/tmp'), path.join(base, 'repo'), cwd].toSorted(),
  );
  mkdirSync(path.join(base, '.git'));
  expect(unsafeFolders(base, env)).toEqual([realpathSync('/tmp')]);
  expect(unsafeFolders('/', env)).toEqual([realpathSync('/tmp')]);
  expect(unsafeFolders('/tmp/x', { ...env, HOME: '/tmp/x' })).toEqual([]);
});

test('a folder that commands may write to is distrusted from then on', () => {
  const base = home();
  const env = { HOME: base, OAGENT_HOME: path.join(base, '.oagent') };
  symlinkSync(path.join(base, 'bin'), path.join(base, 'link'));
  const before = unsafeFolders(base, env);
  distrust([path.join(base, 'link'), base]);
  expect(unsafeFolders(base, env)).toEqual([...before, path.join(base, 'bin')]);
  expect(distrustedFolders()).toEqual([path.join(base, 'bin'), base]);
});

test('a program is found in the first folder that nobody but the user writes to', () => {
  const base = home();
  const repo = path.join(base, 'repo');
  program(repo, 'tool');
  symlinkSync(repo, path.join(base, 'link'));
  symlinkSync(program(repo, 'package/tool'), path.join(base, 'bin/tool'));
  mkdirSync(path.join(base, 'more/tool'), { recursive: true });
  mkdirSync(path.join(base, 'last'));
  const file = program(base, 'last/tool');
  const folders = ['repo', 'repo/package', 'link', 'bin', 'more', 'last'].map((name) =>
    path.join(base, name),
  );
  const find = (searchPath: string | undefined) => findProgram('tool', searchPath, [repo]);
  expect(find(['', '.', 'repo', ...folders].join(':'))).toBe(file);
  expect(find(folders.slice(0, -1).join(':'))).toBeUndefined();
  expect(find('')).toBeUndefined();
  expect(findProgram('tool', folders.slice(0, 1).join(':'), [])).toBe(path.join(repo, 'tool'));
  expect(findProgram('sh', undefined, [])).toMatch(/\/bin\/sh$/);
});

test('of PATH those folders stay that can be trusted, where they really lead', () => {
  const base = home();
  const repo = path.join(base, 'repo');
  symlinkSync(repo, path.join(base, 'in'));
  symlinkSync(path.join(base, 'bin'), path.join(repo, 'out'));
  const searchPath = [
    'relative',
    '',
    path.join(base, 'in'),
    path.join(repo, 'out'),
    path.join(base, 'gone'),
  ].join(':');
  expect(trustedFolders(searchPath, [repo])).toEqual([path.join(base, 'bin'), path.join(base, 'gone')]);
});

test('a folder of PATH that cannot be looked at is passed over', () => {
  const base = home();
  symlinkSync('loop', path.join(base, 'loop'));
  const tool = program(base, 'bin', 'tool');
  expect(findProgram('tool', `${base}/loop/bin:${base}/bin`, [])).toBe(tool);
});
