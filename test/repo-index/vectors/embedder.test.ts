import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { wordVector } from '../../../src/demo/embed.ts';
import type { ModelSpec } from '../../../src/demo/models.ts';
import type { ScriptedOllamaOptions } from '../../../src/demo/scripted-ollama.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import type { EmbedProgress } from '../../../src/repo-index/vectors/embed-call.ts';
import { askForVectors } from '../../../src/repo-index/vectors/embed-call.ts';
import { chooseEmbedModel } from '../../../src/repo-index/vectors/embed-models.ts';
import { Embedder, type EmbedderOptions } from '../../../src/repo-index/vectors/embedder.ts';
import { VectorDb } from '../../../src/repo-index/vectors/vector-db.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../../support/ollama-server.ts';
import { until } from '../repository.ts';
import { never } from '../vector-items.ts';
import { openDatabase } from '../vector-support.ts';

const { signal } = never;

const embedModel = (name: string, more: Partial<ModelSpec> = {}): ModelSpec => ({
  name,
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
  embeddingLength: 32,
  ...more,
});

const NOMIC = embedModel('nomic-embed-text');

interface Bench {
  readonly server: TestOllama;
  readonly client: OllamaClient;
  readonly embedder: Embedder;
  readonly db: VectorDb;
  /** The inputs of each call to /api/embed, in order. */
  readonly inputs: () => string[][];
}

async function bench(
  server: Partial<ScriptedOllamaOptions> = {},
  options: Partial<EmbedderOptions> = {},
): Promise<Bench> {
  const ollama = await withOllama([], { models: [RENDERED, NOMIC], ...server });
  const client = new OllamaClient({ host: ollama.host, headers: {} });
  const choice = await chooseEmbedModel(client, undefined, signal);
  if (!('model' in choice)) throw new Error(choice.unavailable);
  const db = new VectorDb(openDatabase(), choice.model.key);
  const embedder = new Embedder({ client, model: choice.model, db, ...options });
  const inputs = (): string[][] =>
    ollama.log
      .filter(({ path }) => path === '/api/embed')
      .map(({ body }) => (body as { input: string[] }).input);
  return { server: ollama, client, embedder, db, inputs };
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, number) => `text ${number}`);

test('texts go out once, with the prefix, in batches; the cache has them for ever', async () => {
  const { embedder, db, inputs } = await bench({}, { batchSize: 16 });
  const progress: EmbedProgress[] = [];
  const all = [...texts(40), 'text 0'];
  const results = await embedder.embed(all, signal, (step) => progress.push(step));
  expect(results.map((result) => result?.vector.length)).toEqual(all.map(() => 32));
  expect(inputs()).toEqual([
    texts(40)
      .slice(0, 16)
      .map((text) => `search_document: ${text}`),
    texts(40)
      .slice(16, 32)
      .map((text) => `search_document: ${text}`),
    texts(40)
      .slice(32)
      .map((text) => `search_document: ${text}`),
  ]);
  const sha = createHash('sha1').update('search_document: text 0').digest();
  expect(Buffer.from(results[0]?.sha ?? []).equals(sha)).toBe(true);
  const expected = wordVector('search_document: text 0', 32);
  for (const [index, value] of (results[40]?.vector ?? []).entries()) {
    expect(value).toBeCloseTo(expected[index] ?? 9, 5);
  }
  expect(progress.map(({ done, total, cached, paused }) => [done, total, cached, paused])).toEqual([
    [17, 41, 0, undefined],
    [33, 41, 0, undefined],
    [41, 41, 0, undefined],
  ]);
  await embedder.embed(texts(45), signal);
  expect(inputs()[3]).toHaveLength(5);
  expect([embedder.counts, db.dimensions()]).toEqual([
    { cached: 40, embedded: 45, refused: 0, calls: 4, promptTokens: expect.any(Number) },
    32,
  ]);
});

test('a question has the prefix of questions', async () => {
  const { embedder, inputs } = await bench();
  expect(await embedder.embedQuery('where?', signal)).toHaveLength(32);
  expect(inputs()).toEqual([['search_query: where?']]);
});

