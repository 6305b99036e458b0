/** Editors, pagers and start-up files: what would wait for a person, or differ from one start of oagent to the next. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../../../src/safety/env.ts';
import { createExecCommandTool } from '../../../src/tools/commands/exec-command.ts';
import { makeContext, type TestContext } from '../tool-context.ts';

const REFUSED =
  'There is no editor here. Pass the text as an option (git commit -m), or set GIT_EDITOR or GIT_SEQUENCE_EDITOR to a ' +
  'command that changes the file.';
const KEPT = 'There is no editor here, so the text stays as it was.';

interface Asked {
  readonly env?: NodeJS.ProcessEnv;
  readonly tty?: boolean;
}

async function exec({ cwd, ctx }: TestContext, cmd: string, { env = {}, tty = false }: Asked = {}) {
  const source = { PATH: process.env.PATH, HOME: cwd, EDITOR: 'vi', GIT_EDITOR: 'vi', ...env };
  const commands = commandEnvironment(source, DEFAULT_ENVIRONMENT_POLICY, { networkAccess: true });
  const tool = createExecCommandTool({ isKnownSafe: () => false, env: () => commands });
  const { text } = await tool.run({ cmd, tty, yield_time_ms: 20_000 }, ctx);
  return text.replace(/^Wall time: .*\n/, '').replaceAll('\r\n', '\n');
}

/** A repository with one commit. */
function repository(context: TestContext): void {
  writeFileSync(
    path.join(context.cwd, '.gitconfig'),
    '[user]\nname = A\nemail = a@b\n[core]\neditor = vi\n[init]\ndefaultBranch = main\n',
  );
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: context.cwd,
      env: { ...process.env, HOME: context.cwd },
      stdio: 'pipe',
    });
  git('init', '-q');
  writeFileSync(path.join(context.cwd, 'a.txt'), 'one\n');
  git('add', 'a.txt');
  git('commit', '-qm', 'first');
}

describe('an editor that git would open', () => {
  test.each([
    ['a commit', 'git commit --allow-empty'],
    ['a commit that shows its diff', 'echo two > a.txt; git commit -av'],
    ['a tag', 'git tag -a v1'],
    ['a list of commits', 'git rebase -i --root'],
    ['any other program', 'sh -c "$EDITOR a.txt"; sh -c "$VISUAL a.txt"; false'],
  ])('fails at once and says what to do: %s', async (_, cmd) => {
    using context = makeContext();
    repository(context);
    for (const tty of [false, true]) {
      const text = await exec(context, cmd, { tty });
      expect(text).toContain(REFUSED);
      expect(text).toMatch(/^Process exited with code [1-9]/);
    }
  });

  test('also fails where its name is split at its blanks', async () => {
    using context = makeContext();
    expect(await exec(context, '$EDITOR a.txt')).toMatch(/^Process exited with code [1-9]/);
  });

  test.each([
    ['an amended commit', 'git commit --amend --allow-empty', 'first'],
    ['a revert', 'git revert --edit HEAD', 'Revert "first"'],
    [
      'a rebase after a conflict',
      `git checkout -qb other && echo other > a.txt && git commit -qam 'on other' &&
       git checkout -q main && echo main > a.txt && git commit -qam 'on main' &&
       git checkout -q other; git rebase main >/dev/null 2>&1; echo both > a.txt; git add a.txt; git rebase --continue`,
      'on other',
    ],
  ])('keeps the text that is there: %s', async (_, cmd, subject) => {
    using context = makeContext();
    repository(context);
    const text = await exec(context, `${cmd} && git log -1 --format=subject:%s`);
    expect(text).toMatch(/^Process exited with code 0\n/);
    expect(text).toContain(KEPT);
    expect(text).toContain(`subject:${subject}\n`);
  });

  test('is the one that a command names for itself', async () => {
    using context = makeContext();
    repository(context);
    const cmd = `GIT_EDITOR="sed -i '1s/.*/mine/'" git commit -q --amend && git log -1 --format=%s`;
    expect(await exec(context, cmd)).toBe('Process exited with code 0\nOutput:\nmine\n');
  });
});

describe('a shell that ssh seems to have started', () => {
  const ssh = { SSH_CLIENT: '192.0.2.7 5 22', SSH2_CLIENT: '192.0.2.7 5 22', SHLVL: undefined };
  test.each([
    ['a greeting', 'echo welcome\n'],
    ['an exit', 'exit 0\n'],
  ])('reads no start-up file: %s', async (_, rc) => {
    using context = makeContext();
    for (const file of ['.bashrc', '.profile', '.bash_profile', 'rc'])
      writeFileSync(path.join(context.cwd, file), rc);
    const env = { ...ssh, BASH_ENV: path.join(context.cwd, 'rc'), ENV: path.join(context.cwd, 'rc') };
    for (const tty of [false, true]) {
      expect(await exec(context, 'echo built; exec bash -c "echo inner"', { env, tty })).toBe(
        'Process exited with code 0\nOutput:\nbuilt\ninner\n',
      );
    }
  });

  test('has no options of another shell', async () => {
    using context = makeContext();
    const env = { SHELLOPTS: 'xtrace:noglob', CDPATH: '/' };
    expect(await exec(context, 'mkdir tmp; cd tmp; pwd; echo ../*', { env })).toBe(
      `Process exited with code 0\nOutput:\n${context.cwd}/tmp\n../tmp\n`,
    );
  });
});
