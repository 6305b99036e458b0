/** Several clients of one server: two processes of the program that wait for each other, and windows that others have loaded. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { OllamaClient } from '../../src/model/client.ts';
import { bench } from '../support/exec.ts';

const NEVER = new AbortController().signal;

/** Another program, which loads a model with its own window. */
async function loadElsewhere(host: string, numCtx: number): Promise<void> {
  const body = {
    model: 'base',
    messages: [{ role: 'user', content: 'x' }],
    options: { num_ctx: numCtx },
    stream: false,
  };
  const request = { method: 'POST', body: JSON.stringify({ ...body, shift: false }) };
  await (await fetch(`${host}/api/chat`, request)).text();
}

const loaded = (host: string) => new OllamaClient({ host, headers: {} }).loadedWindow('base', NEVER);

test('a request says how many are before it, and goes on when they are done, or killed', async () => {
  const held = Promise.withResolvers<void>();
  const { server, start } = await bench([{ content: 'First.', waitFor: held.promise }, { content: 'Last.' }]);
  const first = start(['exec', 'one']);
  await server.waitForRequest(1);
  const second = start(['exec', 'two']);
  await second.printed('waiting for the server: 1 request before yours…');
  const third = start(['exec', 'three']);
  await third.printed('waiting for the server: 2 requests before yours…');
  second.child.kill('SIGKILL');
  await third.printed('waiting for the server: 1 request before yours…');
  held.resolve();
  expect([(await first.ended).stdout, (await third.ended).stdout]).toEqual(['First.\n', 'Last.\n']);
});

test('without another oagent no request is before one, however long it takes', async () => {
  const held = Promise.withResolvers<void>();
  const { server, start, home } = await bench([{ content: 'Hi.', waitFor: held.promise }]);
  const only = start(['exec', 'one']);
  await server.waitForRequest(1);
  await only.printed('the model is reading the prompt…');
  held.resolve();
  const { code, stderr } = await only.ended;
  expect({ code, isQueued: stderr.includes('waiting for the server') }).toEqual({ code: 0, isQueued: false });
  expect(readdirSync(path.join(home, 'live', 'requests'))).toEqual([]);
});

test('a window that others have loaded is used, with its keep-alive, and nothing is loaded again', async () => {
  const { server, run, chats } = await bench([
    { content: 'theirs' },
    { content: 'Hi.' },
    { content: 'theirs' },
  ]);
  await loadElsewhere(server.host, 16_384);
  const { code, stderr } = await run(['exec', 'Hi']);
  expect(code).toBe(0);
  expect(stderr).toContain('window: 16,384 tokens (shared)');
  expect(stderr).toContain(
    'others have base:latest loaded with a window of 16,384 tokens: it is used instead of 32,768',
  );
  const [, ours] = chats();
  expect(ours?.options.num_ctx).toBe(16_384);
  expect(ours).not.toHaveProperty('keep_alive');
  await loadElsewhere(server.host, 16_384);
  expect(server.log.filter(({ reloaded }) => reloaded)).toHaveLength(1);
});

test('one that is too small is not, and neither is any if the user does not want it', async () => {
  const { server, run, chats, home } = await bench([
    { content: 'theirs' },
    { content: 'Hi.' },
    { content: 'theirs' },
    { content: 'Hi.' },
  ]);
  await loadElsewhere(server.host, 4096);
  expect((await run(['exec', 'Hi'])).stderr).toContain('window: 32,768 tokens (default)');
  await loadElsewhere(server.host, 16_384);
  writeFileSync(path.join(home, 'config.toml'), 'ollama.adopt_window = false\n');
  expect((await run(['exec', 'Hi'])).stderr).toContain('window: 32,768 tokens (fit)');
  expect(chats().map(({ options }) => options.num_ctx)).toEqual([4096, 32_768, 16_384, 32_768]);
  expect(await loaded(server.host)).toBe(32_768);
});

test('what our own session has loaded may be loaded again with a larger window', async () => {
  const { run, chats, home } = await bench([{ content: 'Hi.' }, { content: 'Hi.' }]);
  writeFileSync(path.join(home, 'config.toml'), 'model_context_window = 8192\n');
  await run(['exec', 'Hi']);
  writeFileSync(path.join(home, 'config.toml'), '');
  const { stderr } = await run(['exec', 'Hi']);
  expect(chats().map(({ options }) => options.num_ctx)).toEqual([8192, 32_768]);
  expect(stderr).not.toContain('others have');
});
