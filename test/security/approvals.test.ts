/** What a rule or an answer of the user lets out of the sandbox, used for something that the user did not mean. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ApprovalAnswer, ApprovalPolicy, ApprovalRequest } from '../../src/protocol.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../../src/safety/env.ts';
import { unconfined } from '../../src/safety/sandbox/none.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';

const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-approvals-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
  });

interface World {
  readonly rules?: readonly (readonly string[])[];
  readonly approval?: ApprovalPolicy;
  readonly answer?: ApprovalAnswer;
}

/** A repository with a remote, rules that allow commands, and how a command would run. */
function world({ rules = [['git']], approval = 'on-request', answer = { type: 'no' } }: World = {}) {
  const root = mkdtempSync(path.join(base, 'w-'));
  const [cwd, home] = [path.join(root, 'ws'), path.join(root, 'home')];
  for (const folder of [cwd, home]) mkdirSync(folder);
  git(cwd, 'init', '-q', '-b', 'main');
  git(cwd, 'remote', 'add', 'origin', 'https://example.com/a.git');
  git(cwd, 'commit', '-q', '--allow-empty', '-m', 'one');
  const text = rules.map((words) => `[[rule]]\nprefix = ${JSON.stringify(words)}\ndecision = "allow"\n`);
  writeFileSync(path.join(home, 'rules.toml'), text.join(''));
  const asked: Omit<ApprovalRequest, 'id'>[] = [];
  const guard = new SessionGuard({
    permissions: { mode: 'workspace-write', approval, network: false, cwd, writableRoots: [], env: {}, home },
    sandbox: async () => ({ ...unconfined([]), kind: 'bubblewrap' }),
    warn: () => {},
  });
  const runs = async (
    command: string,
    more: { terminal?: boolean; workdir?: string; escalates?: boolean } = {},
  ) => {
    const before = asked.length;
    const permit = await guard.command(
      {
        command,
        cwd: path.resolve(cwd, more.workdir ?? ''),
        terminal: more.terminal,
        escalation: more.escalates === true ? { justification: '' } : undefined,
      },
      async (request) => {
        asked.push(request);
        return answer;
      },
    );
    if (asked.length > before) return 'asked';
    if (!permit.allowed) return 'refused';
    return permit.prepare === undefined ? 'outside' : 'in the sandbox';
  };
  return { cwd, home, asked, runs };
}

test('what is meant by a rule leaves the sandbox', async () => {
  const { runs, cwd } = world();
  for (const command of [
    ...[
      'git commit -m a',
      'git add -A',
      'git push origin feature/x',
      'git push -u origin main',
      'git push',
      'git fetch --all',
    ],
    ...[
      'git --no-pager log',
      `cd ${cwd} && git commit -am "a b"`,
      "git commit -F - <<'E'\na\nE",
      'git tag -a v1 -m v1',
      'git commit',
    ],
    ...[
      'git push https://example.com/a.git main',
      'git pull --rebase origin main',
      'git stash',
      'git merge --no-edit x',
    ],
  ])
    expect([command, await runs(command)]).toEqual([command, 'outside']);
});

