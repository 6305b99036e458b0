/** Whatever a server sends is an answer or a ModelError, and the client's library never prints a word. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelError } from '../../src/model/errors.ts';
import { pullModel } from '../../src/model/pull.ts';
import type { ChatSettings } from '../../src/model/server.ts';
import type { JsonObject } from '../../src/protocol.ts';

const SETTINGS: ChatSettings = {
  model: 'base',
  numCtx: 4096,
  numPredict: 512,
  keepAlive: '30m',
  think: undefined,
  sampling: {},
  idleTimeoutMs: 60_000,
  reconnectMs: 0,
};

const printed: unknown[][] = [];

beforeEach(() => {
  printed.length = 0;
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, name).mockImplementation((...args) => void printed.push([name, ...args]));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(printed).toEqual([]);
});

interface Heard {
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: string;
}

/** A server that answers everything with `answer`, and a client for it. */
async function withServer(
  answer: (response: ServerResponse) => void,
  headers: { readonly [name: string]: string } = {},
): Promise<{ client: OllamaClient; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    heard.push({ headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { client: new OllamaClient({ host: `http://127.0.0.1:${port}`, headers }), heard };
}

interface Seen {
  readonly text: string;
  readonly end: string;
}

const signal = new AbortController().signal;

/** What is shown of a chat, and how it ends. */
async function chat(client: OllamaClient, messages: { role: 'user'; content: string }[] = []): Promise<Seen> {
  let text = '';
  const listener = {
    onDelta: (delta: { text: string }): void => {
      text += delta.text;
    },
    onPhase: () => undefined,
  };
  const end = await client.chat(SETTINGS, { messages, tools: [] }, listener, signal).then(
    (turn) => `done: ${turn.doneReason}`,
    (error: unknown) => {
      expect(error).toBeInstanceOf(ModelError);
      return `${(error as ModelError).remedy}: ${(error as ModelError).message}`;
    },
  );
  return { text, end };
}

async function pull(client: OllamaClient): Promise<string> {
  return pullModel(client, 'm', () => undefined, signal).then(
    () => 'done',
    (error: unknown) => {
      expect(error).toBeInstanceOf(ModelError);
      return (error as ModelError).message;
    },
  );
}

const said = (content: string, more: JsonObject = {}): string =>
  JSON.stringify({ message: { role: 'assistant', content }, done: false, ...more });
const DONE = said('', { done: true, done_reason: 'stop' });
const CUT = 'retry: the model stopped in mid-answer: the stream ended without its last chunk';

test.each<[string, string, Seen]>([
  ['lines with an empty one between', `${said('a')}\n\n \n${DONE}\n`, { text: 'a', end: 'done: stop' }],
  ['lines that end in CRLF', `${said('a')}\r\n${DONE}\r\n`, { text: 'a', end: 'done: stop' }],
  ['a last line without its end', `${said('a')}\n${DONE}`, { text: 'a', end: 'done: stop' }],
  ['more after the last line', `${DONE}\n${said('b')}\nrubbish\n`, { text: '', end: 'done: stop' }],
  ['no last line', `${said('a')}\n`, { text: 'a', end: CUT }],
  ['no last line, and no end of the one before', said('a'), { text: 'a', end: CUT }],
  ['nothing', '', { text: '', end: CUT }],
  [
    'a line that is not JSON',
    `${said('a')}\n<html>\n${said('b')}\n${DONE}\n`,
    {
      text: 'a',
      end: 'retry: /api/chat sent a page of a proxy instead of JSON (a page instead of an answer)',
    },
  ],
  [
    'half a line',
    `${said('a')}\n{"mess`,
    { text: 'a', end: 'retry: /api/chat sent something that is not JSON: "{\\"mess"' },
  ],
  [
    'JSON that is not an object',
    '[1]\n',
    { text: '', end: 'retry: /api/chat sent something that is not JSON: "[1]"' },
  ],
  ['null', 'null\n', { text: '', end: 'retry: /api/chat sent something that is not JSON: "null"' }],
  [
    'an error line',
    `${said('a')}\n{"error":"CUDA error"}\n`,
    { text: 'a', end: 'retry: the model stopped with an error: CUDA error' },
  ],
  [
    'an error line after a chunk of the same packet, with a parser',
    `${said('a')}\n{"error":"unexpected EOF"}\n${DONE}\n`,
    { text: 'a', end: 'retry_with_note: the model wrote a broken tool call: unexpected EOF' },
  ],
  [
    'an error that says nothing',
    `${said('a', { error: null })}\n${DONE}\n`,
    { text: 'a', end: 'done: stop' },
  ],
])('a chat with %s', async (_name, body, seen) => {
  const { client } = await withServer((response) => response.end(body));
  expect(await chat(client)).toEqual(seen);
});

test.each([
  ['JSON', 500, 'application/json', '{"error":"down"}', 'retry: Ollama answered 500: down'],
  [
    'JSON with a type that it is not',
    400,
    'application/json',
    '<html>',
    'fail: Ollama refused the request (400): a page instead of an answer',
  ],
  ['plain text', 502, 'text/plain', 'Bad gateway\n', 'retry: Ollama is busy or starting (502): Bad gateway'],
  ['nothing', 503, 'text/plain', '', 'retry: Ollama is busy or starting (503): Service Unavailable'],
  ['an object without an error', 500, 'application/json', '{"x":1}', 'retry: Ollama answered 500: {"x":1}'],
  [
    'a redirection',
    302,
    'text/plain',
    'elsewhere',
    'fail: HOST answers with a redirect (302) to nowhere: check OLLAMA_HOST',
  ],
])('a status with %s', async (_name, status, type, body, end) => {
  const { client } = await withServer((response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  });
  const said = end.replace('HOST', client.host);
  expect(await chat(client)).toEqual({ text: '', end: said });
  await expect(client.installed(signal)).rejects.toThrow(said.replace(/^\w+: /, ''));
});

test.each([
  [
    'an address that is not one',
    'http://a b:1',
    'http://a b:1 is not a valid server address; check OLLAMA_HOST',
  ],
  [
    'a scheme that is not HTTP',
    'ftp://host:21',
    'ftp://host:21 is not a valid server address; check OLLAMA_HOST',
  ],
])('%s', async (_name, host, message) => {
  const client = new OllamaClient({ host, headers: {} });
  await expect(client.version(signal)).rejects.toThrow(message);
  expect(await chat(client)).toEqual({ text: '', end: `fail: ${message}` });
  expect(await pull(client)).toBe(message);
});

test.each([
  [
    'an answer that is not JSON',
    'Ollama is running',
    '/api/version sent something that is not JSON: "Ollama is running"',
  ],
  ['an answer that is cut', '{"version":', '/api/version sent something that is not JSON: "{\\"version\\":"'],
  [
    'a page',
    '<!DOCTYPE html><title>Sign in</title>',
    /^what answers at http:\/\/127\.0\.0\.1:\d+ is not Ollama \(Sign in\): check OLLAMA_HOST, or sign in where/,
  ],
  ['a list', '[]', '/api/version sent something that is not JSON: "[]"'],
])('%s', async (_name, body, message) => {
  const { client } = await withServer((response) => response.end(body));
  await expect(client.version(signal)).rejects.toThrow(message);
});

test.each([
  ['success', '{"status":"x"}\n{"status":"success"}\n', 'done'],
  ['a line that is not JSON', '{"status":"x"}\n<\n', '/api/pull sent something that is not JSON: "<"'],
  ['an error', '{"status":"x"}\n{"error":"disk full"}\n', 'm could not be pulled: disk full'],
  [
    'an error about the name',
    '{"error":"file does not exist"}\n',
    "Ollama's library has no model m; see https://ollama.com/search",
  ],
  ['an end too early', '{"status":"x"}\n', 'the download of m was interrupted. Start it again to resume it'],
])('a pull with %s', async (_name, body, end) => {
  const { client } = await withServer((response) => response.end(body));
  expect(await pull(client)).toBe(end);
});

test('a connection that breaks off, in the headers and in the body', async () => {
  const { client } = await withServer((response) => response.destroy());
  const lost = 'retry: the connection to Ollama was lost (ECONNRESET)';
  expect(await chat(client)).toEqual({ text: '', end: lost });
  const broken = await withServer((response) => {
    response.write(`${said('a')}\n${said('b').slice(0, 9)}`, () => response.destroy());
  });
  expect(await chat(broken.client)).toEqual({ text: 'a', end: lost });
});

test('a switch to another protocol is no answer', async () => {
  const { client } = await withServer((response) =>
    response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  );
  expect(await chat(client)).toEqual({
    text: '',
    end: 'retry: the connection to Ollama was lost (ECONNRESET)',
  });
});

test('an error that is an object says its message, with a status and in a line', async () => {
  const error = { code: 500, message: 'model requires more system memory (9 GiB) than is available (3 GiB)' };
  const end =
    'smaller_window: the model does not fit into memory with this window (model requires more system memory (9 GiB) than is available (3 GiB))';
  for (const status of [500, 200]) {
    const { client } = await withServer((response) =>
      response.writeHead(status).end(`${JSON.stringify({ error })}\n`),
    );
    expect(await chat(client)).toEqual({ text: '', end });
  }
});

test('bytes in any pieces are the same answer', async () => {
  const lines = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => said(text)),
      fc.constantFrom('', '\r', '{', 'null', '{"error":"e"}', '{"error":7}', '{"done":1}', DONE),
    ),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(lines, sizes, async (all, cuts) => {
      const bytes = Buffer.from(`${all.join('\n')}\n`);
      const whole = await withServer((response) => response.end(bytes));
      const parts = await withServer(async (response) => {
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = cuts[n % cuts.length] ?? 1;
          await new Promise<unknown>((resolve) => response.write(bytes.subarray(at, at + size), resolve));
          at += size;
        }
        response.end();
      });
      expect(await chat(parts.client)).toEqual(await chat(whole.client));
    }),
    { numRuns: 40 },
  );
});

