/** What a run may do to the machine, by its flags and the configuration: seen in the files afterwards. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/agent.ts';
import { addFile, type Bench, BYPASS, bench } from '../support/exec.ts';

const COMMAND_REFUSED = expect.stringMatching(
  /^command rejected: there is no sandbox yet, .*--dangerously-bypass-approvals-and-sandbox.* Only plain read-only commands .* can run\./,
);
const READ_ONLY =
  'patch rejected: writing is blocked by read-only sandbox; rejected by user approval settings';
const OUTSIDE = 'patch rejected: writing outside of the project; rejected by user approval settings';

/** The test's own folders lie in /tmp, which a workspace may write to by default. */
const NO_TMP = ['-c', 'sandbox_workspace_write={exclude_slash_tmp=true, exclude_tmpdir_env_var=true}'];

const shell = (command: string) => ({ name: 'shell', arguments: { command } });
const write = (file: string) => ({ name: 'apply_patch', arguments: { input: addFile(file, 'x') } });

/** Lets the model make these calls; resolves to what it was answered, first lines only. */
async function answers(made: Bench, args: readonly string[]): Promise<(string | undefined)[]> {
  const { code } = await made.run(['exec', ...args, 'Go']);
  expect(code).toBe(0);
  const tools = made
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'tool');
  return tools?.map(({ content }) => content.split('\n')[0]) ?? [];
}

const done = { content: 'Done.' };

test.for([
  'touch canary',
  'ls; touch canary',
  'ls > canary',
  'cat $(touch canary)',
  'env touch canary',
  'git init canary',
  'rm -rf .git',
])('without the bypass flag `%s` is refused and not run', async (command) => {
  const made = await bench([{ toolCalls: [shell(command)] }, done]);
  expect(await answers(made, ['-s', 'workspace-write'])).toEqual([COMMAND_REFUSED]);
  expect([existsSync(path.join(made.cwd, 'canary')), existsSync(path.join(made.cwd, '.git'))]).toEqual([
    false,
    true,
  ]);
});

test('the refusal is shown to the user too', async () => {
  const { run } = await bench([{ toolCalls: [shell('touch canary')] }, done]);
  const { stderr } = await run(['exec', 'Go']);
  expect(stderr).toContain('\nshell rejected\ncommand rejected: there is no sandbox yet, ');
});

test('read-only commands run without it', async () => {
  const made = await bench([{ toolCalls: [shell('cat a.txt | wc -l'), shell('ls && pwd')] }, done]);
  await writeFile(path.join(made.cwd, 'a.txt'), '1\n2\n');
  expect(await answers(made, [])).toEqual(['Exit code: 0', 'Exit code: 0']);
  expect(made.chats()[1]?.messages.at(-1)?.content).toContain(`a.txt\n${made.cwd}\n`);
});

test('a program of the repository does not pass for a system program', async () => {
  const made = await bench([{ toolCalls: [shell('ls')] }, done]);
  await writeFile(path.join(made.cwd, 'ls'), '#!/bin/sh\ntouch canary\n', { mode: 0o755 });
  const own = {
    ...made,
    run: (args: readonly string[]) => made.run(args, { env: { PATH: `${made.cwd}:${made.env.PATH}` } }),
  };
  expect(await answers(own, [])).toEqual([COMMAND_REFUSED]);
  expect(existsSync(path.join(made.cwd, 'canary'))).toBe(false);
});

test.for([BYPASS, '--yolo', '--sandbox=danger-full-access'])('with %s everything runs', async (flag) => {
  const made = await bench([{ toolCalls: [shell('touch canary'), write('../outside.txt')] }, done]);
  expect(await answers(made, [flag])).toEqual(['Exit code: 0', 'Exit code: 0']);
  expect([
    existsSync(path.join(made.cwd, 'canary')),
    existsSync(path.join(made.cwd, '../outside.txt')),
  ]).toEqual([true, true]);
});

interface Writing {
  readonly name: string;
  readonly args: readonly string[];
  readonly config?: (cwd: string) => string;
  /** First lines of the answers to a patch inside, outside, in .git and in TMPDIR. */
  readonly expected: readonly string[];
}

