/** The flags of `exec`: what each does to the request, and that a wrong one is found before there is any. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import { httpFault } from '../../src/demo/script.ts';
import { addFile, BYPASS, bench, systemProgram, VERSION } from '../support/exec.ts';
import { NATIVE, RENDERED } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const model = (name: string, more: Partial<ModelSpec> = {}): ModelSpec => ({ ...RENDERED, name, ...more });
const HI = [{ content: 'Hi.' }];

/** What a user is told before anything was asked of the server. */
const refusal = (message: string) => ({
  code: 1,
  stdout: '',
  stderr: `Reading additional input from stdin...\nError: ${message}\n`,
  asked: [],
});

test('-o gets the final message when the turn completed', async () => {
  const { run, cwd } = await bench([
    { content: 'First.', toolCalls: [{ name: 'shell', arguments: { command: 'ls' } }] },
    ...HI,
  ]);
  const file = path.join(cwd, 'last.txt');
  await writeFile(file, 'something much longer from before');
  const { code, stdout } = await run(['exec', '-o', 'last.txt', 'Hi']);
  expect({ code, stdout, file: await readFile(file, 'utf8') }).toEqual({
    code: 0,
    stdout: 'Hi.\n',
    file: 'Hi.',
  });
});

test('-o stays untouched when the turn failed', async () => {
  const { run, cwd } = await bench([httpFault(400, 'no')]);
  const file = path.join(cwd, 'last.txt');
  await writeFile(file, 'before');
  const { code } = await run(['exec', '--output-last-message', file, 'Hi']);
  expect({ code, file: await readFile(file, 'utf8') }).toEqual({ code: 1, file: 'before' });
});

test.for([
  'missing/last.txt',
  'file/last.txt',
  '.',
  'link',
])('-o %s cannot be written: found before any request', async (name) => {
  const { run, cwd, asked } = await bench(HI);
  await writeFile(path.join(cwd, 'file'), '');
  await symlink('.git', path.join(cwd, 'link'));
  const { code, stdout, stderr } = await run(['exec', '-o', name, 'Hi']);
  expect({ code, stdout, asked: asked() }).toEqual({ code: 1, stdout: '', asked: [] });
  expect(stderr).toMatch(new RegExp(`\\nError: -o ${name.replace('.', '\\.')}: .+\\n$`));
});

test.for([
  ['not json', '{"type": ', /^Error: Output schema file schema\.json is not valid JSON: .+\n$/],
  ['no object', '[1]', /^Error: Output schema file schema\.json is not a JSON object\n$/],
  [
    'missing',
    undefined,
    /^Error: cannot read the output schema schema\.json: there is no such file\. Check its name and its folder\n$/,
  ],
] as const)('--output-schema: %s', async ([, content, message]) => {
  const { run, cwd, asked } = await bench([]);
  if (content !== undefined) await writeFile(path.join(cwd, 'schema.json'), content);
  const { code, stderr } = await run(['exec', '--output-schema', 'schema.json', '-'], { stdin: 'Hi' });
  expect({ code, asked: asked() }).toEqual({ code: 1, asked: [] });
  expect(stderr).toMatch(message);
});

test('--output-schema asks for the answer again in that form, with the same tools', async () => {
  const { run, cwd, chats } = await bench([{ content: 'Four.' }, { content: '{"n":4}' }]);
  const schema = { type: 'object', properties: { n: { type: 'integer' } } };
  await writeFile(path.join(cwd, 'schema.json'), JSON.stringify(schema));
  const { code, stdout } = await run(['exec', '--output-schema', 'schema.json', '2+2']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"n":4}\n' });
  expect(chats().map(({ format, think, tools }) => [format, think, tools])).toEqual([
    [undefined, true, chats()[0]?.tools],
    [schema, false, chats()[0]?.tools],
  ]);
  expect(chats()[0]?.tools).not.toBeUndefined();
});