test('whatever bytes come, a chat and a pull end in an answer or a ModelError', async () => {
  let body: Uint8Array = new Uint8Array();
  const { client } = await withServer((response) => response.end(body));
  const line = fc.jsonValue().map((value) => Buffer.from(`${JSON.stringify(value)}\n`));
  const bytes = fc
    .array(fc.oneof(line, fc.uint8Array()), { maxLength: 5 })
    .map((parts) => Buffer.concat(parts));
  await fc.assert(
    fc.asyncProperty(bytes, async (next) => {
      body = next;
      await chat(client);
      await pull(client);
    }),
  );
});

test('the headers are the client’s, unless the configuration names them; messages stay as they were', async () => {
  const { client, heard } = await withServer((response) => response.end(`${DONE}\n`), {
    'user-agent': 'mine',
    Authorization: 'Bearer secret',
  });
  const message = { role: 'user' as const, content: 'look', images: Object.freeze(['aGk=']) };
  await chat(client, [Object.freeze(message)]);
  expect(heard).toEqual([
    {
      headers: {
        accept: 'application/json',
        authorization: 'Bearer secret',
        connection: 'keep-alive',
        'content-length': String(heard[0]?.body.length),
        'content-type': 'application/json',
        host: client.host.replace('http://', ''),
        'user-agent': 'mine',
      },
      body:
        '{"model":"base","messages":[{"role":"user","content":"look","images":["aGk="]}],"stream":true,' +
        '"truncate":false,"shift":false,"keep_alive":"30m","options":{"num_ctx":4096,"num_predict":512}}',
    },
  ]);
});

