import { Ollama } from 'ollama';
import { expect, test } from 'vitest';
import { wordVector } from '../../src/demo/embed.ts';
import type { ModelSpec } from '../../src/demo/models.ts';
import { RENDERED, withOllama } from '../support/ollama-server.ts';
import { listed, post } from './raw-client.ts';

const EMBED: ModelSpec = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
  embeddingLength: 6,
};

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

test('an answer has the fields of a real server, a vector for each input and the tokens that were read', async () => {
  const { host } = await withOllama([], { models: [RENDERED, EMBED] });
  const body = { model: 'nomic-embed-text', input: ['read a file', 'write'] };
  const answer = await post(host, '/api/embed', body);
  expect([answer.status, answer.type, JSON.parse(answer.text)]).toEqual([
    200,
    'application/json; charset=utf-8',
    {
      model: 'nomic-embed-text',
      embeddings: [wordVector('read a file', 6), wordVector('write', 6)],
      total_duration: expect.any(Number),
      load_duration: expect.any(Number),
      prompt_eval_count: 4,
    },
  ]);
  expect((await listed(host, '/api/ps')).map(({ name }) => name)).toEqual(['nomic-embed-text:latest']);
});

test('the official client reads it; dimensions cut; one text is an input too, and none loads the model', async () => {
  const { host } = await withOllama([], { models: [EMBED] });
  const client = new Ollama({ host });
  const one = await client.embed({ model: 'nomic-embed-text', input: 'x', dimensions: 3 });
  expect(one.embeddings).toEqual([wordVector('x', 3)]);
  const none = await post(host, '/api/embed', { model: 'nomic-embed-text' });
  expect(JSON.parse(none.text).embeddings).toEqual([]);
});

test('refusals are those of a real server', async () => {
  const { host } = await withOllama([], { models: [RENDERED, EMBED] });
  const ask = async (body: object): Promise<[number, string]> => {
    const { status, text } = await post(host, '/api/embed', body);
    return [status, JSON.parse(text).error];
  };
  const long = 'word '.repeat(3000);
  expect([
    await ask({ model: 'nope', input: 'x' }),
    await ask({ input: 'x' }),
    await ask({ model: 'base', input: 'x' }),
    await ask({ model: 'nomic-embed-text', input: [1] }),
    await ask({ model: 'nomic-embed-text', input: ['x', long], truncate: false }),
    (await ask({ model: 'nomic-embed-text', input: long }))[0],
  ]).toEqual([
    [404, 'model "nope" not found, try pulling it first'],
    [400, 'model is required'],
    [501, 'This server does not support embeddings. Start it with `--embeddings`'],
    [400, 'invalid input type'],
    [400, 'the input length exceeds the context length'],
    200,
  ]);
});

test('texts that share words are nearer than texts that do not', () => {
  const near = ['parseConfigFile reads the config', 'where is the config file parsed?'];
  const far = 'socket timeout of a lost connection';
  const [a = [], b = [], c = []] = [...near, far].map((text) => wordVector(text, 768));
  expect(cosine(a, b)).toBeGreaterThan(cosine(a, c) + 0.2);
  expect([a, b, c].map((vector) => Math.hypot(...vector))).toEqual(
    [1, 1, 1].map((one) => expect.closeTo(one, 5)),
  );
  expect(wordVector('', 3)).toEqual([1, 0, 0]);
});
