/** What the server refuses, word for word, and what it says of its models. */
import { expect, test } from 'vitest';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';
import { chat, listed, post, user } from './raw-client.ts';

const TOOLS = [{ type: 'function', function: { name: 'read' } }];
const plain = { ...RENDERED, name: 'notools', capabilities: ['completion'] };
const models = [
  RENDERED,
  NATIVE,
  plain,
  { ...plain, name: 'me/mine:7b' },
  { ...plain, name: 'hf.co/a/b:Q4' },
];

async function refusal(host: string, body: object | string): Promise<unknown[]> {
  const { status, text } =
    typeof body === 'string' ? await post(host, '/api/chat', body) : await chat(host, body);
  return [status, JSON.parse(text).error];
}

test.each<[string, object | string, number, string]>([
  ['no model', { model: '' }, 400, 'model is required'],
  ['unknown model', { model: 'x' }, 404, "model 'x' not found"],
  [
    'tools',
    { model: 'notools', tools: TOOLS },
    400,
    'registry.ollama.ai/library/notools:latest does not support tools',
  ],
  [
    'tools, own name',
    { model: 'me/mine:7b', tools: TOOLS },
    400,
    'registry.ollama.ai/me/mine:7b does not support tools',
  ],
  ['tools, other host', { model: 'hf.co/a/b:Q4', tools: TOOLS }, 400, 'hf.co/a/b:Q4 does not support tools'],
  ['thinking', { model: 'notools', think: true }, 400, '"notools" does not support thinking'],
  [
    'think level',
    { think: 'xhigh' },
    400,
    'invalid think value: "xhigh" (must be "high", "medium", "low", "max", true, or false)',
  ],
  ['integer option', { options: { num_ctx: '8k' } }, 500, 'option "num_ctx" must be of type integer'],
  ['float option', { options: { temperature: 'hot' } }, 500, 'option "temperature" must be of type float32'],
  ['stop', { options: { stop: 'x' } }, 500, 'option "stop" must be of type array'],
  [
    'format',
    { format: 'yaml' },
    500,
    'invalid format: "\\"yaml\\""; expected "json" or a valid JSON Schema object',
  ],
  ['keep_alive', { keep_alive: '5x' }, 400, 'time: unknown unit "x" in duration "5x"'],
  ['keep_alive without unit', { keep_alive: '30' }, 400, 'time: missing unit in duration "30"'],
  ['keep_alive of words', { keep_alive: 'soon' }, 400, 'time: invalid duration "soon"'],
  [
    'content parts',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
    400,
    'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
  ],
  [
    'arguments as text',
    {
      messages: [
        { role: 'assistant', tool_calls: [{ function: { name: 'read', arguments: '{"path":"q"}' } }] },
      ],
    },
    400,
    "Value looks like object, but can't find closing '}' symbol",
  ],
  [
    'stream of another type',
    { stream: 'yes' },
    400,
    'json: cannot unmarshal string into Go struct field ChatRequest.stream of type bool',
  ],
  ['no body', ' ', 400, 'missing request body'],
  ['half a body', '{"model":', 400, 'unexpected EOF'],
  ['no JSON', 'hello', 400, "invalid character 'h' looking for beginning of value"],
])('refuses: %s', async (_name, body, status, text) => {
  const { host } = await withOllama([], { models });
  expect(await refusal(host, body)).toEqual([status, text]);
});

test('accepts null content, foreign roles and fields, think:false anywhere, durations of Go', async () => {
  const { host } = await withOllama(() => ({ content: 'ok' }), { models });
  const bodies = [
    {
      messages: [
        { role: 'assistant', content: null, tool_calls: [] },
        { role: 'Developer', content: 'x' },
      ],
    },
    { tool_choice: 'none', parallel_tool_calls: true, options: { mirostat: 1, unknown: 'x' } },
    { model: 'notools', think: false, format: 'json' },
    {
      think: 'max',
      format: { type: 'object' },
      keep_alive: '1h30m',
      options: { stop: ['x'], use_mmap: true },
    },
    { model: 'BASE:latest', keep_alive: '-1s' },
  ];
  const statuses = await Promise.all(bodies.map(async (body) => (await chat(host, body)).status));
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
});