test('a server that has answered and is gone now may come back; the same request then has its answer', async () => {
  const answer = (response: ServerResponse): unknown => response.end('{"done":true,"models":[]}\n');
  const first = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
  const { port } = first.address() as AddressInfo;
  const client = new OllamaClient({ host: `http://127.0.0.1:${port}`, headers: {} });
  await client.installed(signal);
  first.closeAllConnections();
  await new Promise((resolve) => first.close(resolve));
  const gone = `no Ollama server at ${client.host} (ECONNREFUSED): start it with \`ollama serve\`, or set OLLAMA_HOST`;
  expect((await chat(client)).end).toBe(`wait: ${gone}`);
  const stranger = new OllamaClient({ host: client.host, headers: {} });
  expect((await chat(stranger)).end).toBe(`fail: ${gone}`);
  const second = createServer((_, response) => answer(response));
  onTestFinished(() => void second.close());
  await new Promise<void>((resolve) => second.listen(port, '127.0.0.1', resolve));
  expect((await chat(client)).end).toBe('done: ');
  second.closeAllConnections();
});

test('half a line and then silence is worth another try; silence from the start is not', async () => {
  const impatient = { ...SETTINGS, idleTimeoutMs: 50 };
  const ask = async (answer: (response: ServerResponse) => void): Promise<unknown> => {
    const { client } = await withServer(answer);
    const listener = { onDelta: () => undefined, onPhase: () => undefined };
    const failed = client.chat(impatient, { messages: [], tools: [] }, listener, signal);
    return failed.catch((error: ModelError) => error.remedy);
  };
  expect(await ask((response) => void response.write('{"message":{"content":"Hal'))).toBe('retry');
  expect(await ask(() => undefined)).toBe('fail');
});

test.each([
  ['2', 2_000],
  [' 0 ', 0],
  [new Date(Date.now() + 3_600_000).toUTCString(), expect.closeTo(3_600_000, -5)],
  ['1.5', 1_500],
  ['99999999999999999999', 1e23],
  ['soon', undefined],
  ['1, 2', undefined],
  ['-5', undefined],
  ['2030', 2_030_000],
  [undefined, undefined],
])('Retry-After: %s is %s ms', async (header, ms) => {
  const { client } = await withServer((response) => {
    if (header !== undefined) response.setHeader('retry-after', header);
    response.writeHead(503).end('busy');
  });
  const failed = await client.installed(signal).catch((error: ModelError) => error.retryAfterMs);
  expect(failed).toEqual(ms);
});