test('the first installed model of the list is taken, with its prefixes; the user’s choice goes first', async () => {
  const models = [
    RENDERED,
    embedModel('bge-m3'),
    embedModel('unknown-embedder'),
    embedModel('QWEN3-Embedding:0.6b'),
    // One of a known name that cannot embed is passed over, whatever the list says.
    { ...NATIVE, name: 'embeddinggemma', listedCapabilities: ['embedding'] },
  ];
  const { host } = await withOllama([], { models });
  const client = new OllamaClient({ host, headers: {} });
  const choose = (wanted?: string) => chooseEmbedModel(client, wanted, signal);
  expect(await choose()).toEqual({
    model: {
      name: 'QWEN3-Embedding:0.6b',
      key: expect.stringMatching(/^QWEN3-Embedding:0\.6b@[0-9a-f]{12}$/),
      queryPrefix:
        'Instruct: Given a question or task about a codebase, retrieve the code that it is about\nQuery:',
      documentPrefix: '',
      window: 2048,
    },
  });
  expect(await choose('unknown-embedder')).toMatchObject({
    model: { name: 'unknown-embedder:latest', queryPrefix: '', documentPrefix: '' },
  });
  expect(await choose('gone')).toEqual({
    unavailable: 'the embedding model gone (index.embed_model) is not installed: `ollama pull gone`',
  });
});

test('a model that the list does not know as one that embeds is taken; one that cannot be asked hides no other', async () => {
  const imported = { listedCapabilities: ['completion'] };
  const { host } = await withOllama([], {
    models: [embedModel('bge-m3'), embedModel('all-minilm', imported)],
    faultFor: ({ rawBody }) =>
      rawBody.includes('bge-m3') ? { kind: 'status', status: 500, body: { error: 'broken' } } : undefined,
  });
  const client = new OllamaClient({ host, headers: {} });
  expect(await chooseEmbedModel(client, undefined, signal)).toMatchObject({
    model: { name: 'all-minilm:latest' },
  });
});

test('without an embedding model it is said what to do', async () => {
  const { host } = await withOllama([]);
  expect(await chooseEmbedModel(new OllamaClient({ host, headers: {} }), undefined, signal)).toEqual({
    unavailable: 'no embedding model is installed: `ollama pull embeddinggemma`',
  });
});

test('a text that the server refuses costs only itself', async () => {
  const bad = 'text 5';
  const { embedder } = await bench({
    faultFor: ({ path, rawBody }) =>
      path === '/api/embed' && rawBody.includes(`${bad}"`)
        ? { kind: 'status', status: 400, body: { error: 'the input length exceeds the context length' } }
        : undefined,
  });
  const results = await embedder.embed(texts(9), signal);
  expect(results.map((result) => result !== undefined)).toEqual(texts(9).map(() => true));
  expect(embedder.counts).toMatchObject({ embedded: 9, refused: 0 });
});

test('a text that no part of can be embedded is left out, and the rest is there', async () => {
  const { embedder, db } = await bench({
    faultFor: ({ path, rawBody }) =>
      path === '/api/embed' && rawBody.includes('POISON')
        ? { kind: 'status', status: 400, body: { error: 'bad' } }
        : undefined,
  });
  const bad = 'POISON '.repeat(40);
  const results = await embedder.embed(['a', bad, 'b'], signal);
  expect(results.map((result) => result !== undefined)).toEqual([true, false, true]);
  expect([db.cached(embedder.shaOf('b')) !== undefined, embedder.counts.refused]).toEqual([true, 1]);
});

test('a server that stumbles is asked again; one that always fails ends it, and what came is kept', async () => {
  let fails = 1;
  const { embedder, db } = await bench(
    {
      faultFor: ({ path, rawBody }) => {
        if (path !== '/api/embed' || (!rawBody.includes('text 20"') && fails-- <= 0)) return undefined;
        return { kind: 'destroy' };
      },
    },
    { batchSize: 16 },
  );
  await expect(embedder.embed(texts(30), signal)).rejects.toMatchObject({
    name: 'EmbedError',
    kind: 'failed',
  });
  expect([db.cached(embedder.shaOf('text 15')), db.cached(embedder.shaOf('text 16'))]).toEqual([
    expect.any(Float32Array),
    undefined,
  ]);
});