test('images for a model that does not see', async () => {
  const { host } = await withOllama([], { models });
  const messages = [{ ...user('look'), images: ['aGVsbG8='] }];
  const nested = (code: number, message: string, type: string) => [
    code,
    JSON.stringify({ error: { code, message, type } }),
  ];
  expect(await refusal(host, { messages })).toEqual(
    nested(
      400,
      'Multimodal data provided, but model does not support multimodal requests.',
      'invalid_request_error',
    ),
  );
  expect((await refusal(host, { model: 'native', messages }))[0]).toBe(500);
});

test('the plain pages', async () => {
  const { host } = await withOllama([], { version: '9.9.9' });
  const page = async (path: string, method = 'GET') => {
    const response = await fetch(host + path, { method });
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  const text = 'text/plain; charset=utf-8';
  expect([
    await page('/'),
    await page('/', 'HEAD'),
    await page('/api/version'),
    await page('/v1/messages/count_tokens'),
    await page('/api/show'),
  ]).toEqual([
    [200, text, 'Ollama is running'],
    [200, text, ''],
    [200, 'application/json; charset=utf-8', '{"version":"9.9.9"}'],
    [404, text, '404 page not found'],
    [405, text, '405 method not allowed'],
  ]);
});

test('/api/show tells the path, the window and the Modelfile', async () => {
  const { host } = await withOllama([], { models: [RENDERED, { ...NATIVE, modelfileNumCtx: 8192 }] });
  const show = async (model: string) => JSON.parse((await post(host, '/api/show', { model })).text);
  const [rendered, native] = [await show('Base'), await show('native')];
  expect(rendered.modelfile).toMatch(/^RENDERER \S+\nPARSER \S+$/m);
  expect(native.modelfile).not.toMatch(/^(RENDERER|PARSER) /m);
  expect([rendered.template.includes('{%'), native.template.includes('{%')]).toEqual([false, true]);
  expect([
    /^num_ctx\s+(\d+)/m.exec(rendered.parameters)?.[1],
    /^num_ctx\s+(\d+)/m.exec(native.parameters)?.[1],
  ]).toEqual([undefined, '8192']);
  expect([rendered.capabilities, rendered.model_info['qwen3.context_length']]).toEqual([
    ['completion', 'tools', 'thinking'],
    32_768,
  ]);
  const missing = await post(host, '/api/show', { model: 'nope' });
  expect([missing.status, missing.text]).toEqual([404, `{"error":"model 'nope:latest' not found"}`]);
});

test('/api/tags may know less of a model than /api/show, as that of 0.33 does', async () => {
  const imported = { ...NATIVE, listedCapabilities: ['completion'] };
  const { host } = await withOllama([], { models: [imported] });
  const show = JSON.parse((await post(host, '/api/show', { model: 'native' })).text);
  const [entry] = await listed(host, '/api/tags');
  expect([entry?.capabilities, show.capabilities]).toEqual([['completion'], ['completion', 'tools']]);
});

test('/api/tags lists the models with their context length', async () => {
  const { host } = await withOllama([], {
    models: [{ ...RENDERED, size: 7, modifiedAt: '2026-01-02T03:04:05Z' }],
  });
  expect(await listed(host, '/api/tags')).toEqual([
    {
      name: 'base:latest',
      model: 'base:latest',
      modified_at: '2026-01-02T03:04:05Z',
      size: 7,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: {
        parent_model: '',
        format: 'gguf',
        family: 'qwen3',
        families: ['qwen3'],
        parameter_size: '8.2B',
        quantization_level: 'Q4_K_M',
        context_length: 32_768,
        embedding_length: 4096,
      },
      capabilities: ['completion', 'tools', 'thinking'],
    },
  ]);
});

test('an idle connection stays, as Ollama keeps it', async () => {
  const { host } = await withOllama([], { models });
  // What Node's server says of one that it will end.
  expect((await fetch(`${host}/api/version`)).headers.get('keep-alive')).toBeNull();
});
