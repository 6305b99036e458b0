/** Configuration, as far as it can be seen from outside: in the requests, in what the program prints, in its exit code. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BYPASS, bench } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';

const HI = () => ({ content: 'Hi.' });
const LEVELS = { ...RENDERED, name: 'gpt-oss:20b', architecture: 'gptoss' };
const TWO = { models: [RENDERED, LEVELS] };

test('-c sets the model, the window and how much it thinks', async () => {
  const { run, chats } = await bench(HI, TWO);
  await run([
    'exec',
    '-c',
    'model=gpt-oss:20b',
    '-c',
    'model_context_window=10000',
    '-c',
    'model_reasoning_effort="low"',
    'Hi',
  ]);
  await run(['exec', '-m', 'base', '-c', 'model="gpt-oss:20b"', '-c', 'model_reasoning_effort=none', 'Hi']);
  await run(['exec', '-c', 'model=base', '-c', 'ollama={temperature=0.2, top_p=0.9}', 'Hi']);
  expect(chats().map(({ model, think, options }) => ({ model, think, options }))).toEqual([
    // The window is a multiple of 256, a quarter of it is for the answer.
    { model: 'gpt-oss:20b', think: 'low', options: { num_ctx: 9984, num_predict: 2496 } },
    { model: 'base', think: false, options: { num_ctx: 32_768, num_predict: 8192 } },
    {
      model: 'base',
      think: true,
      options: { num_ctx: 32_768, num_predict: 8192, temperature: 0.2, top_p: 0.9 },
    },
  ]);
});

test('the window never exceeds what the model was trained for', async () => {
  const { run, chats } = await bench(HI);
  const { stderr } = await run(['exec', '-c', 'model_context_window=1000000', 'Hi']);
  expect(chats()[0]?.options.num_ctx).toBe(32_768);
  expect(stderr).toContain('window: 32,768 tokens');
});

test('tool_output_token_limit bounds what the model gets of an output', async () => {
  const { run, chats } = await bench((_request, index) =>
    index === 0 ? { toolCalls: [{ name: 'shell', arguments: { command: 'seq 9999' } }] } : { content: 'Hi.' },
  );
  await run(['exec', BYPASS, '-c', 'tool_output_token_limit=100', 'Hi']);
  const text = chats()[1]?.messages.at(-1)?.content ?? '';
  expect(Buffer.byteLength(text)).toBeGreaterThan(300);
  expect(Buffer.byteLength(text)).toBeLessThan(700);
});

test('config.toml < profile < -c < flag', async () => {
  const { run, home, chats } = await bench(HI, {
    models: ['file', 'profile', 'override', 'flag'].map((name) => ({ ...RENDERED, name })),
  });
  await writeFile(path.join(home, 'config.toml'), 'model = "file"\n[profiles.p]\nmodel = "profile"\n');
  const steps = [[], ['-p', 'p'], ['-c', 'model=override'], ['-m', 'flag']];
  for (const [index] of steps.entries()) {
    await run(['exec', ...steps.slice(0, index + 1).flat(), 'Hi']);
  }
  await run(['exec', '--ignore-user-config', '-m', 'flag', 'Hi']);
  expect(chats().map(({ model }) => model)).toEqual(['file', 'profile', 'override', 'flag', 'flag']);
});

test('--ignore-user-config reads no file, not even a broken one', async () => {
  const { run, home } = await bench(HI);
  await writeFile(path.join(home, 'config.toml'), 'model = [');
  expect((await run(['exec', '--ignore-user-config', 'Hi'])).stdout).toBe('Hi.\n');
});

const FAILING: readonly (readonly [name: string, toml: string, args: readonly string[], message: string])[] =
  [
    [
      'broken TOML',
      'model = "base"\nmodel_context_window = = 3\n',
      [],
      'Error loading config.toml:\nFILE:2:24: ',
    ],
    [
      'a value of the wrong kind',
      'model = "base"\nmodel_context_window = "big"\n',
      [],
      'Error loading config.toml:\nFILE:2:1: model_context_window: expected a number, got "big"\n  |\n2 | model_context_window = "big"\n  | ^\n',
    ],
    [
      'an unknown profile',
      '',
      ['-p', 'none'],
      'Error loading config.toml:\nFILE: config profile `none` not found; no profiles are defined\n',
    ],
    [
      'an unknown key with --strict-config',
      'modle = "base"\n',
      ['--strict-config'],
      'Error loading config.toml:\nFILE:1:1: unknown configuration setting: modle (did you mean model?)\n  |\n1 | modle = "base"\n  | ^\n',
    ],
    [
      'an unknown -c with --strict-config',
      '',
      ['--strict-config', '-c', 'modle=1'],
      'Error loading config.toml:\n-c: unknown configuration setting: modle (did you mean model?)\n',
    ],
    [
      'a wrong -c',
      '',
      ['-c', 'model_context_window=0'],
      'Error loading config.toml:\n-c: model_context_window: ',
    ],
    ['a -c without a value', '', ['-c', 'model'], 'Error'],
  ];

test.for(FAILING)('%s ends the run before any request', async ([, toml, args, message]) => {
  const { run, home, asked } = await bench(HI);
  const file = path.join(home, 'config.toml');
  await writeFile(file, toml);
  const { code, stdout, stderr } = await run(['exec', ...args, 'Hi']);
  expect({ code, stdout, asked: asked() }).toEqual({ code: 1, stdout: '', asked: [] });
  expect(stderr.replaceAll(file, 'FILE').slice(0, message.length)).toBe(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('keys of Codex that oagent does not use are named once, with what is lost, unknown ones are told', async () => {
  const { run, home } = await bench(HI);
  const file = path.join(home, 'config.toml');
  await writeFile(
    file,
    'web_search = "live"\nnonsense = 1\nmodel_verbosity = "low"\n[tui]\nanimations = true\nraw_output_mode = true\n[features]\nsteer = true\n',
  );
  const { code, stderr } = await run(['exec', '--enable', 'web_search_request', 'Hi']);
  expect(code).toBe(0);
  expect(stderr.split('\n').filter((line) => line.startsWith('warning'))).toEqual([
    `warning: oagent is ignoring 1 unrecognized configuration setting: nonsense (${file})`,
    'warning: oagent does not use these settings of Codex: tui.raw_output_mode: the view is fixed; ' +
      `web_search: there is no web search (${file}); features.web_search_request: there is no web search (-c)`,
  ]);
});

test('-p reads NAME.config.toml beside config.toml', async () => {
  const { run, home, chats } = await bench(HI, { models: [{ ...RENDERED, name: 'own' }, RENDERED] });
  await writeFile(path.join(home, 'config.toml'), 'model = "base"\n');
  await writeFile(path.join(home, 'work.config.toml'), 'model = "own"\n');
  await run(['exec', '-p', 'work', 'Hi']);
  expect(chats().map(({ model }) => model)).toEqual(['own']);
});

test('files that are nearly the ones looked for are named once, and not read', async () => {
  const { run, home, cwd, chats } = await bench(HI);
  await mkdir(path.join(cwd, '.oagent'));
  const files = [
    [path.join(home, 'Config.toml'), 'config.toml', 'model = "none"'],
    [path.join(home, 'rule.toml'), 'rules.toml', ''],
    [path.join(cwd, '.oagent/CONFIG.toml'), 'config.toml', 'model = "none"'],
    [path.join(home, 'AGENT.md'), 'AGENTS.md', 'Rhyme.'],
    [path.join(cwd, 'agents.md'), 'AGENTS.md', 'Rhyme.'],
  ] as const;
  for (const [file, , text] of files) await writeFile(file, text);
  const { stderr } = await run(['exec', 'Hi']);
  expect(stderr.split('\n').filter((line) => line.startsWith('warning'))).toEqual(
    files.map(([file, name]) => `warning: ${file} is not read: its name has to be ${name}`),
  );
  expect(JSON.stringify(chats())).not.toContain('Rhyme');
});

test('a server by configuration: ollama.host, a provider, and -c before OLLAMA_HOST', async () => {
  const { run, server, home } = await bench(HI);
  const dead = 'http://127.0.0.1:1';
  const file = path.join(home, 'config.toml');
  const stdouts: string[] = [];
  const ask = async (toml: string, host: string, ...args: string[]): Promise<void> => {
    await writeFile(file, toml);
    stdouts.push((await run(['exec', ...args, 'Hi'], { env: { OLLAMA_HOST: host } })).stdout);
  };
  await ask(`ollama.host = "${server.host}"\n`, '');
  await ask(`ollama.host = "${dead}"\n`, server.host);
  await ask('', dead, '-c', `ollama.host=${server.host}`);
  await ask(`model_provider = "box"\n[model_providers.box]\nbase_url = "${server.host}/v1"\n`, '');
  expect(stdouts).toEqual(['Hi.\n', 'Hi.\n', 'Hi.\n', 'Hi.\n']);
});

test('a provider that oagent cannot use is told before any request', async () => {
  const { run, asked } = await bench(HI);
  const { code, stderr } = await run(['exec', '-c', 'model_provider=openai', '-'], { stdin: 'Hi' });
  expect({ code, stderr, asked: asked() }).toEqual({
    code: 1,
    stderr:
      'Error: model_provider is "openai", but no [model_providers.openai] with a base_url is defined.\nSet model_provider to one of: ollama; or give [model_providers.openai] the base_url of your own server, such as "http://127.0.0.1:8080/v1".\n',
    asked: [],
  });
});

test('config show tells every value and where it came from, without its server', async () => {
  const { run, home, asked } = await bench(HI);
  const file = path.join(home, 'config.toml');
  await writeFile(file, 'model = "mine"\nnonsense = 1\n');
  const { code, stdout, stderr } = await run([
    'config',
    'show',
    '--json',
    '-c',
    'model_context_window=4096',
    '-s',
    'read-only',
  ]);
  const { path: shown, values } = JSON.parse(stdout);
  expect({ code, stderr, asked: asked() }).toEqual({
    code: 0,
    stderr: `warning: oagent is ignoring 1 unrecognized configuration setting: nonsense (${file})\n`,
    asked: [],
  });
  expect(shown).toBe(file);
  expect([
    values.model,
    values.model_context_window,
    values.sandbox_mode,
    values['ollama.idle_timeout_ms'],
  ]).toEqual([
    { value: 'mine', origin: file },
    { value: 4096, origin: '-c' },
    { value: 'read-only', origin: 'flag' },
    { value: 600_000, origin: 'default' },
  ]);
  expect((await run(['config', 'show'])).stdout).toContain(`# ${file}\n`);
});

test('config schema prints a JSON schema', async () => {
  const { run } = await bench(HI);
  const { code, stdout, stderr } = await run(['config', 'schema']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(Object.keys(JSON.parse(stdout).properties)).toEqual(
    expect.arrayContaining(['model', 'profiles', 'sandbox_mode', 'ollama']),
  );
});

test('a broken file is told by config show as by exec', async () => {
  const { run, home } = await bench(HI);
  await writeFile(path.join(home, 'config.toml'), 'model = [\n');
  const { code, stdout, stderr } = await run(['config', 'show']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^Error loading config\.toml:\n.*config\.toml:\d+:\d+: /);
});

test('a relative OAGENT_HOME starts at the working directory; without one it is ~/.oagent', async () => {
  const { run, cwd, env, asked } = await bench(HI);
  const show = async (more: NodeJS.ProcessEnv): Promise<string> =>
    JSON.parse((await run(['config', 'show', '--json'], { env: more })).stdout).path;
  expect(await show({ OAGENT_HOME: 'rel' })).toBe(path.join(cwd, 'rel/config.toml'));
  expect(await show({ OAGENT_HOME: undefined })).toBe(path.join(env.HOME ?? '', '.oagent/config.toml'));
  expect(asked()).toEqual([]);
});

test('a home that cannot be read is told', async () => {
  const { run, home } = await bench(HI);
  await mkdir(path.join(home, 'config.toml'));
  const { code, stderr } = await run(['exec', 'Hi']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Error loading config\.toml:\n.*config\.toml: cannot be read: it is not a regular file/,
  );
});

test('model_instructions_file replaces the system message, developer_instructions adds to it', async () => {
  const { run, home, cwd, chats } = await bench(() => ({ content: 'Hi.' }));
  await writeFile(path.join(home, 'base.md'), '\ufeffYou are terse.\n');
  await writeFile(
    path.join(home, 'config.toml'),
    'model_instructions_file = "base.md"\ndeveloper_instructions = "Answer in rhymes."\n',
  );
  await run(['exec', 'Hi']);
  await run(['exec', '-c', 'experimental_instructions_file="more.md"', 'Hi']);
  await writeFile(path.join(cwd, 'more.md'), 'Other.');
  await run(['exec', '-c', 'experimental_instructions_file="more.md"', 'Hi']);
  expect(chats().map(({ messages }) => messages[0]?.content)).toEqual([
    'You are terse.\n\nAnswer in rhymes.',
    'Other.\n\nAnswer in rhymes.',
  ]);
});

const THINKS = () => ({ thinking: 'Let me see.', content: 'Hi.' });

test.each([
  'hide_agent_reasoning=true',
  'show_raw_agent_reasoning=false',
])('%s: no thinking is shown', async (key) => {
  const { run, json } = await bench(THINKS);
  const shown = async (...args: string[]) => ({
    text: (await run(['exec', ...args, 'Hi'])).stderr.includes('Let me see.'),
    items: (await json([...args, 'Hi'])).lines.map(({ type, item }) => [
      type,
      (item as { type?: string })?.type,
    ]),
  });
  const message = ['item.completed', 'agent_message'];
  const around = (...items: readonly (readonly unknown[])[]) => [
    ['thread.started', undefined],
    ['turn.started', undefined],
    ...items,
    ['turn.completed', undefined],
  ];
  expect([await shown(), await shown('-c', key)]).toEqual([
    { text: true, items: around(['item.completed', 'reasoning'], message) },
    { text: false, items: around(message) },
  ]);
});

test('include_environment_context=false: the model is told nothing of the machine, AGENTS.md stays', async () => {
  const { run, cwd, chats } = await bench(HI);
  const off = ['-c', 'include_environment_context=false'];
  await run(['exec', ...off, 'Hi']);
  await run(['exec', 'resume', '--last', ...off, 'Again']);
  await writeFile(path.join(cwd, 'AGENTS.md'), 'Be kind.');
  await run(['exec', ...off, 'Hi']);
  expect(chats().map(({ messages }) => messages.slice(1).map(({ content }) => content))).toEqual([
    ['Hi'],
    ['Hi', 'Hi.', 'Again'],
    [expect.stringMatching(/^# AGENTS\.md instructions[\s\S]*Be kind\.\n<\/INSTRUCTIONS>$/), 'Hi'],
  ]);
});

test('background_terminal_max_timeout bounds how long the model waits for a command', async () => {
  const { run, chats } = await bench([
    { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'sleep 50', yield_time_ms: 250 } }] },
    { toolCalls: [{ name: 'write_stdin', arguments: { session_id: 1, yield_time_ms: 60_000 } }] },
    { content: 'Hi.' },
  ]);
  await run(['exec', BYPASS, '-c', 'background_terminal_max_timeout=300', 'Hi']);
  expect(chats()[2]?.messages.at(-1)?.content).toMatch(/^Wall time: 0\.[3-9]\d* seconds\n/m);
});
