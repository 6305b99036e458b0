/** Every fault, on the socket: what a client sees, and what the log says of it. */
import { expect, test } from 'vitest';
import { httpFault, serverBusy, type Turn } from '../../src/demo/script.ts';
import { withOllama } from '../support/ollama-server.ts';
import { chat, lines } from './raw-client.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const part = (content: string) =>
  `{"model":"base","created_at":"T","message":{"role":"assistant","content":"${content}"},"done":false}`;
const words: Turn = { chunks: ['one ', 'two ', 'three'] };

test('errors before the headers have their status and text', async () => {
  const { host } = await withOllama([
    httpFault(500, "failed to parse JSON: invalid character 'a' looking for beginning of value"),
    httpFault(500, 'EOF'),
    serverBusy(),
    { fault: { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' } },
    { ...words, fault: { kind: 'error_line', error: 'early', after: 0 } },
  ]);
  const answers = [];
  for (let round = 0; round < 6; round += 1) answers.push(await chat(host, {}));
  expect(answers).toEqual([
    {
      status: 500,
      type: JSON_TYPE,
      text: `{"error":"failed to parse JSON: invalid character 'a' looking for beginning of value"}`,
    },
    { status: 500, type: JSON_TYPE, text: '{"error":"EOF"}' },
    {
      status: 503,
      type: JSON_TYPE,
      text: '{"error":"server busy, please try again.  maximum pending requests exceeded"}',
    },
    { status: 502, type: 'text/plain; charset=utf-8', text: '<html>Bad Gateway</html>' },
    { status: 500, type: JSON_TYPE, text: '{"error":"early"}' },
    { status: 500, type: JSON_TYPE, text: '{"error":"the script has no turn 6"}' },
  ]);
});

test('an error in mid-stream is the last line of a 200', async () => {
  const error = 'llama-server chat error: map[code:500 message:boom type:server_error]';
  const { host } = await withOllama([
    { ...words, fault: { kind: 'error_line', error, after: 2 } },
    { ...words, fault: { kind: 'error_line', error } },
    { ...words, fault: { kind: 'status', status: 500, body: { error }, after: 1 } },
  ]);
  const answers = [await chat(host, {}), await chat(host, {}), await chat(host, {})];
  expect(answers.map(({ status, text }) => [status, lines(text)])).toEqual([
    [200, [part('one '), part('two '), `{"error":"${error}"}`]],
    [200, [part('one '), part('two '), part('three'), `{"error":"${error}"}`]],
    [200, [part('one '), `{"error":"${error}"}`]],
  ]);
});

test('without streaming the same error is a 500', async () => {
  const { host } = await withOllama([{ ...words, fault: { kind: 'error_line', error: 'boom', after: 2 } }]);
  expect(await chat(host, { stream: false })).toEqual({
    status: 500,
    type: JSON_TYPE,
    text: '{"error":"boom"}',
  });
});

test('a stream can end without a done chunk', async () => {
  const { host } = await withOllama([
    { ...words, fault: { kind: 'no_done' } },
    { ...words, fault: { kind: 'no_done', after: 0 } },
    { ...words, fault: { kind: 'no_done' } },
  ]);
  const streams = [await chat(host, {}), await chat(host, {}), await chat(host, { stream: false })];
  expect(streams.map(({ status, text }) => [status, lines(text)])).toEqual([
    [200, [part('one '), part('two '), part('three')]],
    [200, []],
    [200, [part('one two three')]],
  ]);
});

test('a garbage line stands where the turn puts it', async () => {
  const { host } = await withOllama([{ ...words, fault: { kind: 'garbage', line: '{"model', after: 1 } }]);
  expect(lines((await chat(host, {})).text).slice(0, 4)).toEqual([
    part('one '),
    '{"model',
    part('two '),
    part('three'),
  ]);
});

test('the socket can be cut before the headers and in mid-stream; that is not an abort', async () => {
  const server = await withOllama([
    { ...words, fault: { kind: 'destroy' } },
    { ...words, fault: { kind: 'destroy', after: 1 } },
  ]);
  await expect(chat(server.host, {})).rejects.toThrow('fetch failed');
  await expect(chat(server.host, {})).rejects.toThrow('terminated');
  await server.waitForFinished(2);
  expect(server.log.map(({ status, aborted }) => [status, aborted])).toEqual([
    [null, false],
    [200, false],
  ]);
});

test('a stall before the headers holds until the client goes', async () => {
  const server = await withOllama([{ fault: { kind: 'stall' } }]);
  const gone = new AbortController();
  const answer = chat(server.host, {}, gone.signal);
  await server.waitForRequest(1);
  gone.abort();
  await expect(answer).rejects.toThrow('aborted');
  const { status, aborted, promptTokens } = await server.waitForAbort(1);
  expect({ status, aborted, promptTokens }).toEqual({ status: null, aborted: true, promptTokens: 8 });
});

test('a stall in mid-stream comes after the chunks', async () => {
  const server = await withOllama([{ ...words, fault: { kind: 'stall', after: 2 } }]);
  const gone = new AbortController();
  const body = '{"model":"base","messages":[{"role":"user","content":"hi"}]}';
  const response = await fetch(`${server.host}/api/chat`, { method: 'POST', body, signal: gone.signal });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('two')) text += (await reader.read()).value;
  gone.abort();
  await expect(reader.read()).rejects.toThrow('aborted');
  expect(lines(text)).toEqual([part('one '), part('two ')]);
  expect((await server.waitForAbort(1)).status).toBe(200);
});

test('an endless answer continues until the client leaves, then the model is free', async () => {
  const server = await withOllama([{ ...words, fault: { kind: 'endless' } }, { content: 'next' }]);
  const gone = new AbortController();
  const body = '{"model":"base","messages":[{"role":"user","content":"hi"}]}';
  const response = await fetch(`${server.host}/api/chat`, { method: 'POST', body, signal: gone.signal });
  let seen = '';
  for await (const bytes of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    seen += bytes;
    if (seen.includes('"content":"50 "')) break;
  }
  gone.abort();
  await server.waitForAbort(1);
  expect((await chat(server.host, {})).status).toBe(200);
});

test('headers wait for the first chunk, and a turn for what holds it', async () => {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const server = await withOllama([
    { ...words, waitFor: first.promise },
    { ...words, waitFor: second.promise, waitAfter: 2 },
  ]);
  const early = chat(server.host, {});
  expect((await server.waitForRequest(1)).status).toBe(null);
  expect(server.log[0]?.finishedAt).toBe(null);
  first.resolve();
  expect(lines((await early).text)).toHaveLength(4);
  const body = '{"model":"base","messages":[{"role":"user","content":"hi"}]}';
  const response = await fetch(`${server.host}/api/chat`, { method: 'POST', body });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('two')) text += (await reader.read()).value;
  expect(lines(text)).toEqual([part('one '), part('two ')]);
  second.resolve();
  for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
  expect(lines(text)).toHaveLength(4);
});

test('any request can be made to fail before it is handled', async () => {
  const server = await withOllama([{ content: 'fine' }], {
    faultFor: ({ path }) =>
      path === '/api/ps' ? { kind: 'status', status: 500, body: { error: 'no ps' } } : undefined,
  });
  const ps = await fetch(`${server.host}/api/ps`);
  expect([ps.status, await ps.text()]).toEqual([500, '{"error":"no ps"}']);
  expect((await chat(server.host, {})).status).toBe(200);
});

test('a script that throws answers 500 with what it said', async () => {
  const { host } = await withOllama(() => {
    throw new Error('expected another prompt');
  });
  expect(await chat(host, {})).toEqual({
    status: 500,
    type: JSON_TYPE,
    text: '{"error":"expected another prompt"}',
  });
});
