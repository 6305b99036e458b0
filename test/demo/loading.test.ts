/** Loading, reloading, unloading, the one slot, and what the prompt cache would save. */
import { expect, test } from 'vitest';
import { RENDERED, withOllama } from '../support/ollama-server.ts';
import { chat, lastLine, lines, listed, user } from './raw-client.ts';

const say = (content: string) => () => ({ content });
const ps = (host: string) => listed(host, '/api/ps');
const LOADED =
  '{"model":"base","created_at":"T","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"}';

test('an empty request loads, keep_alive 0 unloads; neither has metrics nor takes a turn', async () => {
  const { host, log } = await withOllama([{ content: 'first' }]);
  const load = await chat(host, { messages: [], options: { num_ctx: 8192 }, keep_alive: '30m' });
  expect({ ...load, text: lines(load.text) }).toEqual({
    status: 200,
    type: 'application/json; charset=utf-8',
    text: [LOADED],
  });
  expect((await ps(host)).map(({ name, context_length }) => [name, context_length])).toEqual([
    ['base:latest', 8192],
  ]);
  const again = await chat(host, { messages: [], options: { num_ctx: 8192 } });
  expect(lines(again.text)).toEqual([LOADED]);
  const unload = await chat(host, { messages: [], keep_alive: 0 });
  expect(lines(unload.text)).toEqual([LOADED.replace('"load"', '"unload"')]);
  expect(await ps(host)).toEqual([]);
  const answer = lastLine((await chat(host, { stream: false })).text);
  expect(answer.message).toEqual({ role: 'assistant', content: 'first' });
  expect(log.map(({ kind, path, reloaded }) => [kind, path, reloaded])).toEqual([
    ['load', '/api/chat', true],
    ['other', '/api/ps', false],
    ['load', '/api/chat', false],
    ['unload', '/api/chat', false],
    ['other', '/api/ps', false],
    ['chat', '/api/chat', true],
  ]);
});

test('window, shift and launch options load again; sampling, keep_alive and equal values do not', async () => {
  const server = await withOllama(say('ok'));
  const bodies = [
    {},
    { options: { num_ctx: 4096, temperature: 0.1, num_predict: 9 }, keep_alive: 60 },
    { options: { num_ctx: 8192 } },
    { options: { num_ctx: 8192 }, shift: false },
    { options: { num_ctx: 8192, num_batch: 256 }, shift: false },
    { options: { num_ctx: 8192, num_batch: 256, seed: 1 }, shift: false, think: false, truncate: false },
    { options: { num_ctx: 40_000 } },
    { options: { num_ctx: 32_768 } },
  ];
  const loads: boolean[] = [];
  for (const body of bodies) {
    const { load_duration } = lastLine((await chat(server.host, body)).text);
    loads.push(Number(load_duration) >= 250_000_000);
  }
  expect(loads).toEqual([true, false, true, true, true, false, true, false]);
  expect(server.log.map((entry) => entry.reloaded)).toEqual(loads);
});

test('/api/ps says what is loaded, for how long, and how much of it is in VRAM', async () => {
  const models = [{ ...RENDERED, size: 1000, sizeVram: 400, parameterSize: '1B', architecture: 'llama' }];
  const { host } = await withOllama(say('ok'), { models });
  await chat(host, { keep_alive: -1 });
  const [model] = await ps(host);
  expect({ ...model, digest: 'D', expires_at: String(model?.expires_at).slice(0, 2) }).toEqual({
    name: 'base:latest',
    model: 'base:latest',
    size: 1000,
    digest: 'D',
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'llama',
      families: ['llama'],
      parameter_size: '1B',
      quantization_level: 'Q4_K_M',
    },
    expires_at: '23',
    size_vram: 400,
    context_length: 4096,
  });
  await chat(host, { keep_alive: 0 });
  expect(await ps(host)).toEqual([]);
});

