import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkedOut, GitRefused, git, gitProblem, ignoreRules } from '../../src/system/git.ts';
import { commit, repository, git as setUp, temporaryFolder } from '../repo-index/repository.ts';

const text = async (output: Promise<Buffer>): Promise<string> => (await output).toString();

test('is asked of the folder, whatever its variables name', async () => {
  const cwd = repository({ 'a.ts': 'a' });
  const names = setUp(cwd, 'rev-parse', '--local-env-vars').trim().split('\n');
  expect(names).toContain('GIT_INDEX_FILE');
  for (const name of [...names, 'GIT_NAMESPACE', 'GIT_EXTERNAL_DIFF', 'GIT_TRACE'])
    vi.stubEnv(name, path.join(cwd, 'elsewhere'));
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await text(git(['rev-parse', '--show-toplevel'], { cwd }))).toBe(`${cwd}\n`);
  expect(await text(git(['ls-files'], { cwd }))).toBe('a.ts\n');
  const { commit: head = '' } = await checkedOut(cwd);
  expect(await text(git(['log', '--format=%s', head], { cwd }))).toBe('First\n');
  expect(existsSync(path.join(cwd, 'elsewhere'))).toBe(false);
});

test("takes of the user's configuration what says which files count, and nothing from the environment", async () => {
  const home = temporaryFolder();
  const excludes = path.join(home, 'excludes');
  writeFileSync(excludes, '*.log\n');
  writeFileSync(path.join(home, '.gitconfig'), `[core]\n\texcludesFile = ${excludes}\n[user]\n\tname = Me\n`);
  vi.stubEnv('HOME', home);
  vi.stubEnv('GIT_CONFIG_COUNT', '1');
  vi.stubEnv('GIT_CONFIG_KEY_0', 'user.name');
  vi.stubEnv('GIT_CONFIG_VALUE_0', 'Other');
  onTestFinished(() => void vi.unstubAllEnvs());
  const cwd = repository({ 'a.ts': 'a' });
  writeFileSync(path.join(cwd, 'b.log'), '');
  writeFileSync(path.join(cwd, 'c.tmp'), '');
  writeFileSync(path.join(cwd, 'd.ts'), '');
  writeFileSync(path.join(cwd, '.git/info/exclude'), '*.tmp\n');
  expect(await text(git(['ls-files', '-o', ...ignoreRules(cwd)], { cwd }))).toBe('d.ts\n');
  expect(await text(git(['config', 'user.name'], { cwd, goodCodes: [0, 1] }))).toBe('');
});

test('runs no program that the repository names, and writes nothing', async () => {
  const cwd = repository({ 'a.txt': 'one\n' });
  const marker = path.join(cwd, '.git/ran');
  const trap = path.join(cwd, '.git/trap');
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${marker}\n`);
  chmodSync(trap, 0o755);
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'pager.log',
    'diff.external',
    'gpg.program',
    'core.sshCommand',
  ])
    setUp(cwd, 'config', key, trap);
  setUp(cwd, 'config', 'log.showSignature', 'true');
  setUp(cwd, 'config', 'core.hooksPath', path.join(cwd, '.git'));
  writeFileSync(path.join(cwd, '.git/post-index-change'), readFileSync(trap), { mode: 0o755 });
  writeFileSync(path.join(cwd, 'a.txt'), 'two\n');
  const index = readFileSync(path.join(cwd, '.git/index'));
  for (const args of [
    ['status'],
    ['log', '-p'],
    ['diff'],
    ['ls-files', '-o'],
    ['fetch', 'ssh://localhost/x'],
  ])
    await git(args, { cwd }).catch(() => undefined);
  expect(existsSync(marker) ? readFileSync(marker, 'utf8') : 'nothing ran').toBe('nothing ran');
  expect(readFileSync(path.join(cwd, '.git/index')).equals(index)).toBe(true);
});

test('takes a folder that looks like a bare repository for none, but works in a worktree of one', async () => {
  const cwd = repository({ 'a.ts': 'a' });
  commit(cwd, 'Second');
  const bare = path.join(temporaryFolder(), 'bare');
  const tree = path.join(temporaryFolder(), 'tree');
  setUp(cwd, 'clone', '-q', '--bare', cwd, bare);
  setUp(bare, 'worktree', 'add', '-q', tree);
  expect(await text(git(['ls-files'], { cwd: tree }))).toBe('a.ts\n');
  await expect(git(['log'], { cwd: bare })).rejects.toThrow('not a git repository');
});

// Only root can give a folder to another user.
test.skipIf(process.getuid?.() !== 0)('a repository of another user is refused, with the cure', async () => {
  const folder = repository();
  chownSync(folder, 12_345, 12_345);
  const cure = `git config --global --add safe.directory ${folder}`;
  const message = `git refuses ${folder}, because it belongs to another user. If you trust it: ${cure}`;
  await expect(git(['status'], { cwd: folder })).rejects.toEqual(new GitRefused(folder));
  expect(await gitProblem(folder)).toBe(message);
  chownSync(folder, 0, 0);
  expect(await gitProblem(folder)).toBe(undefined);
  expect(await gitProblem('/')).toBe(undefined);
});
