import { expect, test } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import { chooseModel } from '../../src/model/choose.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { withOllama } from '../support/ollama-server.ts';

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