test('an append-only conversation reads only what was added; a changed start costs all', async () => {
  const { host, log } = await withOllama([
    {
      thinking: 'I look.',
      content: 'Reading.',
      toolCalls: [{ name: 'read', arguments: { path: 'b', at: 1 } }],
    },
    { content: 'Done.' },
    { content: 'Done.' },
    { content: 'Done.' },
  ]);
  const messages: object[] = [{ role: 'system', content: 'be brief' }, user('read b')];
  const first = lastLine((await chat(host, { messages, stream: false })).text);
  const result = { role: 'tool', tool_name: 'read', content: 'the text' };
  const next = [...messages, first.message, result];
  const answer = lastLine((await chat(host, { messages: next })).text);
  await chat(host, { messages: [{ role: 'system', content: 'be long' }, ...next.slice(1)] });
  const rest = JSON.stringify(first.message).replace('{"path":"b","at":1}', '{"at":1,"path":"b"}');
  await chat(host, { messages: next });
  await chat(host, { messages: [...messages, JSON.parse(rest), result] });
  const costs = log.map(({ promptTokens, newTokens, rereadTokens }) => ({
    promptTokens,
    newTokens,
    rereadTokens,
  }));
  const toolResult = ['<|im_start|>', 'tool', ' read', '\n', 'the', ' text', '<|im_end|>'].length;
  const header = 3;
  expect(costs.slice(0, 2)).toEqual([
    { promptTokens: 15, newTokens: 15, rereadTokens: 15 },
    {
      promptTokens: 15 + Number(first.eval_count) + toolResult + header,
      newTokens: toolResult + header,
      rereadTokens: toolResult + header,
    },
  ]);
  expect(answer.prompt_eval_count).toBe(costs[1]?.promptTokens);
  const total = costs[1]?.promptTokens ?? 0;
  expect(costs[2]).toEqual({
    promptTokens: total,
    newTokens: -Number(answer.eval_count),
    rereadTokens: total - 4,
  });
  expect(costs[4]?.rereadTokens).toBeGreaterThan(toolResult + header);
});

test('the same prompt again costs one token; a reload or a context shift costs all', async () => {
  const long = Array.from({ length: 300 }, (_, index) => `w${index}`).join(' ');
  const { host, log } = await withOllama([{}, {}, {}, { content: long }, {}]);
  const at = (num_ctx: number) => ({ options: { num_ctx } });
  for (const numCtx of [512, 512, 256, 256, 256]) await chat(host, at(numCtx));
  expect(log.map(({ rereadTokens }) => rereadTokens)).toEqual([8, 1, 8, 1, 8 - 4]);
});

test('the native path loses the thinking of earlier turns, so its cache ends there', async () => {
  const models = [{ ...RENDERED, path: 'native' as const }];
  const { host, log } = await withOllama([{ thinking: 'hm', content: 'yes' }, {}], { models });
  const first = lastLine((await chat(host, { stream: false })).text);
  await chat(host, { messages: [user('hi'), first.message, user('go')] });
  expect(log[1]?.rereadTokens).toBe((log[1]?.promptTokens ?? 0) - (log[0]?.promptTokens ?? 0));
});

test('one request at a time on a model, in order; one that leaves the line is gone', async () => {
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const server = await withOllama((request, index) => {
    order.push(request.messages[0]?.content ?? '');
    return index === 0 ? { content: 'a', waitFor: first.promise } : { content: 'b' };
  });
  const ask = (content: string, signal?: AbortSignal) =>
    chat(server.host, { messages: [user(content)] }, signal);
  const a = ask('a');
  await server.waitForRequest(1);
  const leaving = new AbortController();
  const b = ask('b', leaving.signal);
  await server.waitForRequest(2);
  const c = ask('c');
  await server.waitForRequest(3);
  const other = await chat(server.host, { model: 'native' });
  leaving.abort();
  await expect(b).rejects.toThrow('aborted');
  const left = await server.waitForAbort(1);
  first.resolve();
  expect([(await a).status, (await c).status, other.status]).toEqual([200, 200, 200]);
  expect(order).toEqual(['a', 'hi', 'c']);
  expect([left.status, left.promptTokens]).toEqual([null, null]);
});

test('a load can be held; a client that leaves breaks it off', async () => {
  const loads: object[] = [];
  let gate = Promise.withResolvers<undefined>();
  const server = await withOllama(say('ok'), {
    onLoad: (load) => {
      loads.push(load);
      return gate.promise;
    },
  });
  const leaving = new AbortController();
  const broken = chat(server.host, { messages: [] }, leaving.signal);
  await server.waitForRequest(1, 'load');
  leaving.abort();
  await expect(broken).rejects.toThrow('aborted');
  await server.waitForAbort(1);
  expect(await ps(server.host)).toEqual([]);
  gate = Promise.withResolvers();
  const load = chat(server.host, { messages: [] });
  gate.resolve(undefined);
  expect((await load).status).toBe(200);
  expect(loads).toEqual([
    { model: 'base', numCtx: 4096 },
    { model: 'base', numCtx: 4096 },
  ]);
});

test('a load can fail', async () => {
  const { host } = await withOllama(say('ok'), {
    onLoad: async () => ({ status: 500, error: 'llama-server process has terminated: exit status 1' }),
  });
  const answers = [await chat(host, { messages: [] }), await chat(host, {})];
  expect(answers.map(({ status, text }) => [status, text])).toEqual(
    Array(2).fill([500, '{"error":"llama-server process has terminated: exit status 1"}']),
  );
  expect(await ps(host)).toEqual([]);
});
