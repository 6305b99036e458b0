/** Which settings one model has: the command line, its own table, those for all models. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { contextWindowOf, modelSettingsOf } from '../../src/session/model-table.ts';
import { tempFolder } from '../support/temp-folder.ts';

const FILE = `
model_context_window = 16384
model_reasoning_effort = "low"
model_reasoning_max_tokens = 900

[ollama]
temperature = 0.9
top_p = 0.8

[models."qwen3:4b"]
context_window = 8192
reasoning_effort = "high"
reasoning_max_tokens = 300
tools = "small"
temperature = 0.2
top_k = 20
min_p = 0.05
repeat_penalty = 1.1
presence_penalty = 1.5
seed = 7

[models.qwen3]
seed = 1

[models."qwen3:latest"]
seed = 2
`;

async function load(file: string, overrides: readonly string[] = []) {
  const home = await tempFolder();
  writeFileSync(path.join(home, 'config.toml'), file);
  return loadConfig({ home, cwd: home, overrides });
}

const COMMON = {
  contextWindow: 16_384,
  effort: 'low',
  maxThinking: 900,
  sampling: { temperature: 0.9, top_p: 0.8 },
  tools: 'full',
};
const OWN = {
  contextWindow: 8192,
  effort: 'high',
  maxThinking: 300,
  sampling: {
    ...{ temperature: 0.2, top_p: 0.8, top_k: 20, min_p: 0.05 },
    ...{ repeat_penalty: 1.1, presence_penalty: 1.5, seed: 7 },
  },
  tools: 'small',
};

test('the own table comes before what holds for all models', async () => {
  const loaded = await load(FILE);
  expect(loaded.warnings).toEqual([]);
  expect(modelSettingsOf(loaded, 'qwen3:4b')).toEqual(OWN);
  expect(modelSettingsOf(loaded, 'gemma3:4b')).toEqual(COMMON);
  expect(modelSettingsOf(loaded, undefined)).toEqual(COMMON);
});

test('the command line comes before the own table', async () => {
  const loaded = await load(FILE, [
    'model_context_window=4096',
    'model_reasoning_effort=none',
    'model_reasoning_max_tokens=50',
    'ollama.temperature=0',
    'models."qwen3:4b".seed=8',
  ]);
  expect(modelSettingsOf(loaded, 'qwen3:4b')).toEqual({
    ...OWN,
    ...{ contextWindow: 4096, effort: 'none', maxThinking: 50 },
    sampling: { ...OWN.sampling, temperature: 0, seed: 8 },
  });
  expect(contextWindowOf(loaded, 'qwen3:4b')).toBe(4096);
});

test('no thinking tokens: no thinking', async () => {
  const loaded = await load('[models.a]\nreasoning_max_tokens = 0\nreasoning_effort = "high"\n');
  expect(modelSettingsOf(loaded, 'a:latest')).toMatchObject({ effort: 'none', maxThinking: 0 });
  expect(modelSettingsOf(loaded, 'b')).toMatchObject({ effort: 'medium', maxThinking: undefined });
});

test('a name is meant with and without :latest; the exact one comes first', async () => {
  const loaded = await load(FILE);
  const seeds = ['qwen3', 'qwen3:latest', 'QWEN3', 'qwen3:8b'].map(
    (name) => modelSettingsOf(loaded, name).sampling.seed,
  );
  expect(seeds).toEqual([1, 2, 1, undefined]);
});

test('an unknown key of a model is named, a wrong value is an error', async () => {
  const { warnings, config } = await load('[models.a]\ntemprature = 1\n');
  expect(warnings).toEqual([expect.stringContaining('models.a.temprature')]);
  expect(config.models).toEqual({ a: {} });
  await expect(load('[models.a]\ntop_p = 2\n')).rejects.toThrow(
    'models.a.top_p: expected a number of at most 1, got 2',
  );
  await expect(load('[models.a]\ntools = "tiny"\n')).rejects.toThrow('expected one of "full", "small"');
});
