/** The window: what fits, what is lost silently, what is refused; the numbers are those of a real server. */
import { expect, test } from 'vitest';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';
import { chat, lastLine, listed, promptOf, user } from './raw-client.ts';

const hello = () => ({ content: 'Hello' });
const loop = () => ({ content: Array.from({ length: 4000 }, (_, index) => `w${index}`).join(' ') });
const at = (num_ctx: number, tokens: number, rest: object = {}) => ({
  messages: [promptOf(tokens)],
  options: { num_ctx },
  ...rest,
});
const nested = (tokens: number, nCtx: number) => ({
  status: 400,
  type: 'application/json; charset=utf-8',
  text: JSON.stringify({
    error: `{"error":{"code":400,"message":"request (${tokens} tokens) exceeds the available context size (${nCtx} tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":${tokens},"n_ctx":${nCtx}}}`,
  }),
});

test('rendered default: 508, 511, 512 and 1508 tokens at 512 count 508, 511, 258, 258', async () => {
  const { host } = await withOllama(hello);
  const counts: unknown[] = [];
  for (const tokens of [508, 511, 512, 1508]) {
    counts.push(lastLine((await chat(host, at(512, tokens))).text).prompt_eval_count);
  }
  expect(counts).toEqual([508, 511, 258, 258]);
});

test('the silent cut of 120,000 tokens at 65,536 leaves 32,770', async () => {
  const models = [{ ...RENDERED, contextLength: 131_072 }];
  const { host } = await withOllama(hello, { models });
  expect(lastLine((await chat(host, at(65_536, 120_000))).text).prompt_eval_count).toBe(32_770);
});

test('native: 511 tokens fit into 512, 512 are refused', async () => {
  const { host } = await withOllama(hello);
  const fits = await chat(host, { model: 'native', ...at(512, 511) });
  const tooLong = await chat(host, { model: 'native', ...at(512, 512) });
  expect([fits.status, tooLong]).toEqual([200, nested(512, 512)]);
});

test('truncate:false refuses on both paths with both numbers, and consumes no turn', async () => {
  const { host, log } = await withOllama([{ content: 'the first turn' }]);
  const refused = [
    await chat(host, at(512, 1508, { truncate: false })),
    await chat(host, at(512, 1508, { truncate: false, shift: false })),
    await chat(host, { model: 'native', ...at(512, 1508, { truncate: false }) }),
  ];
  expect(refused).toEqual(Array(3).fill(nested(1508, 512)));
  const next = await chat(host, at(512, 20, { stream: false }));
  expect(lastLine(next.text).message).toEqual({ role: 'assistant', content: 'the first turn' });
  expect(log.map((entry) => entry.promptTokens)).toEqual([null, null, null, 20]);
});

test('the error names the window rounded up to 256, as llama-server has it', async () => {
  const { host } = await withOllama(hello);
  expect(await chat(host, at(3000, 3072, { truncate: false }))).toEqual(nested(3072, 3072));
  expect((await chat(host, at(3000, 3071, { truncate: false }))).status).toBe(200);
});

test('rendered with truncate and shift:false has a text of its own', async () => {
  const { host } = await withOllama(hello);
  expect(await chat(host, at(512, 512, { shift: false }))).toEqual({
    status: 400,
    type: 'application/json; charset=utf-8',
    text: '{"error":"the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length"}',
  });
});

test('messages are dropped from the front; the system message and the last one stay', async () => {
  const { host } = await withOllama(hello);
  const system = { role: 'system', content: 'be brief' };
  const messages = [system, promptOf(300), { role: 'assistant', content: 'ok' }, promptOf(300)];
  const kept = [system, { role: 'assistant', content: 'ok' }, promptOf(300)];
  const send = async (model: string, sent: object[]) =>
    lastLine((await chat(host, { model, messages: sent, options: { num_ctx: 512 } })).text).prompt_eval_count;
  const expected = await send('base', kept);
  expect([await send('base', messages), await send('native', messages)]).toEqual([expected, expected]);
  expect(expected).toBe(300 + 6 + 5);
});

test('num_ctx: request over Modelfile over default, clamped to what the model was trained for', async () => {
  const models = [
    RENDERED,
    { ...NATIVE, name: 'own', modelfileNumCtx: 8192 },
    { ...RENDERED, name: 'small', contextLength: 8192 },
  ];
  const { host } = await withOllama(hello, { models, defaultNumCtx: 2048 });
  const loaded = async (body: object) => {
    await chat(host, { messages: [], ...body });
    const [model] = await listed(host, '/api/ps');
    await chat(host, { messages: [], ...body, keep_alive: 0 });
    return model?.context_length;
  };
  expect([
    await loaded({ model: 'base' }),
    await loaded({ model: 'own' }),
    await loaded({ model: 'own', options: { num_ctx: 1024 } }),
    await loaded({ model: 'small', options: { num_ctx: 1_000_000 } }),
    await loaded({ model: 'base', options: { num_ctx: 1 } }),
  ]).toEqual([2048, 8192, 1024, 8192, 4]);
});

test('generation: shift runs to ten windows, shift:false fills the window exactly', async () => {
  const { host } = await withOllama(loop);
  const end = async (body: object) => {
    const { done_reason, prompt_eval_count, eval_count } = lastLine((await chat(host, body)).text);
    return { done_reason, prompt_eval_count, eval_count };
  };
  expect([
    await end(at(256, 9)),
    await end(at(256, 9, { shift: false })),
    await end({ ...at(256, 20, { shift: false }), model: 'native' }),
    await end({ messages: [promptOf(9)], options: { num_predict: 5 } }),
  ]).toEqual([
    { done_reason: 'length', prompt_eval_count: 9, eval_count: 2560 },
    { done_reason: 'length', prompt_eval_count: 9, eval_count: 247 },
    { done_reason: 'length', prompt_eval_count: 20, eval_count: 236 },
    { done_reason: 'length', prompt_eval_count: 9, eval_count: 5 },
  ]);
});

test('an answer with its end that just fits stops; one token less room is length', async () => {
  const { host } = await withOllama(() => ({ content: 'Hello world.' }));
  const end = async (num_predict: number) =>
    lastLine((await chat(host, { options: { num_predict }, stream: false })).text);
  expect(await end(4)).toMatchObject({
    done_reason: 'stop',
    eval_count: 4,
    message: { content: 'Hello world.' },
  });
  expect(await end(3)).toMatchObject({
    done_reason: 'length',
    eval_count: 3,
    message: { content: 'Hello world.' },
  });
  expect(await end(2)).toMatchObject({
    done_reason: 'length',
    eval_count: 2,
    message: { content: 'Hello world' },
  });
});

test('a call that the limit cuts is lost', async () => {
  const { host } = await withOllama([
    { content: 'So', toolCalls: [{ name: 'read', arguments: { path: 'a' } }] },
  ]);
  const answer = lastLine((await chat(host, { options: { num_predict: 6 }, stream: false })).text);
  expect([answer.message, answer.done_reason]).toEqual([{ role: 'assistant', content: 'So' }, 'length']);
});

test('num_predict 0 never ends on the rendered path', async () => {
  const server = await withOllama(hello);
  const gone = new AbortController();
  const body = JSON.stringify({ model: 'base', messages: [user('hi')], options: { num_predict: 0 } });
  const response = await fetch(`${server.host}/api/chat`, { method: 'POST', body, signal: gone.signal });
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > 200_000) break;
  }
  gone.abort();
  expect((await server.waitForAbort(1)).status).toBe(200);
});