test.each([
  ...[
    'git -c core.editor=./x commit',
    'git -c core.pager=./x log',
    'git --exec-path=. commit',
    'git --git-dir=x commit -m a',
  ],
  ...[
    'git -C sub commit -m a',
    'git --work-tree=x --git-dir=y status -s',
    'git --config-env=core.editor=X commit',
    'git -p log',
  ],
  ...[
    'git push --receive-pack=./x origin',
    'git push --receive-pack ./x origin',
    'git push --receive=./x origin',
    'git push --exec=./x origin',
  ],
  ...[
    'git fetch --upload-pack=./x origin',
    'git pull --upload-p ./x',
    'git clone -u ./x https://a/b',
    'git ls-remote --exec=./x origin',
  ],
  ...[
    "git fetch 'ext::sh -c touch% x'",
    'git clone ext::x',
    'git remote add x ext::y',
    'git push ./sub',
    'git push ../other main',
    'git pull .',
  ],
  ...[
    'git fetch file:///tmp/x',
    'git push sub',
    'git clone --template=./t https://a/b',
    'git clone -c core.x=y https://a/b',
    'git remote add y ./sub',
    'git remote set-url origin ./sub https://a/b',
    'git fetch --multiple origin ./sub',
  ],
  ...[
    'git push --repo=./sub',
    'git clone --config core.hooksPath=. https://a/b',
    'git init --template=x',
    'git submodule foreach ./x',
  ],
  ...[
    'git p',
    'git psuh',
    'git foo-helper',
    'git config alias.p push',
    'git config core.hooksPath .',
    'git bisect run ./x',
    'git difftool -y -x ./x',
  ],
  ...[
    'git rebase -x ./x HEAD~1',
    'git rebase --exec ./x HEAD~1',
    'git rebase --exe=./x HEAD~1',
    'git rebase -i HEAD~1',
    'git filter-branch --tree-filter ./x',
  ],
  ...[
    'git grep -O./x a',
    'git grep --open-files-in-pager=./x a',
    'git merge -s ./x main',
    'git merge --strategy=x main',
    'git pull -s x origin',
  ],
  ...[
    'git add -p',
    'git add -i',
    'git add -e',
    'git add --edit',
    'git add --int',
    'git commit -e -m a',
    'git commit -aem a',
    'git commit --edit -m a',
  ],
  ...[
    'git commit -p',
    'git commit -c HEAD',
    'git checkout -p',
    'git stash -p',
    'git reset --patch',
    'git restore -p .',
    'git branch --edit-description',
  ],
  ...[
    'git diff --ext-diff',
    'git log --textconv',
    'git diff --output=../x',
    'git help commit',
    'git archive --remote=x --exec=y',
    'git send-email x',
  ],
  ...[
    'GIT_EDITOR=./x git commit',
    'GIT_SSH_COMMAND=./x git push',
    'cd sub && git commit -m a',
    'cd .. && git commit -m a',
  ],
])('is not what a rule for git means: %j', async (command) => {
  const { runs, cwd } = world();
  mkdirSync(path.join(cwd, 'sub'));
  expect(await runs(command)).toBe('in the sandbox');
});

test('the words that the user has written into the rule are meant', async () => {
  const { runs } = world({
    rules: [
      ['git', '-C', '/srv/site', 'pull'],
      ['git', 'lfs'],
      ['git', 'rebase', '-i'],
    ],
  });
  const all = [
    'git -C /srv/site pull',
    'git lfs push origin main',
    'git rebase -i HEAD~1',
    'git rebase -i -x ./x',
  ];
  expect(await Promise.all(all.map((command) => runs(command)))).toEqual([
    'outside',
    'outside',
    'outside',
    'in the sandbox',
  ]);
});

test.each<[string, (cwd: string) => void]>([
  ['a repository further down', (cwd) => void git(cwd, 'init', '-q', 'sub')],
  [
    'hooks in the workspace',
    (cwd) => {
      mkdirSync(path.join(cwd, '.husky'));
      git(cwd, 'config', 'core.hooksPath', '.husky');
    },
  ],
  [
    'a hook that is a link into the workspace',
    (cwd) => symlinkSync('../../hook.sh', path.join(cwd, '.git', 'hooks', 'pre-commit')),
  ],
  ['a program of gc', (cwd) => void git(cwd, 'config', 'gc.recentObjectsHook', './x')],
  ['a transfer program of lfs', (cwd) => void git(cwd, 'config', 'lfs.customtransfer.a.path', './x')],
  ['a remote in the workspace', (cwd) => void git(cwd, 'remote', 'add', 'here', './bare.git')],
  ['a filter', (cwd) => void git(cwd, 'config', 'filter.x.clean', './x')],
  ['an ssh command', (cwd) => void git(cwd, 'config', 'core.sshCommand', './x')],
  [
    'files that are a bare repository',
    (cwd) => {
      git(cwd, 'init', '-q', '--bare', 'sub');
    },
  ],
  [
    'a link to a repository that commands have made',
    (cwd) => {
      git(cwd, 'init', '-q', 'made');
      symlinkSync('made', path.join(cwd, 'sub'));
    },
  ],
])('a repository in which commands may choose a program stays in the sandbox: %s', async (_what, make) => {
  const { runs, cwd } = world();
  make(cwd);
  const workdir = existsSync(path.join(cwd, 'sub')) ? 'sub' : '';
  expect(await runs('git commit -m a', { workdir })).toBe('in the sandbox');
});