test('-C works in another folder, whose repository and AGENTS.md count', async () => {
  const { run, chats } = await bench(HI);
  const folder = await tempFolder();
  const sub = path.join(folder, 'sub');
  await mkdir(sub);
  await mkdir(path.join(folder, '.git'));
  await writeFile(path.join(folder, 'AGENTS.md'), 'Be kind.\n');
  const { code } = await run(['exec', '-C', sub, 'Hi'], { cwd: await tempFolder() });
  expect(code).toBe(0);
  const frame = chats()[0]?.messages[1]?.content ?? '';
  expect(frame).toContain(`<cwd>${sub}</cwd>`);
  expect(frame).toContain('Be kind.');
});

test.for([
  ['-C', '--cd', 'nowhere', 'no such folder'],
  ['-C', '--cd', 'file', 'not a folder'],
  ['--add-dir', '--add-dir', 'nowhere', 'no such folder'],
  ['--add-dir', '--add-dir', 'file', 'not a folder'],
] as const)('%s (%s) %s: %s', async ([flag, name, folder, reason]) => {
  const { run, cwd, asked } = await bench(HI);
  await writeFile(path.join(cwd, 'file'), '');
  const { code, stderr } = await run(['exec', flag, folder, 'Hi']);
  const message = `Error: ${name} ${path.join(cwd, folder)}: ${reason}\n`;
  expect({ code, stderr, asked: asked() }).toEqual({ code: 1, stderr: message, asked: [] });
});

test('outside of a repository it refuses, unless told not to look or bypassed', async () => {
  const { run, asked } = await bench(() => HI[0] ?? {});
  const cwd = await tempFolder();
  const { code, stdout, stderr } = await run(['exec', 'Hi'], { cwd });
  expect({ code, stdout, stderr, asked: asked() }).toEqual(
    refusal('Not inside a trusted directory and --skip-git-repo-check was not specified.'),
  );
  expect((await run(['exec', '--skip-git-repo-check', 'Hi'], { cwd })).stdout).toBe('Hi.\n');
  expect((await run(['exec', BYPASS, 'Hi'], { cwd })).stdout).toBe('Hi.\n');
});

test('a worktree, whose .git is a file, is a repository', async () => {
  const { run } = await bench(HI);
  const cwd = await tempFolder();
  await writeFile(path.join(cwd, '.git'), 'gitdir: /elsewhere\n');
  expect((await run(['exec', 'Hi'], { cwd })).stdout).toBe('Hi.\n');
});

test('-m names the model; one that is not installed is told with the cure', async () => {
  const { run, chats, server } = await bench(HI, { models: [model('qwen3'), model('other:7b')] });
  expect((await run(['exec', '-m', 'other:7b', 'Hi'])).code).toBe(0);
  expect(chats().map((body) => body.model)).toEqual(['other:7b']);
  const { code, stderr } = await run(['exec', '-m', 'llama9', 'Hi']);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "Reading additional input from stdin...\nError: model 'llama9' is not installed. Get it with `ollama pull llama9`. Installed: qwen3:latest, other:7b\n",
  });
  expect(server.log.filter(({ path }) => path === '/api/chat')).toHaveLength(1);
});

test.for(['qwen3', 'qwen3:latest', 'QWEN3'])('-m %s is qwen3:latest', async (name) => {
  const { run } = await bench(HI, { models: [model('qwen3:latest')] });
  expect((await run(['exec', '-m', name, 'Hi'])).stdout).toBe('Hi.\n');
});

test('without -m the best installed model that calls tools is taken', async () => {
  const { run, chats } = await bench(HI, {
    models: [
      model('bge-m3', { capabilities: ['embedding'] }),
      model('llama3.2'),
      model('qwen3-coder:30b'),
      model('qwen3:8b'),
      model('gemma3:27b', { capabilities: ['completion', 'vision'] }),
    ],
  });
  await run(['exec', 'Hi']);
  expect(chats().map((body) => body.model)).toEqual(['qwen3-coder:30b']);
});

test('without any model: what to pull', async () => {
  const { run } = await bench([], { models: [] });
  expect((await run(['exec', '-'], { stdin: 'Hi' })).stderr).toBe(
    'Error: no model is installed. Get one with `ollama pull qwen3-coder`\n',
  );
});

