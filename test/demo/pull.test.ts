import { expect, test } from 'vitest';
import { RENDERED, withOllama } from '../support/ollama-server.ts';
import { listed, post } from './raw-client.ts';

test('a pull is the lines of a real server, to the byte', async () => {
  const { host } = await withOllama([], { library: [{ ...RENDERED, name: 'new:7b', size: 8 }] });
  const answer = await post(host, '/api/pull', { model: 'new:7b' });
  const weights = /pulling ([0-9a-f]{12})/.exec(answer.text)?.[1] ?? '';
  const lines = answer.text.trim().split('\n');
  const digest = /"digest":"(sha256:[0-9a-f]{64})"/.exec(answer.text)?.[1];
  expect([answer.status, answer.type, lines.slice(0, 3), lines.slice(-3)]).toEqual([
    200,
    'application/x-ndjson',
    [
      '{"status":"pulling manifest"}',
      `{"status":"pulling ${weights}","digest":"${digest}","total":8}`,
      `{"status":"pulling ${weights}","digest":"${digest}","total":8,"completed":2}`,
    ],
    ['{"status":"verifying sha256 digest"}', '{"status":"writing manifest"}', '{"status":"success"}'],
  ]);
  expect((await listed(host, '/api/tags')).map(({ name }) => name)).toEqual([
    'base:latest',
    'native:latest',
    'new:7b',
  ]);
});

test('an unknown model is an error after the first line; a bad name is refused', async () => {
  const { host } = await withOllama([]);
  const unknown = await post(host, '/api/pull', { model: 'nope' });
  expect([unknown.status, unknown.text]).toEqual([
    200,
    '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n',
  ]);
  const bad = await post(host, '/api/pull', { model: 'a b' });
  expect([bad.status, bad.text]).toEqual([400, '{"error":"invalid model name"}']);
});

test('a model that is there is pulled again without a second entry', async () => {
  const { host } = await withOllama([]);
  const answer = await post(host, '/api/pull', { model: 'BASE' });
  expect(answer.text.endsWith('{"status":"success"}\n')).toBe(true);
  expect(await listed(host, '/api/tags')).toHaveLength(2);
});
