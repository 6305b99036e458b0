import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import type { AnswerDelta } from '../../src/model/answer/reader.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelError } from '../../src/model/errors.ts';
import type { ChatSettings } from '../../src/model/server.ts';
import type { ModelTurn } from '../../src/model/stream.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';

const SETTINGS: ChatSettings = {
  model: 'base',
  numCtx: 4096,
  numPredict: 512,
  keepAlive: '30m',
  think: true,
  sampling: {},
  idleTimeoutMs: 60_000,
  reconnectMs: 0,
};

const TOOL = {
  type: 'function',
  function: {
    name: 'read_file',
    description: 'Reads a file.',
    parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
} as const;

interface Seen {
  readonly turn: ModelTurn;
  readonly deltas: readonly AnswerDelta[];
  readonly phases: readonly string[];
}

async function chat(
  server: TestOllama,
  settings: Partial<ChatSettings> = {},
  signal = new AbortController().signal,
  content = 'hello',
): Promise<Seen> {
  const deltas: AnswerDelta[] = [];
  const phases: string[] = [];
  const client = new OllamaClient({ host: server.host, headers: {} });
  const turn = await client.chat(
    { ...SETTINGS, ...settings },
    { messages: [{ role: 'user', content }], tools: [TOOL] },
    { onDelta: (delta) => deltas.push(delta), onPhase: (phase) => phases.push(phase) },
    signal,
  );
  return { turn, deltas, phases };
}

async function failure(script: Script, settings: Partial<ChatSettings> = {}): Promise<ModelError> {
  const server = await withOllama(script);
  const error: unknown = await chat(server, settings).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}

test('sends the whole contract with every request', async () => {
  const server = await withOllama([{ content: 'Hi.' }]);
  await chat(server, { sampling: { temperature: 0.2 } });
  expect(server.log.find((entry) => entry.kind === 'chat')?.body).toEqual({
    model: 'base',
    messages: [{ role: 'user', content: 'hello' }],
    tools: [TOOL],
    think: true,
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: '30m',
    options: { num_ctx: 4096, num_predict: 512, temperature: 0.2 },
  });
});

test('thinking in the text is thinking, after what the server calls so', async () => {
  const { turn, deltas } = await chat(
    await withOllama([{ thinking: 'Hm. So.', content: '<think>\nOnce more.\n</think>\n\nIt is done.' }]),
  );
  const text = (type: string): string =>
    deltas.map((delta) => (delta.type === type ? delta.text : '')).join('');
  expect([turn?.thinking, turn?.content]).toEqual(['Hm. So.\n\nOnce more.', 'It is done.']);
  expect([text('thinking'), text('text')]).toEqual(['Hm. So.Once more.\n', 'It is done.']);
});

test('thinking and text arrive as they come, and whole at the end', async () => {
  const { turn, deltas, phases } = await chat(
    await withOllama([{ thinking: 'Hm. So.', content: 'It is done.' }]),
  );
  const text = (type: string): string =>
    deltas
      .filter((delta) => delta.type === type)
      .map((delta) => delta.text)
      .join('');
  expect({ thinking: text('thinking'), content: text('text'), phases }).toEqual({
    thinking: 'Hm. So.',
    content: 'It is done.',
    phases: ['waiting', 'thinking', 'writing'],
  });
  expect(turn).toEqual({
    content: 'It is done.',
    thinking: 'Hm. So.',
    toolCalls: [],
    doneReason: 'stop',
    promptTokens: turn.promptTokens,
    evalTokens: turn.evalTokens,
    loadMs: turn.loadMs,
    promptEvalMs: turn.promptEvalMs,
    evalMs: turn.evalMs,
  });
  const { promptTokens, evalTokens, loadMs, promptEvalMs, evalMs } = turn;
  expect([promptTokens > 0, evalTokens > 0, loadMs >= 250, promptEvalMs > 0, evalMs > 0]).toEqual(
    Array(5).fill(true),
  );
});

test.each<[string, 'content' | 'thinking']>([
  ['text', 'content'],
  ['thinking', 'thinking'],
])('%s that repeats itself is stopped, what was good is kept, and the server is free', async (_name, where) => {
  const lines = Array.from({ length: 300 }, (_, index) => `old.txt at line ${index}\n`).join('');
  // The server has more to say for as long as somebody listens.
  const turn = { [where]: `I look.\n${lines}`, waitFor: new Promise(() => undefined), waitAfter: 2000 };
  const server = await withOllama([turn, { content: 'Free.' }]);
  const room = { numPredict: 3500 };
  const seen = await chat(server, room);
  expect({ content: seen.turn.content, thinking: seen.turn.thinking, reason: seen.turn.doneReason }).toEqual({
    content: '',
    thinking: '',
    reason: 'runaway',
    [where]: 'I look.\nold.txt at line 0',
  });
  await server.waitForAbort(1);
  expect((await chat(server, room)).turn.content).toBe('Free.');
});

test('one that has arrived to its end before it is stopped does not end the process', async () => {
  const content = 'I will say it again and again. '.repeat(10_000);
  const server = await withOllama([{ content, chunks: [content] }, { content: 'Free.' }]);
  expect((await chat(server)).turn).toMatchObject({
    content: 'I will say it again and again. ',
    doneReason: 'runaway',
  });
  expect((await chat(server)).turn.content).toBe('Free.');
});

test.each([RENDERED.name, NATIVE.name])('takes the calls of the %s path', async (model) => {
  const call = (path: string) => ({ name: 'read_file', arguments: { path } });
  const server = await withOllama([{ content: 'Sure. ', toolCalls: [call('a'), call('b')] }]);
  const { turn } = await chat(server, { model, think: model === 'base' ? true : undefined });
  expect(turn.toolCalls.map((raw) => raw.function)).toEqual([
    { index: 0, name: 'read_file', arguments: { path: 'a' } },
    { index: 1, name: 'read_file', arguments: { path: 'b' } },
  ]);
});

test.each([
  [
    'a stream without its last chunk',
    { content: 'Hello', fault: { kind: 'no_done' } },
    'retry',
    /without its last chunk/,
  ],
  [
    'a connection that breaks before the answer',
    { fault: { kind: 'destroy' } },
    'retry',
    /connection to Ollama was lost/,
  ],
  [
    'a connection that breaks in mid-answer',
    { content: 'a b c', fault: { kind: 'destroy', after: 2 } },
    'retry',
    /lost/,
  ],
  [
    'a line that is not JSON',
    { content: 'a b', fault: { kind: 'garbage', line: '<html>' } },
    'retry',
    /^\/api\/chat sent a page of a proxy instead of JSON/,
  ],
  [
    'an error line',
    { content: 'a b', fault: { kind: 'error_line', error: 'CUDA error' } },
    'retry',
    /CUDA error/,
  ],
  [
    'a broken call',
    { fault: { kind: 'status', status: 500, body: { error: 'EOF' } } },
    'retry_with_note',
    /EOF/,
  ],
  [
    'a busy server',
    { fault: { kind: 'status', status: 503, body: { error: 'server busy' } } },
    'retry',
    /503/,
  ],
] as const)('%s', async (_name, turn, remedy, message) => {
  const error = await failure([turn]);
  expect(error.remedy).toBe(remedy);
  expect(error.message).toMatch(message);
});

test('a prompt that does not fit names both numbers', async () => {
  const server = await withOllama([{ content: 'x' }]);
  const pending = chat(server, { numCtx: 256 }, undefined, 'word '.repeat(2000));
  const error = (await pending.catch((caught: unknown) => caught)) as ModelError;
  expect(error.remedy).toBe('compact');
  expect(error.message).toMatch(/the conversation has \d+ tokens and the context window holds \d+/);
});

test('silence ends the request: before the first chunk for good, later with another try', async () => {
  const silent = await failure([{ fault: { kind: 'stall' } }], { idleTimeoutMs: 40 });
  const stalled = await failure([{ content: 'a b c', fault: { kind: 'stall', after: 2 } }], {
    idleTimeoutMs: 1_000,
  });
  expect([silent.remedy, stalled.remedy]).toEqual(['fail', 'retry']);
  expect(silent.message).toMatch(/has sent nothing for 0 s.*idle_timeout_ms/);
});

test('an abort while the prompt is read closes the connection, so that the server stops', async () => {
  const server = await withOllama([{ content: 'late', waitFor: new Promise(() => undefined) }]);
  const controller = new AbortController();
  const reason = new Error('stop');
  const pending = chat(server, {}, controller.signal);
  await server.waitForRequest(1, 'chat');
  controller.abort(reason);
  await expect(pending).rejects.toBe(reason);
  expect((await server.waitForAbort(1)).path).toBe('/api/chat');
});

test('while it waits it says whether the model is loaded or reads', async () => {
  let release: (value?: unknown) => void = () => undefined;
  const server = await withOllama([
    {
      content: 'Hi.',
      waitFor: new Promise((resolve) => {
        release = resolve;
      }),
    },
  ]);
  const pending = chat(server);
  await server.waitForRequest(1, 'other');
  release();
  expect((await pending).phases).toEqual([
    'waiting',
    expect.stringMatching(/^(?:loading|reading)$/),
    'writing',
  ]);
});

test('a kept-alive connection that the server has closed is replaced', async () => {
  let served = 0;
  const server = createServer((request, response) => {
    served += 1;
    request.resume();
    response.end('{"models":[]}');
    response.on('finish', () => setImmediate(() => request.socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const client = new OllamaClient({
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers: {},
  });
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i += 1) expect(await client.installed(signal)).toEqual([]);
  expect(served).toBe(5);
});

test('credentials of the address go into a header, not into messages', async () => {
  let authorization: string | undefined;
  const server = createServer((request, response) => {
    authorization = request.headers.authorization;
    response.statusCode = 500;
    response.end('{"error":"down"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = new OllamaClient({ host: `http://me:p%40ss@127.0.0.1:${port}`, headers: {} });
  await expect(client.installed(new AbortController().signal)).rejects.toThrow('down');
  expect([authorization, client.host]).toEqual([`Basic ${btoa('me:p@ss')}`, `http://127.0.0.1:${port}`]);
});
