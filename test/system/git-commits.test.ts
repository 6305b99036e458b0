import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { branchNames, commitCalled, mergeBase, recentCommits } from '../../src/system/git-commits.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function repository(format: 'files' | 'reftable' = 'files') {
  const cwd = await tempFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], {
      cwd,
      encoding: 'utf8',
    }).trim();
  git('init', '-q', '-b', 'main', ...(format === 'files' ? [] : [`--ref-format=${format}`]));
  const commit = (subject: string): string => {
    writeFileSync(path.join(cwd, 'a.txt'), subject);
    git('add', '.');
    git('commit', '-qm', subject);
    return git('rev-parse', 'HEAD');
  };
  return { cwd, git, commit };
}

const hasReftable =
  Number(/version 2\.(\d+)/.exec(execFileSync('git', ['version'], { encoding: 'utf8' }))?.[1]) >= 45;

describe.each(
  hasReftable ? (['files', 'reftable'] as const) : (['files'] as const),
)('references in %s', (format) => {
  test('a commit is known by what people call it', async () => {
    const { cwd, git, commit } = await repository(format);
    const first = commit('first');
    const second = commit('second');
    git('tag', '-a', 'v1', '-m', 'one', first);
    git('branch', 'fix/a', first);
    git('update-ref', 'refs/remotes/origin/main', second);
    const names = [
      'HEAD',
      '@',
      'main',
      'HEAD~1',
      'main^',
      'v1',
      'fix/a',
      'refs/heads/fix/a',
      'origin/main',
      first.slice(0, 8),
    ];
    const found = await Promise.all(names.map((name) => commitCalled(cwd, name)));
    expect(found).toEqual([second, second, second, first, first, first, first, first, second, first]);
    const wrong = [
      'none',
      'HEAD~9',
      '--all',
      '',
      'v1:a.txt',
      '../x',
      'main..v1',
      'HEAD@{1}',
      'ffffffff',
      ':/first',
    ];
    expect(await Promise.all(wrong.map((name) => commitCalled(cwd, name)))).toEqual(
      wrong.map(() => undefined),
    );
    if (format === 'files') git('pack-refs', '--all');
    expect(await Promise.all(['main', 'v1', 'origin/main'].map((name) => commitCalled(cwd, name)))).toEqual([
      second,
      first,
      second,
    ]);
  });

  test('branches to compare with, the usual ones first, and the newest commits', async () => {
    const { cwd, git, commit } = await repository(format);
    expect([await branchNames(cwd), await recentCommits(cwd, 5)]).toEqual([[], []]);
    const first = commit('first');
    const second = commit('two: words');
    git('branch', 'a');
    if (format === 'files') git('pack-refs', '--all');
    git('branch', 'fix/b');
    git('update-ref', 'refs/remotes/origin/main', second);
    git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    git('checkout', '-q', 'a');
    const names = await branchNames(cwd);
    // Of a reftable only git knows which branch is checked out.
    expect(names.filter((name) => name !== 'a')).toEqual(['main', 'origin/main', 'fix/b']);
    expect(await recentCommits(cwd, 5)).toEqual([
      { hash: second, subject: 'two: words' },
      { hash: first, subject: 'first' },
    ]);
    git('checkout', '-q', 'fix/b');
    const other = commit('other');
    expect([await mergeBase(cwd, other, second), await mergeBase(cwd, first, second)]).toEqual([
      second,
      first,
    ]);
  });
});
