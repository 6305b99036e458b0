/** The built program with a server of llama.cpp, as the configuration names it. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault, type Script } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';

const provider = (host: string, more = ''): string =>
  `model_provider = "box"\n[model_providers.box]\nname = "my box"\nbase_url = "${host}/v1"\n${more}`;

async function withLlama(script: Script, more = ''): Promise<Bench> {
  const made = await bench(script, { wire: 'llama.cpp', defaultNumCtx: 8192 });
  await writeFile(path.join(made.home, 'config.toml'), provider(made.server.host, more));
  return made;
}

test('exec: the window is that of the server, nothing of it is asked for, and a call runs', async () => {
  const made = await withLlama([
    { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo hi' } }] },
    { content: 'It said hi.' },
  ]);
  const { code, stdout, stderr } = await made.run(['exec', '-s', 'read-only', 'Say hi'], {
    env: { OLLAMA_HOST: 'http://127.0.0.1:9' },
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'It said hi.\n' });
  expect(stderr).toContain('window: 8,192 tokens (server)');
  const [first] = made.server.log.filter(({ kind }) => kind === 'chat');
  const sent = JSON.parse(first?.rawBody ?? '{}');
  expect(Object.keys(sent).toSorted()).toEqual(
    [
      ...['cache_prompt', 'chat_template_kwargs', 'max_tokens', 'messages', 'model', 'return_progress'],
      ...['stream', 'stream_options', 'tools'],
    ].toSorted(),
  );
  expect(sent.max_tokens).toBe(2048);
});

test('the request after a call begins with the request before, byte for byte', async () => {
  const made = await withLlama([
    { thinking: 'Run it.', toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo "é" hi' } }] },
    { content: 'Done.' },
  ]);
  await made.run(['exec', '-s', 'read-only', 'Say hi']);
  const [before = '', after = ''] = made.server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ rawBody }) => JSON.stringify(JSON.parse(rawBody).messages));
  expect(after.startsWith(before.slice(0, -1))).toBe(true);
});

test('doctor says what the server is, and what it has', async () => {
  const made = await withLlama([]);
  const { stdout } = await made.run(['doctor']);
  const [server, model, window] = stdout.split('\n\n');
  expect([server, model?.split('\n').slice(0, 2).join('\n'), window]).toEqual([
    `Server\n  ok    ${made.server.host} is llama.cpp, version b11434-scripted\n        It has its window, exact counts before a request, cached tokens, progress of reading, schemas`,
    'Model\n  ok    base, the only one installed',
    'Window\n  ok    8,192 tokens, as the server has it; the model supports 32,768',
  ]);
});

test('a provider that is Ollama is used as Ollama', async () => {
  const made = await bench([{ content: 'Hi.' }]);
  await writeFile(path.join(made.home, 'config.toml'), provider(made.server.host));
  const { stdout } = await made.run(['exec', 'Hi'], { env: { OLLAMA_HOST: '' } });
  expect({ stdout, first: made.asked()[0], chats: made.chats().length }).toEqual({
    stdout: 'Hi.\n',
    first: 'GET /',
    chats: 1,
  });
});

test('an option of yours that the server refuses is told once, and no longer sent', async () => {
  const made = await withLlama(
    [
      httpFault(400, 'Unrecognized request argument supplied: temperature'),
      { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo hi' } }] },
      { content: 'Hi.' },
    ],
    '[ollama]\ntemperature = 0.3\n',
  );
  const { stdout, stderr } = await made.run(['exec', '-s', 'read-only', 'Hi']);
  const warnings = stderr.split('\n').filter((line) => line.includes('temperature'));
  const sent = made.server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ rawBody }) => JSON.parse(rawBody).temperature);
  expect({ stdout, warnings, sent }).toEqual({
    stdout: 'Hi.\n',
    warnings: ['warning: The server refuses temperature: left out from now on'],
    sent: [0.3, undefined, undefined],
  });
});

test('a server that is away is told by its name and its setting', async () => {
  const made = await bench([]);
  await writeFile(path.join(made.home, 'config.toml'), provider('http://127.0.0.1:9'));
  const { code, stderr } = await made.run(['exec', 'Hi']);
  expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
    code: 1,
    last: 'Error: no my box server at http://127.0.0.1:9 (ECONNREFUSED): start it, or set `base_url` of [model_providers.box]',
  });
});

test('wire_api = "responses" is told with what to set', async () => {
  const made = await withLlama([], 'wire_api = "responses"\n');
  const { code, stderr } = await made.run(['exec', 'Hi']);
  expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
    code: 1,
    last: `Error: [model_providers.box] has wire_api = "responses", and what answers at ${made.server.host} is llama.cpp, with which oagent only speaks the chat API. Set wire_api = "chat"`,
  });
});

test('a model is led over this wire too: it continues an answer that has begun', async () => {
  const right = 'module.exports = (a, b) => a + b;\n';
  const made = await withLlama(
    ({ messages }) =>
      messages.at(-1)?.role === 'assistant'
        ? { content: `\`\`\`javascript\n${right}\`\`\`` }
        : { content: 'The sign was wrong.' },
    '[models.base]\nprofile = "led"\n',
  );
  const file = path.join(made.cwd, 'add.js');
  await writeFile(file, 'module.exports = (a, b) => a - b;\n');
  await writeFile(
    path.join(made.cwd, 'test.js'),
    "if (require('./add')(2, 3) !== 5) throw new Error('no');\n",
  );
  const { code, stdout } = await made.run([
    'exec',
    BYPASS,
    'Fix the bug in add.js. `node test.js` must pass.',
  ]);
  expect({ code, stdout, text: await readFile(file, 'utf8') }).toEqual({
    code: 0,
    stdout: 'The sign was wrong.\n',
    text: right,
  });
});

test('the session says whose model it had, and continues with another provider', async () => {
  const made = await withLlama([{ content: 'One.' }, { content: 'Two.' }]);
  await made.run(['exec', 'Hi']);
  const [file] = rolloutFiles(made.home);
  const [first = ''] = (await readFile(file?.path ?? '', 'utf8')).split('\n');
  expect(JSON.parse(first).payload.model_provider).toBe('box');
  const other = `model_providers.other.base_url="${made.server.host}/v1"`;
  const again = await made.run([
    'exec',
    'resume',
    '--last',
    '-c',
    'model_provider=other',
    '-c',
    other,
    'Go on',
  ]);
  expect([again.code, again.stdout]).toEqual([0, 'Two.\n']);
});
