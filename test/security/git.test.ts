/**
 * Repositories that try to make oagent's own git run a program, read another place, or wait for ever. Each trick writes a
 * marker outside of the repository.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { gitBranch, gitDiff } from '../../src/cli/interactive/workspace-git.ts';
import { updateCommits } from '../../src/repo-index/reading/commits.ts';
import { listFiles } from '../../src/repo-index/reading/files.ts';
import { openStore } from '../../src/repo-index/store/store.ts';
import { gitFacts } from '../../src/rollout/git-facts.ts';
import { isHarmlessRepository } from '../../src/safety/git-repository.ts';
import { commit, repository, git as setUp, temporaryFolder, write } from '../repo-index/repository.ts';

const ATTRIBUTES = '*.txt filter=f=1 diff=d\n*.md filter=plain diff=d\n*.c filter=g\n';

interface Trap {
  readonly root: string;
  /** A program that leaves a file in `markers` with its own name, and copies its input. */
  readonly program: (name: string) => string;
  readonly config: (key: string, value: string) => void;
  /** What has run. */
  readonly ran: () => readonly string[];
}

/** A repository in which a file was changed, with attributes for filters and drivers. */
function trap(): Trap {
  const root = repository({
    'a.txt': 'one\n',
    'b.md': 'one\n',
    'c.c': 'one\n',
    '.gitattributes': ATTRIBUTES,
  });
  const markers = temporaryFolder();
  const bin = temporaryFolder();
  write(root, { 'a.txt': 'two\n', 'b.md': 'two\n', 'c.c': 'two\n', 'new.txt': 'new\n' });
  return {
    root,
    program: (name) => {
      const file = path.join(bin, name);
      writeFileSync(file, `#!/bin/sh\ntouch ${markers}/${name}\nexec cat\n`);
      chmodSync(file, 0o755);
      return file;
    },
    config: (key, value) => void setUp(root, 'config', key, value),
    ran: () => readdirSync(markers),
  };
}

/** All that oagent asks git in this folder. */
async function askEverything(root: string): Promise<{ diff: string; files: readonly string[] }> {
  const store = openStore(path.join(temporaryFolder(), 'index.sqlite'));
  try {
    await updateCommits(root, store);
  } finally {
    store.close();
  }
  gitFacts(root);
  gitBranch(root);
  const { paths, source } = await listFiles(root);
  expect(source).toBe('git');
  return { diff: await gitDiff(root), files: paths.toSorted() };
}

const FILES = ['.gitattributes', 'a.txt', 'b.md', 'c.c', 'new.txt'];
const DIFFERENCES = /\+two\n[\s\S]*\+two\n[\s\S]*\+two\n[\s\S]*\+new\n/;

