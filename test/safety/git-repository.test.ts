import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isHarmlessRepository } from '../../src/safety/git-repository.ts';
import { gitFolders } from '../../src/system/git-folders.ts';

let base = '';
let repo = '';

beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-git-')));
  repo = path.join(base, 'repo');
  mkdirSync(repo);
  git('init', '-q', '-b', 'main');
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function git(...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: repo,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function writeProgram(file: string): void {
  writeFileSync(file, `#!/bin/sh\necho ran >>'${base}/canary'\n`, { mode: 0o755 });
}

test('a repository as git makes it is harmless, from any folder in it; so is no repository', () => {
  mkdirSync(path.join(repo, 'a/b'), { recursive: true });
  git('remote', 'add', 'origin', 'https://example.org/x.git');
  git('config', 'branch.main.remote', 'origin');
  git('config', 'user.name', 'A "quoted" name');
  git('config', 'core.hooksPath', '.husky/_');
  expect([repo, path.join(repo, 'a/b'), base].map(isHarmlessRepository)).toEqual([true, true, true]);
});

test('settings that make git run a program, and those that lead to others, are not', () => {
  const settings = [
    ...[
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'core.worktree',
      'core.attributesFile',
      'pager.log',
    ],
    ...[
      'diff.external',
      'diff.x.textconv',
      'diff.x.command',
      'filter.x.clean',
      'filter.x.process',
      'gpg.program',
    ],
    ...['alias.x', 'include.path', 'includeIf.onbranch:main.path', 'log.showSignature', 'merge.x.driver'],
    ...[
      'remote.origin.promisor',
      'remote.origin.uploadpack',
      'extensions.worktreeConfig',
      'man.x.cmd',
      'status.submoduleSummary',
    ],
  ];
  const config = path.join(repo, '.git/config');
  const clean = readFileSync(config);
  const harmless = settings.filter((setting) => {
    git('config', '--file', config, setting, 'true');
    const result = isHarmlessRepository(repo);
    writeFileSync(config, clean);
    return result;
  });
  expect(harmless).toEqual([]);
  expect(isHarmlessRepository(repo)).toEqual(true);
});

test.each([
  '[core] fsmonitor = ./x',
  '[core]\n  FsMonitor = ./x',
  '[CORE]\n\tbare = false\\\n\tfsmonitor = ./x',
  '[core]\n\tbare = false\n\tfsmonitor\n\t= ./x',
  '[core "x"] # a\n[core]\r\n\tfsmonitor=./x',
  '[core]\n\thooksPath = "hooks"',
  'fsmonitor = ./x',
  '\ufeff[core]\n\tfsmonitor = ./x',
  '[core]\n\tbare = a\rfsmonitor = ./x',
])('a configuration that hides a program: %j', (text) => {
  writeFileSync(path.join(repo, '.git/config'), text);
  expect(isHarmlessRepository(repo)).toEqual(false);
});

test('the hook that `git status` runs counts, in each hook folder', () => {
  git('config', 'core.hooksPath', 'tools/hooks');
  mkdirSync(path.join(repo, 'tools/hooks'), { recursive: true });
  writeProgram(path.join(repo, 'tools/hooks/pre-commit'));
  expect(isHarmlessRepository(repo)).toEqual(true);
  const hook = path.join(repo, 'tools/hooks/post-index-change');
  writeProgram(hook);
  writeFileSync(path.join(repo, 'a.txt'), 'a\n');
  git('add', 'a.txt');
  expect([existsSync(path.join(base, 'canary')), isHarmlessRepository(repo)]).toEqual([true, false]);
  rmSync(hook);
  mkdirSync(path.join(repo, '.git/hooks'), { recursive: true });
  writeProgram(path.join(repo, '.git/hooks/post-index-change'));
  expect(isHarmlessRepository(repo)).toEqual(false);
});

test('a bare repository among ordinary files is not harmless', () => {
  const bare = path.join(repo, 'docs');
  mkdirSync(path.join(bare, 'sub'), { recursive: true });
  mkdirSync(path.join(bare, 'refs'));
  mkdirSync(path.join(bare, 'objects'));
  writeFileSync(path.join(bare, 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(path.join(bare, 'config'), '[core]\n\tbare = true\n');
  expect([bare, path.join(bare, 'sub'), repo].map(isHarmlessRepository)).toEqual([false, false, true]);
  rmSync(path.join(bare, 'objects'), { recursive: true });
  writeFileSync(path.join(bare, 'commondir'), '../elsewhere\n');
  expect(isHarmlessRepository(bare)).toEqual(false);
});

test('a broken `.git` does not hide the repository above it', () => {
  git('config', 'core.fsmonitor', './x');
  const inner = path.join(repo, 'inner');
  mkdirSync(path.join(inner, '.git'), { recursive: true });
  writeFileSync(path.join(inner, '.git/HEAD'), 'nonsense\n');
  writeFileSync(path.join(inner, '.git/config'), '');
  expect(isHarmlessRepository(inner)).toEqual(false);
});

test('a linked worktree is judged by the configuration of the main one', () => {
  git('commit', '-q', '--allow-empty', '-m', 'x');
  const tree = path.join(base, 'tree');
  git('worktree', 'add', '-q', tree);
  expect(gitFolders(tree)).toEqual({
    gitDir: path.join(repo, '.git/worktrees/tree'),
    commonDir: path.join(repo, '.git'),
  });
  expect(isHarmlessRepository(tree)).toEqual(true);
  git('config', 'core.fsmonitor', './x');
  expect(isHarmlessRepository(tree)).toEqual(false);
});

test('what cannot be read is not harmless', () => {
  const folder = path.join(base, 'odd');
  mkdirSync(folder);
  const dotGit = path.join(folder, '.git');
  const verdicts = ['nonsense', 'gitdir: missing', ''].map((text) => {
    writeFileSync(dotGit, text);
    return isHarmlessRepository(folder);
  });
  rmSync(dotGit);
  symlinkSync('.git', dotGit);
  verdicts.push(isHarmlessRepository(folder));
  rmSync(dotGit);
  expect([...verdicts, isHarmlessRepository(folder)]).toEqual([false, false, false, false, true]);
});