test('with models that cannot call tools only: what to pull', async () => {
  const { run } = await bench([], { models: [model('gemma3', { capabilities: ['completion'] })] });
  expect((await run(['exec', '-'], { stdin: 'Hi' })).stderr).toBe(
    'Error: none of the installed models can call tools. Get one with `ollama pull qwen3-coder`\n',
  );
});

test('a chosen model that cannot call tools: which can', async () => {
  const { run } = await bench([], {
    models: [model('gemma3', { capabilities: ['completion'] }), model('qwen3')],
  });
  const { code, stderr } = await run(['exec', '-m', 'gemma3', '-'], { stdin: 'Hi' });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'Error: gemma3 cannot call tools, so it cannot work as an agent. These can: qwen3:latest\n',
  });
});

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const EYES = model('eyes', { capabilities: ['completion', 'tools', 'vision'] });

test.each([
  [400, 'Failed to load image or audio file'],
  [500, 'png: invalid format: not enough pixel data'],
  [415, 'what is this?'],
])('an image that the server refuses (%i %s) is sent once, also in what follows', async (status, text) => {
  const refusing = ({
    messages,
  }: {
    readonly messages: readonly { readonly images: readonly string[] }[];
  }) =>
    messages.some(({ images }) => images.length > 0) ? httpFault(status, text) : { content: 'No picture.' };
  const { json, cwd, chats } = await bench(refusing, { models: [EYES] });
  await writeFile(path.join(cwd, 'a.png'), PNG);
  const first = await json(['-i', 'a.png', 'See']);
  const second = await json(['resume', '--last', 'And now?']);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(JSON.stringify(first.lines)).toContain('left out from now on: a.png');
  const shown = chats().map(({ messages }) =>
    messages.map(({ content, images }) => (images ? 'IMAGE' : content)),
  );
  const replaced = 'See\n[Left out, because it cannot be read: a.png]';
  expect(shown.map((contents) => contents.filter((text) => /IMAGE|^See/.test(text ?? '')))).toEqual([
    ['IMAGE'],
    [replaced],
    [replaced],
  ]);
});

test('-i attaches images: repeated, with commas, one value each', async () => {
  const { run, cwd, chats } = await bench(() => ({ content: 'Dots.' }), { models: [EYES] });
  for (const name of ['a.png', 'b c.png', 'd.jpg']) await writeFile(path.join(cwd, name), PNG);
  const image = PNG.toString('base64');
  for (const flags of [
    ['-i', 'a.png,b c.png', '-i', 'd.jpg'],
    ['--image', 'a.png', '--image=b c.png', '-id.jpg', '--json'],
  ]) {
    expect((await run(['exec', ...flags, 'See'])).code).toBe(0);
  }
  expect(chats().map(({ messages }) => messages.at(-1))).toEqual([
    { role: 'user', content: 'See', images: [image, image, image] },
    { role: 'user', content: 'See', images: [image, image, image] },
  ]);
});

test.for([
  [
    'missing.png',
    /^cannot read the image .*missing\.png: there is no such file\. Check its name and its folder/,
  ],
  ['folder', /^cannot read the image .*folder: it is not a regular file$/],
  ['text.png', /^.*text\.png is not a supported image \(PNG, JPEG, GIF, WebP\)$/],
  ['empty.png', /^.*empty\.png is not a supported image \(PNG, JPEG, GIF, WebP\)$/],
] as const)('-i %s is refused before any request', async ([name, message]) => {
  const { json, cwd, asked } = await bench([], { models: [EYES] });
  await mkdir(path.join(cwd, 'folder'));
  await writeFile(path.join(cwd, 'text.png'), 'no image');
  await writeFile(path.join(cwd, 'empty.png'), '');
  const { code, lines } = await json(['-i', name, '--', 'See']);
  expect({ code, lines, asked: asked() }).toEqual({
    code: 1,
    lines: [{ type: 'error', message: expect.stringMatching(message) }],
    asked: [],
  });
});