test('a rule never gives a terminal; who is asked about one is told, and allows no more than that', async () => {
  const { runs, asked, cwd } = world({ rules: [['git'], ['python3', 'a.py']], answer: { type: 'session' } });
  expect(await runs('python3 a.py')).toBe('outside');
  expect(await runs('python3 a.py', { terminal: true })).toBe('in the sandbox');
  expect(await runs('git commit', { terminal: true })).toBe('in the sandbox');
  expect(await runs('make x', { escalates: true })).toBe('asked');
  expect(await runs('make x', { escalates: true })).toBe('outside');
  expect(await runs('make x', { escalates: true, terminal: true })).toBe('asked');
  expect(await runs('git commit', { escalates: true, terminal: true })).toBe('asked');
  expect(asked.map(({ terminal, prefix }) => ({ terminal, prefix }))).toEqual([
    { terminal: undefined, prefix: undefined },
    { terminal: true, prefix: undefined },
    { terminal: true, prefix: undefined },
  ]);
  expect(asked.every((request) => request.cwd === cwd)).toBe(true);
});

test('an answer for ever is kept as it was offered, and for no more', async () => {
  const { runs } = world({ rules: [], answer: { type: 'prefix' } });
  expect(await runs('cargo build', { escalates: true })).toBe('asked');
  expect(await runs('cargo build')).toBe('outside');
  expect(await runs('cargo build --config build.rustc-wrapper="x"')).toBe('in the sandbox');
  expect(await runs('git push origin main', { escalates: true })).toBe('asked');
  expect(await runs('git push')).toBe('outside');
  expect(await runs('git push --receive-pack=x origin')).toBe('in the sandbox');
});

test('what would not hold is not offered', async () => {
  const { runs, asked, cwd } = world({ rules: [] });
  git(cwd, 'config', 'core.hooksPath', 'hooks');
  for (const command of [
    'git commit -m a',
    'git push ./sub',
    'git -c a=b push',
    'npm test',
    'find . -exec x {} +',
  ])
    await runs(command, { escalates: true });
  expect(asked.map(({ prefix }) => prefix)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test.each([
  ...[
    'git commit --allow-empty',
    'git commit -e -m a --allow-empty',
    'git tag -a v1',
    'git rebase -i HEAD~1',
    'git add -e',
    'git commit --amend -e',
  ],
  ...[
    'git -c core.editor="$MARK" commit --allow-empty',
    'git -c sequence.editor="$MARK" rebase -i HEAD~1',
    'git notes add',
  ],
])('no editor is opened by %j', (command) => {
  const { cwd, home } = world();
  git(cwd, 'commit', '-q', '--allow-empty', '-m', 'two');
  const mark = path.join(home, 'editor');
  writeFileSync(mark, `#!/bin/sh\ntouch ${home}/opened\n`, { mode: 0o755 });
  for (const key of ['core.editor', 'sequence.editor']) git(cwd, 'config', key, mark);
  const env = commandEnvironment(
    { PATH: process.env.PATH, HOME: home, EDITOR: mark, VISUAL: mark },
    DEFAULT_ENVIRONMENT_POLICY,
    {
      networkAccess: false,
    },
  );
  try {
    execFileSync(
      'bash',
      ['-c', `export MARK=${mark}; git config user.name a; git config user.email a@b; ${command}`],
      {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  } catch {}
  expect(existsSync(path.join(home, 'opened'))).toBe(false);
});
