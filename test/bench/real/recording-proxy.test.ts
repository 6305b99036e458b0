/** The recording proxy between a client and a scripted server, and what is counted in the answers it keeps. */
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { withOllama } from '../../support/ollama-server.ts';
import { countAnswer } from './answer-counts.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

async function proxyTo(host: string): Promise<RecordingProxy> {
  const proxy = await startRecordingProxy(host);
  onTestFinished(() => proxy.close());
  return proxy;
}

const BODY = JSON.stringify({ model: 'base', messages: [{ role: 'user', content: 'Hi' }] });

const chat = (host: string, body: string, signal?: AbortSignal) =>
  fetch(`${host}/api/chat`, { method: 'POST', body, signal });

test('bytes pass unchanged, and only what asks a model is remembered, with its counts', async () => {
  const server = await withOllama([{ content: 'Grüße <an> alle.' }]);
  const proxy = await proxyTo(server.host);
  const tags = await (await fetch(`${proxy.host}/api/tags`)).text();
  expect(tags).toBe(await (await fetch(`${server.host}/api/tags`)).text());
  const text = await (await chat(proxy.host, BODY)).text();
  const [exchange, ...others] = await proxy.take();
  expect(others).toEqual([]);
  expect(exchange).toEqual({
    path: '/api/chat',
    body: BODY,
    status: 200,
    raw: Buffer.from(text),
    isCut: false,
  });
  const done = JSON.parse(text.trim().split('\n').at(-1) ?? '');
  expect(countAnswer(exchange?.raw ?? Buffer.from(''))).toEqual({
    read: done.prompt_eval_count,
    wrote: done.eval_count,
  });
  expect(server.log.find(({ kind }) => kind === 'chat')?.rawBody).toBe(BODY);
  expect(await proxy.take()).toEqual([]);
});

test('a client that goes away ends the request at the server, and what came so far is kept', async () => {
  const server = await withOllama([{ fault: { kind: 'endless' } }]);
  const proxy = await proxyTo(server.host);
  const controller = new AbortController();
  const response = await chat(proxy.host, BODY, controller.signal);
  await response.body?.getReader().read();
  controller.abort();
  await server.waitForAbort(1);
  const [exchange] = await proxy.take();
  expect(exchange).toMatchObject({ path: '/api/chat', status: 200, isCut: true });
  const { read, wrote } = countAnswer(exchange?.raw ?? Buffer.from(''));
  expect(read).toBe(undefined);
  expect(wrote).toBeGreaterThan(0);
});

test('an error of the server reaches the client as it is', async () => {
  const server = await withOllama([]);
  const proxy = await proxyTo(server.host);
  const body = JSON.stringify({ model: 'absent', messages: [] });
  const [direct, passed] = [await chat(server.host, body), await chat(proxy.host, body)];
  expect([passed.status, await passed.text()]).toEqual([direct.status, await direct.text()]);
  expect((await proxy.take()).map(({ status }) => status)).toEqual([404]);
});

test('a server that cuts the answer, and one that is gone, are a lost connection for the client', async () => {
  const server = await withOllama([{ content: 'one two three', fault: { kind: 'destroy', after: 1 } }]);
  const proxy = await proxyTo(server.host);
  await expect(chat(proxy.host, BODY).then((response) => response.text())).rejects.toThrow();
  await server.close();
  await expect(chat(proxy.host, BODY)).rejects.toThrow();
  expect((await proxy.take()).map(({ status, isCut }) => [status, isCut])).toEqual([
    [200, true],
    [0, true],
  ]);
});

test('counts are found in lines, in one object, and in the events of the OpenAI-like endpoints', () => {
  const of = (text: string) => countAnswer(Buffer.from(text));
  expect(of('{"message":{"content":"a"}}\n{"done":true,"prompt_eval_count":7,"eval_count":2}\n')).toEqual({
    read: 7,
    wrote: 2,
  });
  expect(of('{"message":{"content":"a"},"done":true,"prompt_eval_count":5}')).toEqual({ read: 5, wrote: 0 });
  expect(
    of('data: {"choices":[]}\n\ndata: {"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\ndata: [DONE]\n'),
  ).toEqual({
    read: 3,
    wrote: 4,
  });
  expect(
    of('event: response.completed\ndata: {"response":{"usage":{"input_tokens":8,"output_tokens":9}}}\n'),
  ).toEqual({
    read: 8,
    wrote: 9,
  });
  expect(of('{"message":{"content":"a"}}\n{"message":{"content":"b"}}\n{"mess')).toEqual({
    read: undefined,
    wrote: 2,
  });
});

test('an error is nothing that a model wrote', () => {
  expect(countAnswer(Buffer.from('{"error":"no such model"}'))).toEqual({ read: undefined, wrote: 0 });
});

test('counting never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => countAnswer(Buffer.from(text)).wrote >= 0),
  );
});
