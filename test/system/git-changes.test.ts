import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { WantedChanges } from '../../src/protocol.ts';
import { changesIn } from '../../src/system/git-changes.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function repository() {
  const cwd = await tempFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], {
      cwd,
      encoding: 'utf8',
    }).trim();
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
    writeFileSync(path.join(cwd, file), text);
  };
  git('init', '-q', '-b', 'main');
  const changes = async (wanted: WantedChanges): Promise<string> =>
    (await changesIn(cwd, wanted, { outputLimit: 1e6, context: 3 })).diff;
  return { cwd, git, write, changes };
}

const lines = (diff: string): string[] =>
  diff.split('\n').filter((line) => /^(?:diff|[+-](?![+-]))/.test(line));

test('one commit, the first commit, a merge against its first parent, and a branch since it left', async () => {
  const { git, write, changes } = await repository();
  write('a', 'one\n');
  git('add', '.');
  git('commit', '-qm', '1');
  git('checkout', '-qb', 'side');
  write('b', 'side\n');
  git('add', '.');
  git('commit', '-qm', '2');
  git('checkout', '-q', 'main');
  write('a', 'two\n');
  git('commit', '-qam', '3');
  expect(lines(await changes({ type: 'base', name: 'side' }))).toEqual([
    'diff --git a/a b/a',
    '-one',
    '+two',
  ]);
  git('merge', '-q', '--no-edit', 'side');
  write('a', 'not committed\n');
  expect(lines(await changes({ type: 'commit', name: 'HEAD' }))).toEqual(['diff --git a/b b/b', '+side']);
  expect(lines(await changes({ type: 'commit', name: 'side' }))).toEqual(['diff --git a/b b/b', '+side']);
  expect(lines(await changes({ type: 'commit', name: 'side~1' }))).toEqual(['diff --git a/a b/a', '+one']);
  expect(lines(await changes({ type: 'base', name: 'side' }))).toEqual([
    'diff --git a/a b/a',
    '-one',
    '+two',
  ]);
});

test('what cannot be compared is said', async () => {
  const { cwd, git, write, changes } = await repository();
  const message = (wanted: WantedChanges): Promise<string> =>
    changes(wanted).then(String, (error: Error) => error.message);
  expect(await message({ type: 'base', name: 'main' })).toBe(
    'there is no commit called "main". A branch of a remote may have to be fetched first',
  );
  expect(await message({ type: 'commit', name: 'HEAD' })).toBe('there is no commit called "HEAD"');
  expect(await message({ type: 'uncommitted' })).toBe('');
  write('a', 'x');
  git('add', '.');
  git('commit', '-qm', '1');
  git('checkout', '-q', '--orphan', 'other');
  git('commit', '-qm', '2');
  expect(await message({ type: 'base', name: 'main' })).toBe('HEAD and main have no commit in common');
  const none = await tempFolder();
  await expect(changesIn(none, { type: 'uncommitted' }, { outputLimit: 9, context: 3 })).rejects.toThrow(
    'this folder is not in a git repository',
  );
  expect(cwd).not.toBe(none);
});

test('a repository in the repository is named, and a diff that is too long ends at a line', async () => {
  const { cwd, git, write } = await repository();
  execFileSync('git', ['init', '-q', path.join(cwd, 'inner')]);
  write('inner/x', 'x');
  git('-C', 'inner', 'add', '.');
  git('-C', 'inner', 'commit', '-qm', '1');
  write('a', 'line\n'.repeat(100));
  const whole = await changesIn(cwd, { type: 'uncommitted' }, { outputLimit: 1e6, context: 3 });
  expect({ ...whole, diff: lines(whole.diff).length }).toEqual({
    diff: 101,
    top: cwd,
    unread: [{ path: 'inner/', reason: 'a repository of its own' }],
    failed: [],
    isCut: false,
  });
  const cut = await changesIn(cwd, { type: 'uncommitted' }, { outputLimit: 203, context: 3 });
  expect(cut.isCut && cut.diff.length <= 203 && cut.diff.endsWith('+line\n')).toBe(true);
});

test('new files that git does not show are named: a link to a folder, and a name that is no text', async () => {
  const { cwd, git, write } = await repository();
  write('dir/null', 'x\n');
  git('add', '.');
  git('commit', '-qm', '1');
  symlinkSync('dir', path.join(cwd, 'link'));
  symlinkSync('dir/null', path.join(cwd, 'to-file'));
  writeFileSync(Buffer.concat([Buffer.from(`${cwd}/bad`), Buffer.from([0xff])]), 'x\n');
  write('empty', '');
  const { diff, unread, failed } = await changesIn(
    cwd,
    { type: 'uncommitted' },
    { outputLimit: 1e6, context: 3 },
  );
  expect([lines(diff), unread, failed]).toEqual([
    ['diff --git a/empty b/empty', 'diff --git a/to-file b/to-file', '+dir/null'],
    [{ path: 'link', reason: 'a link to a folder' }],
    ['bad\ufffd'],
  ]);
});

test('a clone without its history is told how to get it, and its oldest commit is not taken for the first', async () => {
  const { cwd, git, write } = await repository();
  write('a', 'one\n');
  git('add', '.');
  git('commit', '-qm', '1');
  write('a', 'two\n');
  git('commit', '-qam', '2');
  const clone = path.join(await tempFolder(), 'clone');
  git('clone', '-q', '--depth', '1', `file://${cwd}`, clone);
  const said = (wanted: WantedChanges): Promise<string> =>
    changesIn(clone, wanted, { outputLimit: 1e6, context: 3 }).then(
      ({ diff }) => diff,
      (error: Error) => error.message,
    );
  const cure = 'This clone has only the newest commits: fetch the others (`git fetch --unshallow`)';
  expect(await said({ type: 'commit', name: 'HEAD' })).toBe(`the commit before "HEAD" is not here. ${cure}`);
  expect(await said({ type: 'base', name: 'HEAD~1' })).toBe(`there is no commit called "HEAD~1". ${cure}`);
  git('-C', clone, 'fetch', '-q', '--unshallow');
  expect(lines(await said({ type: 'commit', name: 'HEAD' }))).toEqual(['diff --git a/a b/a', '-one', '+two']);
});