const OK = 'Exit code: 0';
const WRITING: readonly Writing[] = [
  { name: 'by default', args: [], expected: [READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY] },
  { name: '-s read-only', args: ['-s', 'read-only'], expected: [READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY] },
  {
    name: '-s workspace-write',
    args: ['-s', 'workspace-write', ...NO_TMP],
    expected: [OK, OUTSIDE, OUTSIDE, OUTSIDE],
  },
  {
    name: 'with $TMPDIR',
    args: ['-s', 'workspace-write', '-c', 'sandbox_workspace_write.exclude_slash_tmp=true'],
    expected: [OK, OUTSIDE, OUTSIDE, OK],
  },
  { name: '-s danger-full-access', args: ['-s', 'danger-full-access'], expected: [OK, OK, OK, OK] },
  {
    name: 'sandbox_mode by configuration',
    args: NO_TMP,
    config: () => 'sandbox_mode = "workspace-write"\n',
    expected: [OK, OUTSIDE, OUTSIDE, OUTSIDE],
  },
  {
    name: 'a trusted project',
    args: NO_TMP,
    config: (cwd) => `[projects."${cwd}"]\ntrust_level = "trusted"\n`,
    expected: [OK, OUTSIDE, OUTSIDE, OUTSIDE],
  },
  {
    name: 'a trusted project with -s read-only',
    args: ['-s', 'read-only'],
    config: (cwd) => `[projects."${cwd}"]\ntrust_level = "trusted"\n`,
    expected: [READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY],
  },
  {
    name: 'a parent that is trusted but is no project',
    args: NO_TMP,
    config: (cwd) => `[projects."${path.dirname(cwd)}"]\ntrust_level = "trusted"\n`,
    expected: [READ_ONLY, READ_ONLY, READ_ONLY, READ_ONLY],
  },
  {
    name: 'writable_roots',
    args: ['-s', 'workspace-write', ...NO_TMP, '-c', 'sandbox_workspace_write.writable_roots=[".."]'],
    expected: [OK, OK, OUTSIDE, OK],
  },
];

test.for(WRITING)('patches: $name', async ({ args, config, expected }) => {
  const folder = await tempFolder();
  const targets: string[] = [];
  const made = await bench((_request, index) => (index === 0 ? { toolCalls: targets.map(write) } : done));
  targets.push('in.txt', '../out.txt', '.git/hooks', path.join(made.env.TMPDIR ?? folder, 'tmp.txt'));
  if (config) await writeFile(path.join(made.home, 'config.toml'), config(made.cwd));
  expect(await answers(made, args)).toEqual(expected);
  expect(targets.map((file) => existsSync(path.resolve(made.cwd, file)))).toEqual(
    expected.map((text) => text === OK),
  );
});

test('a trusted project is found from a folder inside', async () => {
  const made = await bench([{ toolCalls: [write('in.txt')] }, done]);
  const sub = path.join(made.cwd, 'sub');
  await mkdir(sub);
  await writeFile(path.join(made.home, 'config.toml'), `[projects."${made.cwd}"]\ntrust_level = "trusted"\n`);
  expect(await answers(made, ['-C', sub])).toEqual([OK]);
  expect(await readFile(path.join(sub, 'in.txt'), 'utf8')).toBe('x\n');
});

test('a patch that comes as a shell command is judged as a patch', async () => {
  const command = `apply_patch <<'EOF'\n${addFile('in.txt', 'x')}\nEOF`;
  const made = await bench((_request, index) => (index % 2 === 0 ? { toolCalls: [shell(command)] } : done));
  expect(await answers(made, ['-s', 'read-only'])).toEqual([READ_ONLY]);
  expect(await answers(made, ['-s', 'workspace-write'])).toEqual([OK]);
});

test('oagent cannot be made to change its own configuration', async () => {
  const made = await bench((_request, index) =>
    index === 0 ? { toolCalls: [write(path.join(made.home, 'config.toml'))] } : done,
  );
  expect(await answers(made, ['-s', 'workspace-write'])).toEqual([OUTSIDE]);
  expect(existsSync(path.join(made.home, 'config.toml'))).toBe(false);
});
