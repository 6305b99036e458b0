/** The real npm client against the scripted server: it must behave as it does with a real one. */
import { Ollama } from 'ollama';
import { expect, test, vi } from 'vitest';
import { httpFault, repeatAbort } from '../../src/demo/script.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';

const messages = [{ role: 'user', content: 'hi' }];

test('a streamed chat with thinking, text and calls', async () => {
  const { host } = await withOllama([
    {
      thinking: 'hm',
      chunks: ['a <', 'b>'],
      toolCalls: [{ name: 'read', arguments: { path: 'q', n: 1 }, id: 'call_12345678' }],
    },
  ]);
  const stream = await new Ollama({ host }).chat({ model: 'base', messages, stream: true });
  const seen = [];
  for await (const { message, done, done_reason } of stream) seen.push({ message, done, done_reason });
  const call = { id: 'call_12345678', function: { index: 0, name: 'read', arguments: { path: 'q', n: 1 } } };
  const step = (message: object) => ({
    message: { role: 'assistant', content: '', ...message },
    done: false,
    done_reason: undefined,
  });
  expect(seen).toEqual([
    step({ thinking: 'hm' }),
    step({ content: 'a <' }),
    step({ content: 'b>' }),
    step({ tool_calls: [call] }),
    { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' },
  ]);
});

test('errors: a status with its text, a line in mid-stream, a stream without done', async () => {
  const { host } = await withOllama([
    httpFault(500, 'EOF'),
    { content: 'Hi', fault: { kind: 'error_line', error: 'boom' } },
    repeatAbort(),
  ]);
  const ollama = new Ollama({ host });
  const ask = async () => {
    for await (const _ of await ollama.chat({ model: 'base', messages, stream: true }));
  };
  await expect(ask()).rejects.toMatchObject({ name: 'ResponseError', status_code: 500, message: 'EOF' });
  await expect(ask()).rejects.toThrow(new Error('boom'));
  await expect(ask()).rejects.toThrow(new Error('Did not receive done or success response in stream.'));
  await expect(ollama.show({ model: 'nope' })).rejects.toMatchObject({
    status_code: 404,
    message: "model 'nope:latest' not found",
  });
});

test('a garbage line is passed over by the client', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { host } = await withOllama([
    { chunks: ['a', 'b'], fault: { kind: 'garbage', line: '{"mod', after: 1 } },
  ]);
  let content = '';
  for await (const part of await new Ollama({ host }).chat({ model: 'base', messages, stream: true })) {
    content += part.message.content;
  }
  expect([content, warn.mock.calls]).toEqual(['ab', [['invalid json: ', '{"mod']]]);
  warn.mockRestore();
});

test('abort in mid-stream ends the iterator and reaches the server', async () => {
  const server = await withOllama([{ chunks: ['a', 'b'], fault: { kind: 'stall', after: 1 } }]);
  const stream = await new Ollama({ host: server.host }).chat({ model: 'base', messages, stream: true });
  const read = async () => {
    for await (const _ of stream) stream.abort();
  };
  await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
  expect((await server.waitForAbort(1)).aborted).toBe(true);
});

test('load, ps, list, show and version', async () => {
  const { host } = await withOllama([]);
  const ollama = new Ollama({ host });
  const load = await ollama.chat({
    model: 'base',
    messages: [],
    keep_alive: '30m',
    options: { num_ctx: 8192 },
  });
  const ps = await ollama.ps();
  const tags = await ollama.list();
  const shown = await ollama.show({ model: 'native' });
  expect({
    load: [load.done_reason, load.message],
    ps: ps.models.map((model) => model.name),
    tags: tags.models.map((model) => model.name),
    capabilities: shown.capabilities,
    version: (await ollama.version()).version,
  }).toEqual({
    load: ['load', { role: 'assistant', content: '' }],
    ps: ['base:latest'],
    tags: [`${RENDERED.name}:latest`, `${NATIVE.name}:latest`],
    capabilities: ['completion', 'tools'],
    version: '0.32.6',
  });
});
