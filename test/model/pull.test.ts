import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { type PullProgress, pullModel } from '../../src/model/pull.ts';
import type { JsonObject } from '../../src/protocol.ts';
import { RENDERED, withOllama } from '../support/ollama-server.ts';

const library: ModelSpec[] = [{ ...RENDERED, name: 'new', size: 8 }];
const signal = new AbortController().signal;

async function pull(name: string, options: Parameters<typeof withOllama>[1] = {}) {
  const server = await withOllama([], { library, ...options });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const lines: PullProgress[] = [];
  const end = await pullModel(client, name, (line) => lines.push(line), signal).then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { lines, end, client, body: server.log[0]?.rawBody };
}

test('a pull tells each line, and the model is there', async () => {
  const { lines, end, client, body } = await pull('new');
  const plain = { digest: undefined, total: undefined, completed: undefined };
  const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
  const part = (completed: number) => ({
    status: expect.stringMatching(/^pulling [0-9a-f]{12}$/),
    digest,
    total: 8,
    completed,
  });
  expect(body).toBe('{"model":"new","stream":true}');
  expect([end, lines.filter(({ total }) => total !== 1429)]).toEqual([
    'done',
    [
      { ...plain, status: 'pulling manifest' },
      ...[0, 2, 4, 6, 8].map(part),
      { ...plain, status: 'verifying sha256 digest' },
      { ...plain, status: 'writing manifest' },
      { ...plain, status: 'success' },
    ],
  ]);
  expect((await client.installed(signal)).map(({ name }) => name)).toContain('new:latest');
});

test.each([
  ['nope', {}, "Ollama's library has no model nope; see https://ollama.com/search"],
  ['../etc', {}, 'Ollama refused the request (400): invalid model name'],
  ['', {}, 'Ollama refused the request (400): invalid model name'],
  [
    'new',
    { faultFor: () => ({ kind: 'status', status: 500, body: { error: 'disk full' } }) as const },
    'Ollama answered 500: disk full',
  ],
  [
    'new',
    { faultFor: () => ({ kind: 'destroy' }) as const },
    'the connection to Ollama was lost (ECONNRESET)',
  ],
])('a pull of %j that fails says why (%#)', async (name, options, message) => {
  expect((await pull(name, options)).end).toBe(message);
});

test('a stream that just ends is no success', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.end('{"status":"pulling manifest"}\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const client = new OllamaClient({ host: `http://127.0.0.1:${port}`, headers: {} });
  const statuses: string[] = [];
  await expect(pullModel(client, 'm', ({ status }) => statuses.push(status), signal)).rejects.toThrow(
    'the download of m was interrupted. Start it again to resume it',
  );
  expect(statuses).toEqual(['pulling manifest']);
});

test('an abort ends it and tells the server', async () => {
  const server = await withOllama([], { library, chunkDelayMs: 60_000 });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const controller = new AbortController();
  const end = pullModel(client, 'new', () => controller.abort(new Error('stop')), controller.signal);
  await expect(end).rejects.toThrow('stop');
  await server.waitForAbort(1);
});

test('any lines are read without harm', async () => {
  const line = fc.dictionary(fc.constantFrom('status', 'digest', 'total', 'completed'), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      async function* all(): AsyncGenerator<JsonObject> {
        yield* lines;
        yield { status: 'success' };
      }
      const seen: PullProgress[] = [];
      await pullModel({ pull: all }, 'm', (progress) => seen.push(progress), signal);
      expect(seen).toHaveLength(lines.length + 1);
      for (const { status, total, completed } of seen) {
        expect([typeof status, total ?? 1, completed ?? 0]).toEqual([
          'string',
          expect.any(Number),
          expect.any(Number),
        ]);
      }
    }),
  );
});
