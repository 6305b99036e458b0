import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gitDiff } from '../../../src/cli/interactive/workspace-git.ts';
import { gitChangesLines } from '../../../src/tui/overlay/git-changes.ts';
import { contextOf, seen } from './overlay-screen.ts';

/** What git itself says of a working tree in which everything has happened. */
async function realDiff(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'oagent-diff-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  const write = (file: string, text: string | Buffer): void => writeFileSync(path.join(folder, file), text);
  git('init', '-q');
  git('config', 'diff.noprefix', 'true');
  mkdirSync(path.join(folder, 'src'));
  write('src/cart.ts', 'one\ntwo\nthree\n');
  write('gone.md', '-- not a header\n');
  write('old name.txt', 'the same\n'.repeat(9));
  write('logo.png', Buffer.from([0, 1, 2, 0]));
  git('add', '.');
  git('commit', '-qm', 'first');
  write('src/cart.ts', 'one\n2\nthree\n');
  rmSync(path.join(folder, 'gone.md'));
  git('mv', 'old name.txt', 'new name.txt');
  write('logo.png', Buffer.from([0, 9, 9, 0]));
  write('fresh.md', '# Fresh\n');
  return gitDiff(folder);
}

test('each file is named, with what has changed in it', async () => {
  expect(seen(gitChangesLines(await realDiff(), contextOf(80)))).toMatchInlineSnapshot(`
    "  Delete gone.md (+0 -1)
        1 --- not a header

      Edit logo.png (+0 -0)
        Binary files a/logo.png and b/logo.png differ

      Move old name.txt → new name.txt (+0 -0)

      Edit src/cart.ts (+1 -1)
        1  one
        2 -two
        2 +2
        3  three

      Add fresh.md (+1 -0)
        1 +# Fresh"
  `);
});

test('what is not a git diff is shown as it is', () => {
  expect(
    seen(gitChangesLines('--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n[3 more new files]\n', contextOf(80))),
  ).toBe('1 -x\n1 +y\n[3 more new files]');
  expect(gitChangesLines('', contextOf(80))).toEqual([]);
});
