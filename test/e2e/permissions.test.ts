/** What a run may do to the machine, by its flags and the configuration: seen in the files afterwards. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { addFile, type Bench, BYPASS, bench } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { tempFolder } from '../support/temp-folder.ts';

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

const systemPath = (name: string): string =>
  execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();

sandboxedTest.for([
  'touch canary',
  'ls; touch canary',
  'ls > canary',
  'cat $(touch canary)',
  'env touch canary',
  'git init canary',
])('in a folder that nobody trusts `%s` runs and can write nothing', async (command) => {
  const made = await bench([{ toolCalls: [shell(command)] }, done]);
  await answers(made, []);
  expect(made.chats()[1]?.messages.at(-1)?.content).toMatch(/Read-only file system/);
  expect(existsSync(path.join(made.cwd, 'canary'))).toBe(false);
});

sandboxedTest('in a workspace commands write inside, and nowhere else', async () => {
  const outside = await tempFolder();
  const commands = [
    'echo x > in.txt',
    `echo x > ${outside}/out.txt`,
    'echo x >> .git/config',
    'mv .git .git2',
    'mkdir -p .oagent && echo x > .oagent/config.toml',
    "node -e \"require('net').connect(9, '127.0.0.1').on('error', (e) => { console.log(e.code); process.exit(3) })\"",
  ];
  const made = await bench([{ toolCalls: commands.map(shell) }, done]);
  const codes = await answers(made, ['-s', 'workspace-write', ...NO_TMP]);
  expect(codes).toEqual([
    'Exit code: 0',
    'Exit code: 1',
    'Exit code: 1',
    'Exit code: 1',
    expect.stringMatching(/^Exit code: [12]$/),
    'Exit code: 3',
  ]);
  expect(
    ['in.txt', path.join(outside, 'out.txt'), '.git2', '.oagent'].map((file) =>
      existsSync(path.resolve(made.cwd, file)),
    ),
  ).toEqual([true, false, false, false]);
});

sandboxedTest(
  'the commands of a session share one network, which is not that of the host',
  async ({ skip }) => {
    if (spawnSync('nsenter', ['--version']).status !== 0) skip('nsenter is missing');
    const link = shell('readlink /proc/self/ns/net');
    const made = await bench([{ toolCalls: [link] }, { toolCalls: [link] }, done]);
    const { code, stderr } = await made.run(['exec', 'Go']);
    expect([code, stderr.includes('warning')]).toEqual([0, false]);
    const outputs = made
      .chats()
      .at(-1)
      ?.messages.filter(({ role }) => role === 'tool');
    const networks = outputs?.map(({ content }) => /net:\[\d+\]/.exec(content)?.[0]) ?? [];
    expect(networks).toEqual([expect.stringMatching(/^net:/), networks[0]]);
    expect(networks).not.toContain(readlinkSync('/proc/self/ns/net'));
  },
);

sandboxedTest('the whole of an output that was cut can be read by the next command', async () => {
  const made = await bench((request, index) => {
    if (index === 0) return { toolCalls: [shell('seq 100000')] };
    const file = /full output: ([^\]]+)\]/.exec(String(request.messages.at(-1)?.content))?.[1];
    return index === 1 ? { toolCalls: [shell(`wc -l < '${file}'`)] } : done;
  });
  await answers(made, ['-s', 'workspace-write']);
  expect(made.chats()[2]?.messages.at(-1)?.content).toMatch(/Output:\n100000\n$/);
});

test('what deletes by force is refused where nobody can be asked', async () => {
  const made = await bench([{ toolCalls: [shell('rm -rf src')] }, done]);
  await mkdir(path.join(made.cwd, 'src'));
  expect(await answers(made, ['-s', 'workspace-write'])).toEqual([
    'rm -f style commands are not permitted. Use a safer approach',
  ]);
  expect(existsSync(path.join(made.cwd, 'src'))).toBe(true);
});

test('without bubblewrap only commands that read are run, and the user is told the cure', async () => {
  const made = await bench([{ toolCalls: [shell('touch canary'), shell('ls')] }, done]);
  const programs = await tempFolder();
  for (const name of ['ls', 'node', 'bash', 'sh']) await symlink(systemPath(name), path.join(programs, name));
  const { code, stderr } = await made.run(['exec', 'Go'], { env: { PATH: programs } });
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning: no sandbox: bubblewrap .* is not installed\. Fix: apt install bubblewrap/);
  const tools = made
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'tool');
  expect(tools?.[0]?.content).toMatch(/^command rejected: no sandbox works on this machine/);
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
