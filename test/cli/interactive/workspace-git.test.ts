import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { gitBranch, gitDiff } from '../../../src/cli/interactive/workspace-git.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function repository() {
  const cwd = await tempFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], { cwd, encoding: 'utf8' });
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
    writeFileSync(path.join(cwd, file), text);
  };
  git('init', '-q', '-b', 'main');
  return { cwd, git, write };
}

const without = (diff: string): string => diff.replace(/^index .*\n/gm, '');

test('the diff has what is staged, what is not, and new files, from anywhere in the repository', async () => {
  const { cwd, git, write } = await repository();
  write('a.txt', 'one\n');
  write('b.txt', 'two\n');
  write('.gitignore', 'ignored\n');
  git('add', '.');
  git('commit', '-qm', 'x');
  expect(await gitDiff(cwd)).toBe('');
  write('a.txt', 'ONE\n');
  git('add', 'a.txt');
  write('b.txt', 'TWO\n');
  write('sub/ne w.txt', 'new\n');
  write('ignored', 'x');
  const index = statSync(path.join(cwd, '.git', 'index')).mtimeMs;
  const expected = `diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1 +1 @@
-one
+ONE
diff --git a/b.txt b/b.txt
--- a/b.txt
+++ b/b.txt
@@ -1 +1 @@
-two
+TWO
diff --git a/sub/ne w.txt b/sub/ne w.txt
new file mode 100644
--- /dev/null
+++ b/sub/ne w.txt\t
@@ -0,0 +1 @@
+new
`;
  expect(without(await gitDiff(cwd))).toBe(expected);
  expect(without(await gitDiff(path.join(cwd, 'sub')))).toBe(expected);
  expect(statSync(path.join(cwd, '.git', 'index')).mtimeMs).toBe(index);
});

test('a repository without a commit has a diff too, and a large or binary file does not fill it', async () => {
  const { cwd, git, write } = await repository();
  write('staged', 'a\n');
  git('add', '.');
  write('bin', 'a\0b');
  write('large', 'x\n'.repeat(2_000_000));
  const diff = without(await gitDiff(cwd));
  expect(diff).toBe(`diff --git a/staged b/staged
new file mode 100644
--- /dev/null
+++ b/staged
@@ -0,0 +1 @@
+a
diff --git a/bin b/bin
new file mode 100644
Binary files /dev/null and b/bin differ
diff --git a/large b/large
new file mode 100644
Binary files /dev/null and b/large differ
`);
});

test('no program of the repository runs', async () => {
  const { cwd, git, write } = await repository();
  write('a.txt', 'one\n');
  git('add', '.');
  git('commit', '-qm', 'x');
  const marker = path.join(cwd, '.git', 'ran');
  const trap = path.join(cwd, '.git', 'trap');
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${marker}\ncat\n`);
  chmodSync(trap, 0o755);
  mkdirSync(path.join(cwd, '.git', 'hooks'), { recursive: true });
  writeFileSync(path.join(cwd, '.git', 'hooks', 'post-index-change'), `#!/bin/sh\n${trap}\n`, {
    mode: 0o755,
  });
  for (const key of [
    'core.fsmonitor',
    'diff.external',
    'core.pager',
    'pager.diff',
    'diff.x.command',
    'diff.x.textconv',
  ]) {
    git('config', key, trap);
  }
  git('config', 'filter.x.clean', trap);
  git('config', 'filter.x.y.process', trap);
  git('config', 'filter.x.required', 'true');
  write('.gitattributes', '*.txt filter=x diff=x\n*.md filter=x.y diff=x\n');
  write('a.txt', 'two\n');
  write('b.md', 'new\n');
  const diff = await gitDiff(cwd);
  expect(existsSync(marker) ? readFileSync(marker, 'utf8') : 'nothing ran').toBe('nothing ran');
  expect(diff).toContain('+two\n');
  expect(diff).toContain('+new\n');
});

test("the repository is that of the folder, even where git's variables name another one, as in a hook", async () => {
  const { cwd, git, write } = await repository();
  write('a.txt', 'one\n');
  git('add', '.');
  const other = await repository();
  other.write('b.txt', 'two\n');
  other.git('add', '.');
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('GIT_DIR', path.join(other.cwd, '.git'));
  vi.stubEnv('GIT_WORK_TREE', other.cwd);
  vi.stubEnv('GIT_INDEX_FILE', path.join(other.cwd, '.git', 'index'));
  expect(without(await gitDiff(cwd))).toMatch(/^diff --git a\/a\.txt b\/a\.txt\n/);
});

test('a git that lies in the repository is not run, whatever PATH says', async () => {
  const { cwd, write } = await repository();
  write('a.txt', 'one\n');
  write('node_modules/.bin/git', '#!/bin/sh\necho ran > ran\n');
  chmodSync(path.join(cwd, 'node_modules/.bin/git'), 0o755);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('PATH', `${path.join(cwd, 'node_modules/.bin')}:.:${process.env.PATH}`);
  expect(await gitDiff(cwd)).toContain('+one\n');
  expect(existsSync(path.join(cwd, 'ran'))).toBe(false);
});

test('of very many new files the first are shown and the others counted', async () => {
  const { cwd, write } = await repository();
  for (let index = 0; index < 203; index += 1) write(`f${index}`, 'x\n');
  const diff = await gitDiff(cwd);
  expect([diff.match(/^diff --git/gm)?.length, diff.slice(-20)]).toEqual([
    200,
    '[3 more new files]\n'.padStart(20, '\n'),
  ]);
});

test('outside of a repository it says so', async () => {
  const cwd = await tempFolder();
  await expect(gitDiff(cwd)).rejects.toThrow('this folder is not in a git repository');
  expect(gitBranch(cwd)).toBeUndefined();
});

test('the branch is read from the file, also in a worktree and without a branch', async () => {
  const { cwd, git, write } = await repository();
  expect(gitBranch(cwd)).toBe('main');
  write('sub/a', 'x');
  git('add', '.');
  git('commit', '-qm', 'x');
  git('checkout', '-qb', 'feature/one');
  const tree = path.join(await tempFolder(), 'tree');
  git('worktree', 'add', '-q', '-b', 'other', tree);
  git('checkout', '-q', '--detach');
  const id = git('rev-parse', 'HEAD').slice(0, 7);
  expect([gitBranch(path.join(cwd, 'sub')), gitBranch(tree)]).toEqual([id, 'other']);
  writeFileSync(path.join(cwd, '.git', 'HEAD'), 'nonsense');
  expect(gitBranch(cwd)).toBeUndefined();
});