test('-i with a model that has no eyes', async () => {
  const { run, cwd, chats } = await bench([]);
  await writeFile(path.join(cwd, 'a.png'), PNG);
  const { code, stderr } = await run(['exec', '-i', 'a.png', '-m', 'base', '-'], { stdin: 'See' });
  expect({ code, stderr, chats: chats() }).toEqual({
    code: 1,
    stderr:
      'Error: base cannot see images (-i): no installed model can see images: `ollama pull qwen2.5vl:3b` gets one that describes them\n',
    chats: [],
  });
});

test('--oss and --local-provider ollama are taken', async () => {
  const { run } = await bench(() => ({ content: 'Hi.' }));
  expect((await run(['exec', '--oss', 'Hi'])).stdout).toBe('Hi.\n');
  expect((await run(['exec', '--oss', '--local-provider', 'ollama', 'Hi'])).stdout).toBe('Hi.\n');
});

test.for([
  [['exec', '--local-provider', 'lmstudio', 'Hi'], 'oagent runs models only through ollama.'],
  [['exec', '-s', 'open', 'Hi'], 'Allowed choices are read-only, workspace-write, danger-full-access.'],
  [['exec', '--nonsense', 'Hi'], "error: unknown option '--nonsense'"],
  [['exec', 'one', 'two'], "error: too many arguments for 'exec'. Expected 1 argument but got 2: one, two."],
  [['exec', '-m'], "error: option '-m, --model <model>' argument missing"],
  [['--nonsense'], "error: unknown option '--nonsense'"],
  [['config', 'nonsense'], "error: unknown command 'nonsense'"],
] as const)('%o is wrong usage', async ([args, message]) => {
  const { run, asked } = await bench([]);
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout, asked: asked() }).toEqual({ code: 2, stdout: '', asked: [] });
  expect(stderr).toContain(message);
  expect(stderr).toContain('Usage: oagent');
});

test('help and version are asked for: stdout, exit 0', async () => {
  const { run } = await bench([]);
  const [version, help, execHelp] = [
    await run(['--version']),
    await run(['--help']),
    await run(['exec', '--help']),
  ];
  expect(version).toEqual({ code: 0, signal: null, stdout: `${VERSION}\n`, stderr: '' });
  expect([help.code, help.stderr, help.stdout.split('\n')[0]]).toEqual([
    0,
    '',
    'Usage: oagent [options] [command] [prompt]',
  ]);
  expect([execHelp.code, execHelp.stderr]).toEqual([0, '']);
  for (const flag of [
    '--json',
    '--output-last-message',
    '--output-schema',
    '--skip-git-repo-check',
    '--color',
    '--cd',
    '--add-dir',
  ]) {
    expect(execHelp.stdout).toContain(flag);
  }
});

test.each([[[]], [['do something']]])('without a terminal %o says what to use instead', async (args) => {
  const { run, asked } = await bench([]);
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout, stderr, asked: asked() }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'Error: the interactive session needs a terminal. Without one: oagent exec "what to do"\n',
    asked: [],
  });
});

test('flags in front of the command count like those behind it', async () => {
  const { run, chats } = await bench(HI, { models: [RENDERED, NATIVE] });
  await run([
    '-m',
    'native',
    '-c',
    'model_context_window=4096',
    'exec',
    '-c',
    'model_context_window=8192',
    'Hi',
  ]);
  expect(chats().map((body) => [body.model, body.options.num_ctx])).toEqual([['native', 8192]]);
});

test('e is exec', async () => {
  const { run } = await bench(HI);
  expect((await run(['e', 'Hi'])).stdout).toBe('Hi.\n');
});

