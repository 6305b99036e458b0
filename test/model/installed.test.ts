import { expect, test } from 'vitest';
import { OllamaClient } from '../../src/model/client.ts';
import { listModels } from '../../src/model/installed.ts';
import { hurryLimits, NATIVE, withOllama } from '../support/ollama-server.ts';

const signal = new AbortController().signal;

test('abilities come from /api/show, whatever the list says; one model that cannot be asked hides no other', async () => {
  hurryLimits(10);
  const names = ['a', 'b', 'gone', 'silent', 'c', 'd'];
  const server = await withOllama([], {
    models: [
      ...names.map((name) => ({ ...NATIVE, name, listedCapabilities: ['completion'] })),
      {
        ...NATIVE,
        name: 'all-minilm',
        capabilities: ['embedding'],
        listedCapabilities: ['completion'],
        contextLength: 512,
      },
    ],
    faultFor: ({ path, rawBody }) => {
      if (path === '/api/ps' || (path === '/api/show' && rawBody.includes('gone'))) {
        return { kind: 'status', status: 500, body: { error: 'no' } };
      }
      return rawBody.includes('silent') ? { kind: 'stall' } : undefined;
    },
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const models = await listModels(client, signal);
  expect(models.map(({ name, capabilities }) => [name, capabilities])).toEqual([
    ['a:latest', ['tools']],
    ['b:latest', ['tools']],
    ['gone:latest', []],
    ['silent:latest', []],
    ['c:latest', ['tools']],
    ['d:latest', ['tools']],
    ['all-minilm:latest', ['embedding']],
  ]);
});

test('what the server does not tell is absent; the profile is told by digest', async () => {
  const models = [
    { name: 'old:latest', size: 0, details: { family: '' } },
    { name: 'gone:latest', digest: 'sha256:ab' },
    { name: 'cloud', remote_host: 'https://x', details: { context_length: 9 } },
    'nonsense',
  ];
  const info = { 'general.architecture': 'a', 'a.context_length': 4096 };
  const show = { capabilities: ['tools', 'vision'], model_info: info };
  const server = await withOllama([], {
    faultFor: ({ path, rawBody }) => {
      const isRefused = path === '/api/ps' || rawBody.includes('gone:latest');
      const body = isRefused ? { error: 'no' } : path === '/api/show' ? show : { models };
      return { kind: 'status', status: isRefused ? 500 : 200, body };
    },
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const profileOf = (name: string, digest: string | undefined) =>
    name === 'gone:latest' && digest === 'ab' ? ('led' as const) : undefined;
  expect(await listModels(client, signal, profileOf)).toEqual([
    { name: 'old:latest', isRemote: false, capabilities: ['tools', 'vision'], contextLength: 4096 },
    { name: 'gone:latest', isRemote: false, capabilities: [], profile: 'led' },
    { name: 'cloud', isRemote: true, capabilities: ['tools', 'vision'], contextLength: 9 },
  ]);
});

test('a list that is not wanted any more is not waited for', async () => {
  const server = await withOllama([], {
    faultFor: ({ path }) => (path === '/api/show' ? { kind: 'stall' } : undefined),
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const controller = new AbortController();
  const list = listModels(client, controller.signal);
  const left = expect(list).rejects.toThrow('left');
  controller.abort(new Error('left'));
  await left;
});