test('a model that is removed meanwhile, or cannot embed, is said as such', async () => {
  const models = [RENDERED, NOMIC];
  const { client, db, embedder } = await bench({ models });
  const named = (name: string) =>
    new Embedder({ client, db, model: { ...embedder.model, name } }).embed(['x'], signal);
  await expect(named('removed')).rejects.toMatchObject({ kind: 'model_gone' });
  await expect(named('base')).rejects.toMatchObject({ kind: 'model_gone' });
});

test('vectors of other dimensions than those in the cache are never stored', async () => {
  const { embedder, db } = await bench();
  db.remember([{ sha: new Uint8Array(20), vector: new Float32Array([1, 0]) }]);
  await expect(embedder.embed(['x'], signal)).rejects.toMatchObject({
    kind: 'changed',
    message: 'nomic-embed-text:latest now returns 32 dimensions, not 2',
  });
  expect(db.cached(embedder.shaOf('x'))).toBeUndefined();
});

test('an interrupt ends the call at the server, and keeps what came before', async () => {
  const stop = new AbortController();
  const { embedder, server, db } = await bench(
    {
      faultFor: ({ path, rawBody }) =>
        path === '/api/embed' && rawBody.includes('text 20"') ? { kind: 'stall' } : undefined,
    },
    { batchSize: 16 },
  );
  const pending = embedder.embed(texts(30), stop.signal);
  pending.catch(() => undefined);
  await until(() => server.log.filter(({ path }) => path === '/api/embed').length === 2);
  stop.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  await server.waitForAbort(1);
  expect(db.cached(embedder.shaOf('text 0'))).toHaveLength(32);
});

test('a question that gets no answer ends in time', async () => {
  const { embedder } = await bench({
    faultFor: ({ path }) => (path === '/api/embed' ? { kind: 'stall' } : undefined),
  });
  await expect(embedder.embedQuery('x', signal, 50)).rejects.toMatchObject({
    kind: 'failed',
    message: 'nomic-embed-text:latest did not answer in 50 ms',
  });
});

/** Loads the chat model, as a session does. */
const loadChat = (host: string) =>
  fetch(`${host}/api/chat`, { method: 'POST', body: JSON.stringify({ model: 'base', messages: [] }) });

const unload = (host: string, model: string) =>
  fetch(`${host}/api/embed`, { method: 'POST', body: JSON.stringify({ model, keep_alive: 0, input: [] }) });

const UNSEEN =
  'the server was never seen to hold base:latest together with nomic-embed-text:latest (`oagent index build` finds out)';

test('a chat model in memory is not pushed out to find out whether both fit; that is said', async () => {
  const { embedder, client, server, inputs } = await bench({ mostLoaded: 1 }, { chatModel: () => 'base' });
  await loadChat(server.host);
  const stop = new AbortController();
  const progress: EmbedProgress[] = [];
  const work = embedder.embed(texts(6), stop.signal, (step) => progress.push(step));
  work.catch(() => undefined);
  await until(() => progress.length === 1);
  await expect(embedder.embedQuery('x', signal)).rejects.toMatchObject({ kind: 'paused', message: UNSEEN });
  expect([inputs(), progress.map(({ paused }) => paused)]).toEqual([[], [UNSEEN]]);
  expect((await client.running(signal)).map(({ name }) => name)).toEqual(['base:latest']);
  // It has left by itself: nothing is in the way.
  await unload(server.host, 'base');
  expect((await work).length).toBe(6);
});

test('where the chat model came to the embedding model and both stayed, both are used; the next session knows', async () => {
  let isBusy = false;
  const options = { isChatBusy: () => isBusy, chatModel: () => 'base' };
  const { embedder, db, client, server } = await bench({}, options);
  await embedder.embed(['a'], signal);
  isBusy = true;
  // The chat model is being loaded: it is in no list.
  await expect(embedder.embedQuery('x', signal)).rejects.toMatchObject({
    kind: 'paused',
    message:
      'the server was never seen to hold base together with nomic-embed-text:latest (`oagent index build` finds out)',
  });
  await loadChat(server.host);
  expect(await embedder.embedQuery('x', signal)).toHaveLength(32);
  await unload(server.host, 'nomic-embed-text');
  const next = new Embedder({ client, db, model: embedder.model, ...options });
  expect(await next.embedQuery('x', signal)).toHaveLength(32);
});

