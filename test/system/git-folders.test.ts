/** References as files, with what a command could have put among them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { refsBelow } from '../../src/system/git-folders.ts';

/** @returns what `refsBelow` needs of a repository with these references */
function withRefs(...names: readonly string[]) {
  const gitDir = mkdtempSync(path.join(tmpdir(), 'oagent-refs-'));
  onTestFinished(() => rmSync(gitDir, { recursive: true, force: true }));
  mkdirSync(path.join(gitDir, 'refs/heads'), { recursive: true });
  for (const name of names) {
    mkdirSync(path.dirname(path.join(gitDir, name)), { recursive: true });
    writeFileSync(path.join(gitDir, name), '');
  }
  return { gitDir, commonDir: gitDir };
}

const deep = (levels: number): string => `refs/heads/${'d/'.repeat(levels)}name`;

test('names in folders are found, links are not followed', () => {
  const repository = withRefs('refs/heads/main', 'refs/heads/a/b/c', deep(5));
  symlinkSync(repository.gitDir, path.join(repository.gitDir, 'refs/heads/link'));
  expect(refsBelow(repository, 'refs/heads/', 10)).toEqual(['refs/heads/a/b/c', deep(5), 'refs/heads/main']);
});

test('a flood of folders, and of other things in one folder, is not read to its end', () => {
  expect(refsBelow(withRefs(deep(19)), 'refs/heads/', 2)).toEqual([deep(19)]);
  expect(refsBelow(withRefs(deep(20)), 'refs/heads/', 2)).toEqual([]);
  const repository = withRefs();
  for (let at = 0; at < 50; at += 1)
    symlinkSync('nowhere', path.join(repository.gitDir, 'refs/heads', `link-${at}`));
  writeFileSync(path.join(repository.gitDir, 'packed-refs'), `${'0'.repeat(40)} refs/heads/packed\n`);
  expect(refsBelow(repository, 'refs/heads/', 2)).toEqual(['refs/heads/packed']);
});
