import { expect, test } from 'vitest';
import {
  factsFromShow,
  type InstalledModel,
  installedModel,
  rankModels,
  sameModel,
} from '../../src/model/capabilities.ts';

test('reads what /api/show says', () => {
  expect(
    factsFromShow({
      capabilities: ['completion', 'tools', 'thinking'],
      parameters:
        'stop                           "<|im_end|>"\nnum_ctx                        16384\ntemperature                    0.7',
      modelfile: 'FROM /blobs/x\nTEMPLATE {{ .Prompt }}\nRENDERER qwen3-coder\nPARSER qwen3-coder\n',
      template: '{{ .Prompt }}',
      model_info: { 'general.architecture': 'qwen3moe', 'qwen3moe.context_length': 262_144 },
    }),
  ).toEqual({
    tools: true,
    thinking: true,
    vision: false,
    embedding: false,
    contextLength: 262_144,
    modelfileNumCtx: 16_384,
    path: 'rendered',
    thinkLevels: false,
    thinkInHead: false,
  });
});

test('a Jinja template without a renderer is the native path; a server that lists no capabilities may have tools and vectors', () => {
  expect(factsFromShow({ template: '{% for m in messages %}{{ m.content }}{% endfor %}' })).toEqual({
    tools: true,
    thinking: false,
    vision: false,
    embedding: true,
    contextLength: undefined,
    modelfileNumCtx: undefined,
    path: 'native',
    thinkLevels: false,
    thinkInHead: false,
  });
});

test('gpt-oss takes levels of thinking', () => {
  expect(factsFromShow({ model_info: { 'general.architecture': 'gptoss' } }).thinkLevels).toBe(true);
});

test('where another `think` changes the prompt', () => {
  const qwen3 =
    '{%- if tools %}{{ tools }}{% endif %}{%- for message in messages %}{{ message.content }}{% endfor %}{%- if add_generation_prompt %}{%- if enable_thinking is false %}<think></think>{% endif %}{% endif %}';
  const facts = [
    { model_info: { 'general.architecture': 'gptoss' } },
    { modelfile: 'FROM x\nRENDERER qwen3.8\n' },
    { modelfile: 'FROM x\nRENDERER qwen3.5\n' },
    { template: qwen3 },
    { template: `{%- if enable_thinking %}detailed thinking on{% endif %}${qwen3}` },
    { template: '{{ if .Think }}on{{ end }}{{ range .Messages }}{{ .Content }}{{ end }}' },
    {
      template: '{{ range $i, $_ := .Messages }}{{ .Content }}{{ if $.IsThinkSet }}/think{{ end }}{{ end }}',
    },
    {},
  ].map((show) => factsFromShow(show).thinkInHead);
  expect(facts).toEqual([true, true, false, false, true, true, false, false]);
});

test('reads what /api/tags says', () => {
  expect(
    [
      {
        name: 'a:7b',
        details: { parameter_size: '7.6B' },
        capabilities: ['tools'],
        digest: 'sha256:0f',
        modified_at: '2026-01-02T00:00:00Z',
      },
      { model: 'b:cloud', remote_host: 'https://ollama.com', details: { parameter_size: '567M' } },
    ].map(installedModel),
  ).toEqual([
    {
      name: 'a:7b',
      digest: '0f',
      listsTools: true,
      isRemote: false,
      parameters: 7.6,
      modifiedAt: '2026-01-02T00:00:00Z',
    },
    {
      name: 'b:cloud',
      digest: undefined,
      listsTools: false,
      isRemote: true,
      parameters: 0.567,
      modifiedAt: '',
    },
  ]);
});

const model = (name: string, parameters: number, more: Partial<InstalledModel> = {}): InstalledModel => ({
  name,
  parameters,
  digest: undefined,
  listsTools: true,
  isRemote: false,
  modifiedAt: '2026-01-01',
  ...more,
});

test('ranks local before remote, then family, size, age and name, whatever the list says of tools', () => {
  const models = [
    model('llama3.2:3b', 3),
    model('mistral:7b', 7, { modifiedAt: '2026-02-01' }),
    model('zephyr:7b', 7),
    model('mixtral:7b', 7),
    model('qwen3:8b', 8),
    model('qwen3:30b', 30),
    model('gpt-oss:20b', 20),
    model('hf.co/unsloth/Qwen3-Coder-30B:Q4', 30),
    model('gemma:2b', 2, { listsTools: false }),
    model('qwen3-coder:480b-cloud', 480, { isRemote: true }),
  ];
  expect(rankModels(models).map(({ name }) => name)).toEqual([
    'hf.co/unsloth/Qwen3-Coder-30B:Q4',
    'gpt-oss:20b',
    'qwen3:30b',
    'qwen3:8b',
    'mistral:7b',
    'mixtral:7b',
    'zephyr:7b',
    'llama3.2:3b',
    'gemma:2b',
    'qwen3-coder:480b-cloud',
  ]);
});

test('qwen3 is qwen3:latest, whatever the case; a port in a registry is not a tag', () => {
  expect(sameModel('qwen3', 'Qwen3:latest')).toBe(true);
  expect(sameModel('qwen3', 'qwen3:8b')).toBe(false);
  expect(sameModel('host:5000/a/qwen3', 'host:5000/a/qwen3:latest')).toBe(true);
});
