/** What counts as a flag, a prompt or a command, and what a wrong one is told. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { ToolSchema } from '../../src/model/chat.ts';
import { bench } from '../support/exec.ts';

const HI = () => ({ content: 'Hi.' });

test.for([
  '- [ ] mend the button',
  '-1 is returned where 1 is right',
  '--dry-run does not work in our tool',
  '--config is read twice',
  '--retries=3 is ignored by the client',
  '-main is not a branch',
  '-x=1 y=2 is drawn in the wrong place',
  '---\ntitle: plan\n---\nexplain the parser',
  '--\u00a0a dash and a no-break space',
])('text that begins with a dash is a prompt: %j', async (prompt) => {
  const { run, chats } = await bench(HI);
  const { code } = await run(['exec', prompt, '-m', 'base']);
  expect([code, chats().map(({ messages }) => messages.at(-1)?.content)]).toEqual([0, [prompt]]);
});

test('a flag keeps its value, attached or not, with blanks or a dash', async () => {
  const { run, chats, cwd } = await bench(HI);
  const folder = path.join(cwd, 'a folder');
  await mkdir(path.join(folder, '.git'), { recursive: true });
  const results = [
    await run(['exec', `-C${folder}`, '--output-last-message=- last one', '-o', '- last one', 'Hi']),
    await run([
      'exec',
      `--cd=${folder}`,
      '-cmodel="base"',
      '--config=shell_environment_policy.set.A="- b c"',
      'Hi',
    ]),
  ];
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(await readFile(path.join(cwd, '- last one'), 'utf8')).toBe('Hi.');
  expect(chats().map(({ messages }) => messages[1]?.content.includes(`<cwd>${folder}</cwd>`))).toEqual([
    true,
    true,
  ]);
});

test.for([
  [['exec', '--dry-run'], 'oagent exec -- '],
  [['exec', '-1'], 'oagent exec -- '],
  [['exec', 'resume', '--last', '--jsonn'], 'oagent exec resume -- '],
  [['--dry-run'], 'oagent -- '],
  [['index', 'search', '--dry-run'], 'oagent index search -- '],
] as const)('%o: a flag that does not exist shows the `--`', async ([args, tip]) => {
  const { run, asked } = await bench([]);
  const { code, stderr } = await run(args);
  expect([code, asked()]).toEqual([2, []]);
  expect(stderr).toContain(tip);
});

test.for(['help', 'resume', '--help', '-'.repeat(3)])('behind `--`, %j is the prompt', async (prompt) => {
  const { run, chats } = await bench(HI);
  const { code } = await run(['exec', '-m', 'base', '--', prompt]);
  expect([code, chats().map(({ messages }) => messages.at(-1)?.content)]).toEqual([0, [prompt]]);
});

test.for([
  [['help'], 'Usage: oagent [options]'],
  [['help', 'exec'], 'Usage: oagent exec'],
  [['exec', 'help'], 'Usage: oagent exec'],
  [['exec', 'help', 'resume'], 'Usage: oagent exec resume'],
  [['apply-patch', '--help'], 'Usage: apply_patch'],
] as const)('%j prints help and asks no model', async ([args, start]) => {
  const { run, asked } = await bench([]);
  const { code, stdout } = await run(args);
  expect([code, stdout.slice(0, start.length), asked()]).toEqual([0, start, []]);
});

test.for([
  [['exec', '-m', '', 'Hi'], 2, "option '-m, --model <model>' argument '' is invalid. A model is required."],
  [['exec', '-C', '', 'Hi'], 2, "option '-C, --cd <dir>' argument '' is invalid. A folder is required."],
  [['exec', '-c', 'model=""', 'Hi'], 1, 'model: expected a text that is not empty, got ""'],
  [['index', 'rebuild'], 2, "error: unknown command 'rebuild'"],
] as const)('%j says what is wrong', async ([args, exit, text]) => {
  const { run, asked } = await bench([]);
  const { code, stderr } = await run(args);
  expect([code, asked()]).toEqual([exit, []]);
  expect(stderr).toContain(text);
});

test('features list names a switch that does not exist', async () => {
  const { run } = await bench([]);
  const { stderr } = await run(['features', 'list', '--disable', 'index']);
  expect(stderr).toContain('unrecognized configuration setting: features.index');
});

test.for([[''], ['  '], ['-m', 'base', '\n']])('exec %j: a blank prompt is wrong usage', async (args) => {
  const { run, asked } = await bench([]);
  const { code, stderr } = await run(['exec', ...args], { stdin: 'something' });
  expect([code, asked()]).toEqual([2, []]);
  expect(stderr).toContain('error: the prompt is empty\n');
});

test('exec PROMPT resume: --last or an id, with flags on both sides', async () => {
  const { run, chats, json } = await bench(HI);
  const { lines } = await json(['One']);
  const id = String(lines[0]?.thread_id);
  await run(['exec', 'Two', 'resume', '--last']);
  await run(['exec', '--json', '- three and more', 'resume', id, '-c', 'model_context_window=8192']);
  await run(['exec', 'resume', '--last', '- four']);
  const users = chats().map(({ messages }) => messages.filter(({ role }) => role === 'user').slice(1));
  expect(users.at(-1)?.map(({ content }) => content)).toEqual(['One', 'Two', '- three and more', '- four']);
});

test('exec PROMPT resume: one prompt only, and which session', async () => {
  const { run, asked } = await bench([]);
  const twice = await run(['exec', 'One', 'resume', '--last', 'Two']);
  const none = await run(['exec', 'One', 'resume']);
  expect([twice, none].map(({ code, stderr }) => [code, stderr.split('\n')[0]])).toEqual([
    [2, 'error: exec resume --last takes one prompt, and no session'],
    [2, 'error: exec resume needs the id or name of a session, or --last'],
  ]);
  expect(asked()).toEqual([]);
});

test('a command of Codex is no message; behind `--` it is one', async () => {
  const { run, asked } = await bench(HI);
  const words = [['login'], ['-m', 'base', 'update'], ['exec', 'review', '--base', 'main']];
  for (const args of words) {
    const { code, stderr } = await run(args);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: oagent( exec)? has no command `[\w-]+`: /),
    ]);
  }
  expect(asked()).toEqual([]);
  expect((await run(['exec', '--', 'review'])).stdout).toBe('Hi.\n');
});

test('the common flags are taken by every command', async () => {
  const { run, cwd } = await bench(HI);
  const folder = path.join(cwd, 'sub');
  await mkdir(folder);
  const flags = ['-c', 'index.enabled=true', '-m', 'base', '-s', 'read-only', '-C', folder];
  const commands = [
    ['index', 'status'],
    ['config', 'show'],
    ['config', 'schema'],
    ['sessions', 'list'],
    ['features', 'list'],
    ['rules', 'check', '--', 'ls'],
    ['debug', 'prompt-input'],
    ['completion'],
  ];
  for (const command of commands) {
    const [group = '', ...rest] = command;
    const { code, stderr } = await run(
      rest[0] === '--' ? command : [group, ...rest.slice(0, 1), ...flags, ...rest.slice(1)],
    );
    expect([command, code, stderr.includes('unknown option')]).toEqual([command, 0, false]);
  }
});

test('sessions list -C lists those of that folder', async () => {
  const { run, cwd } = await bench(HI);
  const other = path.join(cwd, 'sub');
  await mkdir(path.join(other, '.git'), { recursive: true });
  await run(['exec', '-C', other, 'Over there']);
  const { stdout } = await run(['sessions', 'list', '-C', other, '--json']);
  expect(JSON.parse(stdout).map(({ firstPrompt }: { firstPrompt: string }) => firstPrompt)).toEqual([
    'Over there',
  ]);
});

test('archive, unarchive and delete work at the top level', async () => {
  const { run, json } = await bench(HI);
  const { lines } = await json(['One']);
  const id = String(lines[0]?.thread_id);
  const said = [
    await run(['archive', id]),
    await run(['unarchive', id]),
    await run(['delete', '--force', id]),
  ].map(({ stdout }) => stdout);
  expect(said).toEqual([`Archived ${id}.\n`, `Restored ${id}.\n`, `Deleted ${id}.\n`]);
});

test('-a sets when the user is asked; exec says that nobody can be', async () => {
  const { run } = await bench(HI);
  const shown = await run(['config', 'show', '-c', 'x=1', '-a', 'untrusted', '--json']);
  expect(JSON.parse(shown.stdout).values.approval_policy).toEqual({ value: 'untrusted', origin: 'flag' });
  const { code, stderr } = await run(['exec', '-a', 'on-request', 'Hi']);
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('nobody can be asked: -a on-request counts as never'),
  ]);
  expect((await run(['exec', '-a', 'never', 'Hi'])).stderr).not.toContain('warning');
});

test('--ignore-rules leaves out rules.toml, even a broken one', async () => {
  const { run, home } = await bench(HI);
  await writeFile(path.join(home, 'rules.toml'), 'nonsense = ');
  expect((await run(['exec', 'Hi'])).code).toBe(1);
  expect((await run(['exec', '--ignore-rules', 'Hi'])).stdout).toBe('Hi.\n');
});

test('--enable, --disable and features list', async () => {
  const { run, chats } = await bench(HI);
  const listed = await run([
    'features',
    'list',
    '--disable',
    'unified_exec',
    '-c',
    'features.code_index=false',
  ]);
  expect(listed.stdout).toBe(
    'unified_exec  stable  false\ncode_index    stable  false\nmemories      stable  true\n',
  );
  await run(['exec', '--disable', 'unified_exec', 'Hi']);
  await run(['exec', '--disable', 'unified_exec', '-c', 'tools.unified_exec=true', 'Hi']);
  expect(chats().map(({ tools }) => tools?.some((tool) => tool.function.name === 'exec_command'))).toEqual([
    false,
    true,
  ]);
});

test('debug prompt-input shows what a session would send first', async () => {
  const { run, cwd, chats, asked } = await bench(HI);
  await writeFile(path.join(cwd, 'AGENTS.md'), 'Be kind.\n');
  const { stdout } = await run(['debug', 'prompt-input', '- [ ] say hi', '-a', 'never', '--json']);
  expect(asked()).toEqual([]);
  await run(['exec', '- [ ] say hi']);
  const { messages, tools, sources } = JSON.parse(stdout);
  // Only an interactive session can ask.
  const names = tools.map((tool: ToolSchema) => tool.function.name);
  expect(names.at(-1)).toBe('ask_user');
  expect({ messages, tools: tools.slice(0, -1) }).toEqual({
    messages: chats()[0]?.messages,
    tools: chats()[0]?.tools,
  });
  expect(sources.map(({ source }: { source: string }) => source)).toContain(
    `AGENTS.md (${path.join(cwd, 'AGENTS.md')})`,
  );
  const text = await run(['debug', 'prompt-input', 'Hi']);
  expect(text.stdout).toMatch(/--- user\nHi\n--- tools\n[\s\S]*\n +[\d,]+ {2}total\n$/);
});

test('the completion script of bash completes commands and flags', async () => {
  const { run } = await bench([]);
  const { stdout } = await run(['completion', 'bash']);
  const ask = async (...words: string[]): Promise<string[]> => {
    const script = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _oagent; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await execa('bash', ['--norc', '-c', script])).stdout.split('\n');
  };
  expect(await ask('oagent', 'exec', 'resume', '--la')).toEqual(['--last']);
  expect(await ask('oagent', 'sessions', 'una')).toEqual(['unarchive']);
  expect(await ask('oagent', 'exec', '-s', 'w')).toEqual(['workspace-write']);
  expect(await ask('oagent', '-m', 'exec', 'res')).toEqual(['resume']);
  expect(await ask('oagent', 'completion', 'f')).toEqual(['fish']);
  for (const shell of ['zsh', 'fish']) {
    const script = (await run(['completion', shell])).stdout;
    expect(script).toContain("'oagent exec resume'");
    expect(script).toContain('read-only workspace-write danger-full-access');
  }
  expect((await run(['completion', 'tcsh'])).code).toBe(2);
});
