import { expect, test } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import type { ScriptedOllamaOptions } from '../../src/demo/scripted-ollama.ts';
import { chooseModel } from '../../src/model/choose.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { hurryLimits, withOllama } from '../support/ollama-server.ts';

const spec = (name: string, capabilities: string[], more: Partial<ModelSpec> = {}): ModelSpec => ({
  name,
  path: 'rendered',
  contextLength: 8192,
  capabilities: ['completion', ...capabilities],
  ...more,
});

async function choose(models: ModelSpec[], wanted?: string): Promise<string> {
  const server = await withOllama([], { models });
  const client = new OllamaClient({ host: server.host, headers: {} });
  return chooseModel(client, wanted, new AbortController().signal).then(
    ({ name }) => name,
    (error: Error) => error.message,
  );
}

test('takes what the user names, with or without the tag', async () => {
  const models = [spec('qwen3', ['tools']), spec('llama3.2:3b', ['tools'])];
  expect([
    await choose(models, 'qwen3'),
    await choose(models, 'qwen3:latest'),
    await choose(models, 'llama3.2:3b'),
  ]).toEqual(['qwen3', 'qwen3:latest', 'llama3.2:3b']);
});

test('takes the best that can call tools', async () => {
  const models = [
    spec('gemma:2b', []),
    spec('mistral:7b', ['tools'], { parameterSize: '7B' }),
    spec('qwen3:8b', ['tools'], { parameterSize: '8B' }),
  ];
  expect(await choose(models)).toBe('qwen3:8b');
});

test('says how to get a model that is not there, and what is', async () => {
  expect(await choose([spec('qwen3', ['tools'])], 'nope')).toBe(
    "model 'nope' is not installed. Get it with `ollama pull nope`. Installed: qwen3:latest",
  );
  expect(await choose([], 'nope')).toMatch(/Installed: none$/);
});

test('says which models can call tools if the wanted one cannot', async () => {
  expect(await choose([spec('gemma:2b', []), spec('qwen3', ['tools'])], 'gemma:2b')).toBe(
    'gemma:2b cannot call tools, so it cannot work as an agent. These can: qwen3:latest',
  );
  expect(await choose([spec('gemma:2b', [])], 'gemma:2b')).toMatch(/Get one with `ollama pull /);
});

test('says how to get a first model', async () => {
  expect([await choose([]), await choose([spec('gemma:2b', [])])]).toEqual([
    'no model is installed. Get one with `ollama pull qwen3-coder`',
    'none of the installed models can call tools. Get one with `ollama pull qwen3-coder`',
  ]);
});

const IMPORTED = { listedCapabilities: ['completion'] };

async function asked(
  models: ModelSpec[],
  more: { wanted?: string; withDigest?: boolean } & Pick<ScriptedOllamaOptions, 'faultFor'> = {},
): Promise<unknown> {
  const server = await withOllama([], { models, ...(more.faultFor && { faultFor: more.faultFor }) });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const signal = new AbortController().signal;
  const chosen = await chooseModel(client, more.wanted, signal, more.withDigest).then(
    ({ name, digest }) => [name, digest?.length],
    (error: Error) => error.message,
  );
  const shown = server.log.map(({ path, body }) => [path, (body as { model?: string } | null)?.model]);
  return { chosen, asked: shown };
}

test('what /api/show says counts, and the list orders the asking', async () => {
  const models = [
    spec('mistral:7b', ['tools']),
    spec('qwen3:8b', ['tools'], IMPORTED),
    spec('qwen3-coder', [], IMPORTED),
    spec('phi', ['tools']),
  ];
  expect(await asked(models)).toEqual({
    chosen: ['qwen3:8b', 64],
    asked: [
      ['/api/tags', undefined],
      ['/api/show', 'qwen3-coder:latest'],
      ['/api/show', 'qwen3:8b'],
      ['/api/show', 'mistral:7b'],
    ],
  });
  expect(await choose([spec('gemma:2b', []), spec('qwen3', ['tools'], IMPORTED)], 'gemma:2b')).toBe(
    'gemma:2b cannot call tools, so it cannot work as an agent. These can: qwen3:latest',
  );
});

test('a model that cannot be asked does not hide the others; where it is the only one, it is told', async () => {
  const faultFor: ScriptedOllamaOptions['faultFor'] = ({ rawBody }) =>
    rawBody.includes('qwen3') ? { kind: 'status', status: 500, body: { error: 'broken blob' } } : undefined;
  const broken = spec('qwen3', ['tools']);
  expect(await asked([broken, spec('phi', ['tools'])], { faultFor })).toMatchObject({
    chosen: ['phi:latest', 64],
  });
  expect(await asked([broken, spec('gemma', [])], { faultFor })).toMatchObject({
    chosen: 'Ollama answered 500: broken blob',
  });
  hurryLimits(20);
  const silent: typeof faultFor = ({ rawBody }) =>
    rawBody.includes('qwen3') ? { kind: 'stall' } : undefined;
  expect(await asked([broken, spec('phi', ['tools'])], { faultFor: silent })).toMatchObject({
    chosen: ['phi:latest', 64],
  });
  expect(await asked([broken], { faultFor: silent })).toMatchObject({
    chosen: 'Ollama did not say within 5 s what qwen3:latest can do',
  });
});

test('a named model costs one question; its digest is asked for beside it, and missing it costs nothing', async () => {
  hurryLimits(10);
  const models = [spec('phi', ['tools'])];
  expect(await asked(models, { wanted: 'phi' })).toEqual({
    chosen: ['phi', undefined],
    asked: [['/api/show', 'phi']],
  });
  expect(await asked(models, { wanted: 'phi', withDigest: true })).toMatchObject({ chosen: ['phi', 64] });
  const faultFor: ScriptedOllamaOptions['faultFor'] = ({ path }) =>
    path === '/api/tags' ? { kind: 'stall' } : undefined;
  expect(await asked(models, { wanted: 'phi', withDigest: true, faultFor })).toMatchObject({
    chosen: ['phi', undefined],
  });
});