test('what was seen once and is no longer so is forgotten', async () => {
  const { embedder, db, client, server } = await bench({ mostLoaded: 1 });
  db.setNeighbours([['base:latest'], ['other:latest']]);
  await loadChat(server.host);
  expect(await embedder.embedQuery('x', signal)).toHaveLength(32);
  expect(db.neighbours()).toEqual([['other:latest']]);
  // The other way round.
  db.setNeighbours([['base:latest']]);
  await loadChat(server.host);
  await expect(embedder.embedQuery('x', signal)).rejects.toMatchObject({ kind: 'paused' });
  expect([db.neighbours(), (await client.running(signal)).map(({ name }) => name)]).toEqual([
    [],
    ['base:latest'],
  ]);
});

test('a build that the user asked for goes on, and leaves behind what it saw', async () => {
  const { embedder, db, server } = await bench({}, { isForced: true });
  await loadChat(server.host);
  expect(await embedder.embed(['a'], signal)).toHaveLength(1);
  expect(db.neighbours()).toEqual([['base:latest']]);
});

test('a chat model in the cloud takes no memory', async () => {
  const options = { isChatBusy: () => true, chatModel: () => 'big:cloud' };
  const { embedder } = await bench({}, options);
  expect(await embedder.embedQuery('x', signal)).toHaveLength(32);
});

test('a text beyond the window is embedded in parts, and counts as their mean', async () => {
  const words = (word: string) => `${word} `.repeat(24);
  const long = `${words('alpha')}\n${words('beta')}\n`;
  const { embedder, inputs } = await bench({
    models: [RENDERED, embedModel('nomic-embed-text', { contextLength: 40 })],
  });
  const results = await embedder.embed(['short', long, 'last'], signal);
  const halves = [`${words('alpha')}\n`, `${words('beta')}\n`];
  const parts = halves.map((half) => `search_document: ${half}`);
  expect(inputs()).toEqual([
    ['search_document: short'],
    [`search_document: ${long}`],
    ['text'],
    [parts[0]],
    [parts[1]],
    ['search_document: last'],
  ]);
  const sum = parts.reduce(
    (all, part) => all.map((value, at) => value + (wordVector(part, 32)[at] ?? 0) * (part.length - 17)),
    Array.from({ length: 32 }, () => 0),
  );
  const length = Math.hypot(...sum);
  for (const [at, value] of (results[1]?.vector ?? []).entries())
    expect(value).toBeCloseTo((sum[at] ?? 0) / length, 5);
  expect(results.map((result) => result?.vector.length)).toEqual([32, 32, 32]);
});

test('on a slow server a call holds as many texts as take two seconds', async () => {
  const { client, db, embedder: quick } = await bench();
  const sizes: number[] = [];
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const slow = {
    running: client.running.bind(client),
    embed: (async (request, ...rest) => {
      sizes.push(request.input.length);
      now += request.input.length * 700;
      return client.embed(request, ...rest);
    }) satisfies OllamaClient['embed'],
  };
  await new Embedder({ client: slow, db, model: quick.model }).embed(texts(9), signal);
  vi.restoreAllMocks();
  await quick.embed(texts(40).slice(9), signal);
  expect(sizes).toEqual([4, 2, 2, 1]);
});

test('whatever a server answers, it is vectors of length 1 for all texts, or an error', async () => {
  const value = fc.oneof(fc.double(), fc.integer(), fc.constant(null), fc.string());
  const row = fc.oneof(fc.array(value, { maxLength: 4 }), fc.anything());
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.array(row, { maxLength: 3 }), fc.anything()), async (embeddings) => {
      const client = { embed: async () => ({ embeddings }) };
      const answer = await askForVectors(client, 'm', ['a', 'b'], 1, signal).catch((error: unknown) => error);
      if (answer instanceof Error) return answer.name === 'ModelError';
      const { vectors } = answer as { vectors: Float32Array[] };
      return vectors.length === 2 && vectors.every((vector) => Math.abs(Math.hypot(...vector) - 1) < 1e-3);
    }),
  );
});
