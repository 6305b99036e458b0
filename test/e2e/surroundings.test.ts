/** Folders and files that a run may find, and that nobody would make on purpose. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

/** The test's own folders lie in /tmp, which a workspace may write to by default. */
const WORKSPACE = [
  ...['exec', '--skip-git-repo-check', '-s', 'workspace-write'],
  ...['-c', 'sandbox_workspace_write={exclude_slash_tmp=true, exclude_tmpdir_env_var=true}', 'Go'],
];

/** Lets the model run a command in `cwd`; what it is answered. */
async function answerTo(command: string, folder: (base: string) => string) {
  const made = await bench([
    { toolCalls: [{ name: 'shell', arguments: { command } }] },
    { content: 'Done.' },
  ]);
  const cwd = folder(path.dirname(made.home));
  const { code } = await made.run(WORKSPACE, { cwd });
  expect(code).toBe(0);
  return { cwd, base: path.dirname(made.home), answer: made.chats()[1]?.messages.at(-1)?.content };
}

sandboxedTest.for(['a b', `q'u"o`, 'new\nline', 'gl*[o]b?', '$(id)`id`', '-rf', '~', '#', 'é\u202e'])(
  'a folder called %j is as good as any',
  async (name) => {
    const command = 'echo 1 > in; (echo 2 > ../out); (echo 3 > .git/config); pwd';
    const { cwd, base, answer } = await answerTo(command, (base) => {
      mkdirSync(path.join(base, name, '.git'), { recursive: true });
      return path.join(base, name);
    });
    expect(answer).toMatch(/\.\.\/out: Read-only file system[\s\S]*\.git\/config: Read-only file system/);
    expect(answer).toContain(`\n${cwd}\n`);
    expect(
      [path.join(cwd, 'in'), path.join(base, 'out'), path.join(cwd, '.git/config')].map(existsSync),
    ).toEqual([true, false, false]);
  },
);

sandboxedTest('a protected name that is a link is refused, with the reason and the cure', async () => {
  const { answer, cwd } = await answerTo('echo 1 > in', (base) => {
    const cwd = path.join(base, 'linked');
    mkdirSync(path.join(base, 'target'));
    mkdirSync(cwd);
    symlinkSync('../target', path.join(cwd, '.oagent'));
    return cwd;
  });
  expect(answer).toContain(
    `cannot protect ${cwd}/.oagent: it is a symbolic link, which a command could replace. ` +
      'Put a real file or folder in its place, or run with -s read-only.',
  );
  expect(existsSync(path.join(cwd, 'in'))).toBe(false);
});

test('with rules that cannot be read no session starts', async () => {
  const made = await bench([{ content: 'Done.' }]);
  writeFileSync(path.join(made.home, 'rules.toml'), '[[rule]]\nprefix = ["rm"]\ndecision = "forbiden"\n');
  const { code, stdout, stderr } = await made.run(['exec', 'Go']);
  expect({ code, stdout, stderr: stderr.slice(stderr.indexOf('Error')), chats: made.chats() }).toEqual({
    code: 1,
    stdout: '',
    stderr:
      `Error loading rules.toml:\n${made.home}/rules.toml:3:1: decision must be "allow", "prompt" or "forbidden"\n` +
      '  |\n3 | decision = "forbiden"\n  | ^\n',
    chats: [],
  });
});

test('a project whose configuration has changed since it was trusted is told, and does without it', async () => {
  const made = await bench([{ content: 'Done.' }]);
  const own = path.join(made.cwd, '.oagent', 'config.toml');
  mkdirSync(path.dirname(own));
  writeFileSync(own, 'model = "no-such-model"\n');
  writeFileSync(
    path.join(made.home, 'config.toml'),
    `[projects."${made.cwd}"]\ntrust_level = "trusted"\nconfig_sha256 = "none"\n`,
  );
  const { code, stderr } = await made.run(['exec', 'Go']);
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining(
      `oagent is ignoring ${own}, because its content is not what you trusted. To trust it as it is now, set`,
    ),
  ]);
});

sandboxedTest(
  'doctor tells what the machine can do, also where the user has chosen to do without',
  async () => {
    const made = await bench([]);
    writeFileSync(path.join(made.home, 'config.toml'), 'sandbox_mode = "danger-full-access"\n');
    const { code, stdout } = await made.run(['doctor']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('\nSandbox\n  ok    bubblewrap\n')]);
    expect(stdout).toContain(`${made.cwd} is not known: danger-full-access, approvals on-request\n`);
  },
);