/** Git knows that a file has changed only by its content, so a filter would be needed. */
const TRICKS: Readonly<Record<string, (trap: Trap) => void>> = {
  'programs of core, diff, log, pager, gpg and ssh': ({ config, program }) => {
    for (const key of ['core.fsmonitor', 'core.pager', 'core.editor', 'core.sshCommand', 'core.askPass'])
      config(key, program(key));
    for (const key of ['diff.external', 'pager.log', 'pager.diff', 'gpg.program', 'gpg.ssh.program'])
      config(key, program(key));
    config('core.alternateRefsCommand', program('alternates'));
    config('credential.helper', program('credential'));
    config('log.showSignature', 'true');
  },
  'drivers of diff': ({ config, program }) => {
    config('diff.d.command', program('command'));
    config('diff.d.textconv', program('textconv'));
  },
  'filters, with a name that holds an equals sign': ({ root, config, program }) => {
    config('filter.plain.clean', program('clean'));
    config('filter.plain.required', 'true');
    config('filter.f=1.clean', program('clean-equals'));
    config('filter.g.process', program('process'));
    expect(readFileSync(path.join(root, '.git/config'), 'utf8')).toContain('f=1');
  },
  'aliases of the commands that are used': ({ config, program }) => {
    for (const name of ['ls-files', 'diff', 'log', 'rev-parse', 'hash-object', 'config'])
      config(`alias.${name}`, `!${program(`alias-${name}`)}`);
  },
  'config.worktree': ({ root, config, program }) => {
    config('extensions.worktreeConfig', 'true');
    setUp(root, 'config', '--worktree', 'core.fsmonitor', program('fsmonitor'));
    setUp(root, 'config', '--worktree', 'filter.plain.clean', program('clean'));
  },
  'an included file, in the repository or by a condition': ({ root, config, program }) => {
    write(root, { '.git/more': `[core]\n\tfsmonitor = ${program('fsmonitor')}\n` });
    write(root, { '.git/even-more': `[filter "plain"]\n\tclean = ${program('clean')}\n` });
    config('include.path', 'more');
    config('includeIf.onbranch:**.path', 'even-more');
  },
  'hooks of the repository and of another folder': ({ root, config, program }) => {
    const hooks = path.join(root, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    for (const name of ['post-index-change', 'fsmonitor-watchman', 'query-watchman', 'pre-auto-gc'])
      renameSync(program(name), path.join(hooks, name));
    config('core.hooksPath', hooks);
  },
  'a fetch of what is missing': ({ root, config, program }) => {
    config('core.repositoryFormatVersion', '1');
    config('extensions.partialClone', 'origin');
    config('remote.origin.url', `ext::${program('ext')}`);
    config('remote.origin.promisor', 'true');
    config('remote.origin.uploadpack', program('uploadpack'));
    config('protocol.ext.allow', 'always');
    expect(existsSync(path.join(root, '.git/objects'))).toBe(true);
  },
};

test.each(Object.entries(TRICKS))('nothing runs: %s', async (_, set) => {
  const made = trap();
  set(made);
  for (const name of FILES.slice(1, 4))
    setUp(made.root, '-c', 'core.fsmonitor=', 'update-index', '--assume-unchanged', name);
  for (const name of FILES.slice(1, 4))
    setUp(made.root, '-c', 'core.fsmonitor=', 'update-index', '--no-assume-unchanged', name);
  const before = made.ran();
  expect(await askEverything(made.root)).toEqual({
    diff: expect.stringMatching(DIFFERENCES),
    files: FILES,
  });
  expect(made.ran()).toEqual(before);
});

test("programs of the user's own configuration do not run on files that others have written", async () => {
  const { root, program, ran } = trap();
  const home = temporaryFolder();
  write(home, {
    '.gitconfig': `[core]\n\tfsmonitor = ${program('fsmonitor')}\n[filter "plain"]\n\tclean = ${program('clean')}\n[diff]\n\texternal = ${program('external')}\n`,
  });
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HOME', home);
  vi.stubEnv('GIT_CONFIG_GLOBAL', path.join(home, '.gitconfig'));
  expect((await askEverything(root)).diff).toMatch(DIFFERENCES);
  expect(ran()).toEqual([]);
});

test('the configuration of a submodule, and of one in it, runs nothing', async () => {
  const { root, program, ran } = trap();
  const inner = repository({ 'inner.txt': 'x\n', '.gitattributes': ATTRIBUTES });
  setUp(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
  const sub = path.join(root, 'sub');
  for (const key of ['core.fsmonitor', 'filter.f=1.clean', 'diff.external', 'diff.d.textconv'])
    setUp(sub, 'config', key, program(`sub-${key.replaceAll('=', '')}`));
  write(root, { 'sub/inner.txt': 'changed\n', 'sub/more.txt': 'more\n' });
  const base = setUp(sub, 'rev-parse', 'HEAD').trim();
  setUp(
    sub,
    '-c',
    'core.fsmonitor=',
    '-c',
    'user.name=T',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'Next',
  );
  const before = ran();
  setUp(root, 'config', 'diff.submodule', 'diff');
  setUp(root, 'config', 'diff.ignoreSubmodules', 'none');
  const { diff, files } = await askEverything(root);
  expect(files).toEqual(expect.arrayContaining(['sub/inner.txt', 'sub/.gitattributes']));
  expect(diff).toContain('Subproject commit');
  expect(diff).not.toContain(`+Subproject commit ${base}\n`);
  expect(ran()).toEqual(before);
});

test('no variable of git names another repository, or a program', async () => {
  const { root, program, ran } = trap();
  const other = repository({ 'secret.txt': 'secret\n' });
  write(other, { 'secret.txt': 'other\n' });
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries({
    GIT_DIR: path.join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: path.join(other, '.git/index'),
    GIT_OBJECT_DIRECTORY: path.join(other, '.git/objects'),
    GIT_COMMON_DIR: path.join(other, '.git'),
    GIT_EXTERNAL_DIFF: program('external'),
    GIT_PAGER: program('pager'),
    GIT_EXEC_PATH: path.dirname(program('git')),
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: program('fsmonitor'),
    GIT_CONFIG_KEY_1: 'core.worktree',
    GIT_CONFIG_VALUE_1: other,
    GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${program('parameters')}'`,
    GIT_TRACE: path.join(other, 'trace'),
    GIT_CEILING_DIRECTORIES: root,
  }))
    vi.stubEnv(name, value);
  const { diff, files } = await askEverything(path.join(root));
  expect([files, diff.includes('secret')]).toEqual([FILES, false]);
  expect(diff).toMatch(DIFFERENCES);
  expect([ran(), existsSync(path.join(other, 'trace'))]).toEqual([[], false]);
});

test('core.worktree does not lead to other files', async () => {
  const { root, config } = trap();
  const elsewhere = temporaryFolder();
  write(elsewhere, { 'a.txt': 'private\n', 'key.txt': 'private\n' });
  config('core.worktree', elsewhere);
  const { diff, files } = await askEverything(root);
  expect([files, diff.includes('private')]).toEqual([FILES, false]);
});

test('linked worktrees, shallow, sha256 and packed repositories are read as before', async () => {
  const main = repository({ 'a.txt': 'one\n' });
  commit(main, 'Second');
  setUp(main, 'pack-refs', '--all');
  setUp(main, 'gc', '--quiet');
  const linked = path.join(temporaryFolder(), 'linked');
  setUp(main, 'worktree', 'add', '--quiet', '-b', 'side', linked);
  const shallow = path.join(temporaryFolder(), 'shallow');
  setUp('/', 'clone', '--quiet', '--depth=1', `file://${main}`, shallow);
  const sha256 = temporaryFolder();
  setUp(sha256, 'init', '--quiet', '--object-format=sha256');
  write(sha256, { 'a.txt': 'one\n' });
  commit(sha256, 'First');
  for (const root of [main, linked, shallow, sha256]) {
    write(root, { 'a.txt': 'two\n' });
    expect(await askEverything(root)).toEqual({
      diff: expect.stringContaining('-one\n+two\n'),
      files: ['a.txt'],
    });
  }
});

test('an index that is a pipe is not waited for', async () => {
  const { root } = trap();
  rmSync(path.join(root, '.git/index'));
  execFileSync('mkfifo', [path.join(root, '.git/index')]);
  await expect(gitDiff(root)).rejects.toThrow('.git/index is not a regular file');
  expect((await listFiles(root)).source).toBe('rg');
});

test('without a sandbox git status is harmless only where the index holds no other repository', () => {
  const { root } = trap();
  expect(isHarmlessRepository(root)).toBe(true);
  const nested = path.join(root, 'nested');
  setUp(root, 'init', '--quiet', nested);
  write(nested, { x: '' });
  commit(nested, 'Nested');
  setUp(root, 'add', 'nested');
  expect(isHarmlessRepository(root)).toBe(false);
});

test('a pipe or a device in the place of a file of the repository stops nobody', async () => {
  for (const name of ['HEAD', 'config', 'commondir', 'info/exclude', 'packed-refs', 'shallow']) {
    const { root } = trap();
    const file = path.join(root, '.git', name);
    rmSync(file, { force: true });
    execFileSync('mkfifo', [file]);
    gitFacts(root);
    gitBranch(root);
    expect((await listFiles(root)).paths.toSorted()).toEqual(FILES);
  }
});