test('apply-patch by the program: written, failed, wrong usage', async () => {
  const { run, cwd, server } = await bench([]);
  const written = await run(['apply-patch', addFile('a.txt', 'one')]);
  expect(written).toEqual({
    code: 0,
    signal: null,
    stdout: 'Success. Updated the following files:\nA a.txt\n',
    stderr: '',
  });
  expect(await readFile(path.join(cwd, 'a.txt'), 'utf8')).toBe('one\n');
  const piped = await run(['apply-patch'], { stdin: addFile('b.txt', 'two') });
  expect([piped.code, await readFile(path.join(cwd, 'b.txt'), 'utf8')]).toEqual([0, 'two\n']);
  expect((await run(['apply-patch', '*** Begin Patch\n*** Delete File: c.txt\n*** End Patch'])).code).toBe(1);
  expect((await run(['apply-patch', 'a', 'b'])).code).toBe(2);
  expect(server.log).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)(
  '-o in a folder that may not be written is found before any request',
  async () => {
    const { run, cwd, asked } = await bench(HI);
    await mkdir(path.join(cwd, 'closed'));
    await chmod(path.join(cwd, 'closed'), 0o500);
    const { code } = await run(['exec', '-o', 'closed/last.txt', 'Hi']);
    expect({ code, asked: asked() }).toEqual({ code: 1, asked: [] });
  },
);

test('git is asked by nobody: it works without a git on PATH', async () => {
  const { run } = await bench(HI);
  const git = systemProgram('git');
  const folders = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => git === undefined || folder !== path.dirname(git));
  const { stdout } = await run(['exec', 'Hi'], { env: { PATH: folders.join(':') } });
  expect(stdout).toBe('Hi.\n');
});

test.for([
  ['exec', ''],
  ['exec', '  '],
  ['exec', 'resume', '--last', ' '],
])('%j is wrong usage: a script with an unset variable is no task', async (args) => {
  const { run, asked } = await bench(HI);
  const { code, stdout, stderr } = await run(args, { stdin: 'text' });
  expect({ code, stdout, asked: asked() }).toEqual({ code: 2, stdout: '', asked: [] });
  expect(stderr).toMatch(/^error: the prompt is empty\n/);
});

test('an unknown flag is wrong usage, and the message says how to pass a text', async () => {
  const { run, asked } = await bench(HI);
  const { code, stderr } = await run(['exec', '--no-such-flag', 'x']);
  expect({ code, stderr, asked: asked() }).toEqual({
    code: 2,
    stderr:
      'error: unknown option \'--no-such-flag\'\n\nA text that begins with a dash: oagent exec -- "TEXT"\n' +
      "Usage: oagent exec [options] [command] [prompt]\n\nFor more information, try 'oagent exec --help'.\n",
    asked: [],
  });
});

test.for([
  [['login'], 'login', 'models run on your own machine and need no account'],
] as const)('%j is a command of Codex, not a task', async ([args, word, reason]) => {
  const { run, asked } = await bench(HI);
  const { code, stderr } = await run([...args]);
  expect({ code, asked: asked() }).toEqual({ code: 2, asked: [] });
  expect(stderr).toMatch(
    `error: oagent has no command \`${word}\`: ${reason}.\nTo send the word as a message: oagent -- ${word}\n`,
  );
});

test('the common flags stand behind every command', async () => {
  const { run, cwd } = await bench(HI);
  const common = ['-c', 'model="m"', '-C', cwd, '-m', 'm', '-s', 'read-only'];
  for (const command of [
    ['sessions', 'list'],
    ['index', 'clear'],
    ['config', 'show'],
    ['config', 'schema'],
  ]) {
    expect({ command, code: (await run([...command, ...common])).code }).toEqual({ command, code: 0 });
  }
});

test('doctor --json has the checks', async () => {
  const { run } = await bench(HI);
  const { stdout, code } = await run(['doctor', '--json']);
  const report = JSON.parse(stdout);
  expect(report).toEqual({
    ok: code === 0,
    checks: expect.arrayContaining([{ section: 'Ollama', mark: 'ok', lines: [expect.any(String)] }]),
  });
});

test('--trust lets it write in this folder, for this session only', async () => {
  const { run } = await bench(HI);
  const mode = async (...flags: string[]): Promise<string> =>
    /: (read-only|workspace-write), approvals/.exec((await run(['doctor', ...flags])).stdout)?.[1] ?? '';
  expect([await mode('--trust'), await mode()]).toEqual(['workspace-write', 'read-only']);
});
