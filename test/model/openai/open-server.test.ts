/** Each kind of server, as it answers or is documented to answer: recognised by its own paths, its window read, its errors told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ModelFacts } from '../../../src/model/capabilities.ts';
import { ModelError } from '../../../src/model/errors.ts';
import { serverAt } from '../../../src/model/late-server.ts';
import type { ChatSettings, ModelServer } from '../../../src/model/server.ts';
import type { ServerWords } from '../../../src/model/server-words.ts';
import type { Endpoint } from '../../../src/model/transport.ts';
import type { JsonObject } from '../../../src/protocol.ts';

interface Asked {
  readonly path: string;
  readonly body?: JsonObject;
}

type Answer =
  | JsonObject
  | string
  | readonly [status: number, body: JsonObject | string, headers?: { readonly [name: string]: string }];
type Answers = { readonly [path: string]: Answer | ((body: JsonObject) => Answer) };

const WORDS: ServerWords = {
  name: 'box',
  address: '`base_url` of [model_providers.box]',
  start: 'start it',
  key: 'set BOX_KEY',
  headers: 'BOX_KEY',
  get: 'Name one that the server has',
  silence: '`stream_idle_timeout_ms`',
  slowLoad: 'wait',
  memory: 'smaller',
  log: 'what it prints',
};

const SETTINGS: ChatSettings = {
  model: 'm',
  numCtx: 8192,
  numPredict: 100,
  keepAlive: undefined,
  reconnectMs: 0,
  think: undefined,
  sampling: {},
  idleTimeoutMs: 5_000,
};
const REQUEST = { messages: [{ role: 'user', content: 'Hi' } as const], tools: [] };
const LISTENER = { onDelta: () => undefined, onPhase: () => undefined };
const { signal } = new AbortController();

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

/** A server with these answers; `unknown` is what it says to any other path. */
async function serving(
  answers: Answers,
  unknown: Answer = [404, { detail: 'Not Found' }],
  wire = 'chat',
  more: Partial<Endpoint> = {},
): Promise<{ client: ModelServer; asked: Asked[]; host: string }> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await textOf(request);
    const body = raw === '' ? undefined : (JSON.parse(raw) as JsonObject);
    const path = request.url ?? '';
    asked.push(body === undefined ? { path } : { path, body });
    const found = answers[path] ?? unknown;
    const given = typeof found === 'function' ? found(body ?? {}) : found;
    const [status, content, headers] = Array.isArray(given) ? given : [200, given];
    response.writeHead(status, headers);
    response.end(typeof content === 'string' ? content : JSON.stringify(content));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = { path: '/v1', wire, provider: 'box' };
  return { client: serverAt({ host, headers: {}, words: WORDS, api, ...more }), asked, host };
}

const FACTS: ModelFacts = {
  tools: true,
  thinking: false,
  vision: false,
  embedding: false,
  contextLength: 32_768,
  modelfileNumCtx: undefined,
  path: 'native',
  thinkLevels: false,
  serverWindow: 8192,
};

/** As recorded from llama-server, November 2026. */
const PROPS = {
  default_generation_settings: { params: { temperature: 0.8 }, n_ctx: 8192 },
  total_slots: 1,
  model_alias: 'coder',
  model_ftype: 'Q4_K - Medium',
  model_path: '/gguf/coder.gguf',
  modalities: { vision: false, video: false, audio: false },
  endpoint_slots: true,
  chat_template: '{%- if tools %}{%- endif %}',
  chat_template_caps: { supports_tools: true, supports_tool_calls: true },
  build_info: 'b11434-abc',
};
const LLAMA_MODELS = {
  models: [{ name: 'coder', model: 'coder', capabilities: ['completion'] }],
  object: 'list',
  data: [
    {
      id: 'coder',
      aliases: ['coder'],
      object: 'model',
      architecture: { input_modalities: ['text'], output_modalities: ['text'] },
      owned_by: 'llamacpp',
      meta: {
        n_ctx: 8192,
        n_ctx_train: 32_768,
        n_params: 630_167_424,
        size: 485_452_288,
        ftype: 'Q4_K - Medium',
      },
    },
  ],
};
const LLAMA_UNKNOWN: Answer = [
  404,
  { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
];

describe('llama.cpp', () => {
  const answers = { '/props': PROPS, '/v1/models': LLAMA_MODELS };

  test('what it is, its model, its window', async () => {
    const { client, asked } = await serving(answers, LLAMA_UNKNOWN);
    expect({
      facts: await client.show('coder', signal),
      about: await client.about?.(signal),
      version: await client.version(signal),
      loaded: await client.loaded('coder', signal),
      tags: await client.tags(signal),
    }).toEqual({
      facts: FACTS,
      about: {
        name: 'llama.cpp',
        version: 'b11434-abc',
        abilities: [
          'its window',
          'exact counts before a request',
          'cached tokens',
          'progress of reading',
          'schemas',
        ],
      },
      version: 'b11434-abc',
      loaded: { numCtx: 8192, size: 0, sizeVram: 0 },
      tags: [
        {
          name: 'coder',
          model: 'coder',
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          size: 485_452_288,
          capabilities: ['completion', 'tools'],
          context_length: 8192,
          details: { parameter_size: '0.63B', quantization_level: 'Q4_K - Medium', context_length: 32_768 },
        },
      ],
    });
    // It was asked once what it is.
    expect(asked.slice(0, 4).map(({ path }) => path)).toEqual(['/', '/props', '/v1/models', '/props']);
  });

  test.each<[string, JsonObject, Partial<ModelFacts>]>([
    ['a template with a switch', { chat_template: '{% if enable_thinking %}' }, { thinking: true }],
    [
      'a template with levels',
      { chat_template: '{{ reasoning_effort }}' },
      { thinking: true, thinkLevels: true },
    ],
    ['a template without tools', { chat_template_caps: { supports_tools: false } }, { tools: false }],
    ['eyes', { modalities: { vision: true } }, { vision: true }],
    ['an older server, without the capabilities', { chat_template_caps: undefined }, {}],
  ])('%s', async (_, more, expected) => {
    const { client } = await serving({ ...answers, '/props': { ...PROPS, ...more } }, LLAMA_UNKNOWN);
    expect(await client.show('coder', signal)).toEqual({ ...FACTS, ...expected });
  });

  test('a prompt is counted by its template and its tokenizer', async () => {
    const { client, asked } = await serving({
      ...answers,
      '/apply-template': { prompt: '<|im_start|>user\nHi' },
      '/tokenize': { tokens: [1, 2, 3, 4] },
    });
    expect(await client.count?.(SETTINGS, REQUEST, signal)).toBe(4);
    expect(asked.slice(-2)).toEqual([
      { path: '/apply-template', body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }] } },
      {
        path: '/tokenize',
        body: { model: 'm', content: '<|im_start|>user\nHi', add_special: true, parse_special: true },
      },
    ]);
  });

  test('while it loads its model it is waited for', async () => {
    const loading = { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } };
    const { client } = await serving({}, [503, loading]);
    await expect(client.show('coder', signal)).rejects.toMatchObject({
      message: 'box is busy or starting (503): Loading model',
      remedy: 'wait',
    });
  });

  test('a router: the window of each model, without loading it', async () => {
    const { client, asked } = await serving({
      '/props': { role: 'router', build_info: 'b11434' },
      '/v1/models': {
        data: [
          { id: 'a', status: { value: 'unloaded' } },
          { id: 'b', status: { value: 'loaded' } },
        ],
      },
      '/props?model=b&autoload=false': PROPS,
      '/props?model=a&autoload=false': [400, { error: { message: 'model is not loaded', code: 400 } }],
    });
    const windows = [await client.show('a', signal), await client.show('b', signal)].map(
      ({ serverWindow }) => serverWindow,
    );
    expect({ windows, running: (await client.running(signal)).map(({ name }) => name) }).toEqual({
      windows: ['unknown', 8192],
      running: ['b'],
    });
    expect(asked.map(({ path }) => path)).not.toContain('/models/load');
  });
});

/** As LM Studio documents `/api/v0/models`; any other path is answered with success. */
const LM_STUDIO: Answers = {
  '/api/v0/models': {
    object: 'list',
    data: [
      {
        id: 'qwen2-vl-7b-instruct',
        object: 'model',
        type: 'vlm',
        publisher: 'mlx-community',
        arch: 'qwen2_vl',
        compatibility_type: 'mlx',
        quantization: '4bit',
        state: 'not-loaded',
        max_context_length: 32_768,
      },
      {
        id: 'coder',
        object: 'model',
        type: 'llm',
        publisher: 'lmstudio-community',
        arch: 'llama',
        compatibility_type: 'gguf',
        quantization: 'Q4_K_M',
        state: 'loaded',
        max_context_length: 131_072,
        loaded_context_length: 16_384,
      },
      { id: 'nomic', object: 'model', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
    ],
  },
};
const LM_UNKNOWN: Answer = { error: 'Unexpected endpoint or method. (GET /props)' };

describe('LM Studio', () => {
  test('what it is, and the window of what is loaded', async () => {
    const { client } = await serving(LM_STUDIO, LM_UNKNOWN);
    expect({
      name: (await client.about?.(signal))?.name,
      coder: await client.show('coder', signal),
      eyes: await client.show('qwen2-vl-7b-instruct', signal),
      vectors: await client.show('nomic', signal),
      running: (await client.running(signal)).map(({ name }) => name),
    }).toEqual({
      name: 'LM Studio',
      coder: { ...FACTS, contextLength: 131_072, serverWindow: 16_384 },
      eyes: { ...FACTS, vision: true, serverWindow: 'unknown' },
      vectors: { ...FACTS, tools: false, embedding: true, contextLength: 2048, serverWindow: 'unknown' },
      running: ['coder'],
    });
  });

  test.each([
    'Trying to keep the first 9100 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
    'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 9100>= n_ctx: 4096). Try to load the model with a larger context length',
  ])('a prompt that is too long: %s', async (error) => {
    const { client } = await serving({ ...LM_STUDIO, '/v1/chat/completions': [400, { error }] }, LM_UNKNOWN);
    await expect(client.chat(SETTINGS, REQUEST, LISTENER, signal)).rejects.toMatchObject({
      remedy: 'compact',
      window: 4096,
    });
  });
});

/** As vLLM documents its lists and errors. */
const VLLM: Answers = {
  '/version': { version: '0.12.0' },
  '/v1/models': {
    object: 'list',
    data: [{ id: 'Qwen/Coder', object: 'model', owned_by: 'vllm', root: 'Qwen/Coder', max_model_len: 8192 }],
  },
};

describe('vLLM', () => {
  test('what it is, its window, its count', async () => {
    const { client, asked } = await serving({ ...VLLM, '/tokenize': { count: 7, max_model_len: 8192 } });
    expect({
      about: await client.about?.(signal),
      facts: await client.show('Qwen/Coder', signal),
      count: await client.count?.(SETTINGS, REQUEST, signal),
    }).toEqual({
      about: {
        name: 'vLLM',
        version: '0.12.0',
        abilities: ['its window', 'exact counts before a request', 'schemas'],
      },
      facts: { ...FACTS, contextLength: 8192 },
      count: 7,
    });
    expect(asked.at(-1)).toEqual({
      path: '/tokenize',
      body: { model: 'm', messages: [{ role: 'user', content: 'Hi' }], add_generation_prompt: true },
    });
  });

  test('a prompt that is too long', async () => {
    const message =
      "This model's maximum context length is 8192 tokens. However, you requested 9204 tokens (9104 in the messages, 100 in the completion).";
    const refusal = { object: 'error', message, type: 'BadRequestError', param: null, code: 400 };
    const { client } = await serving({ ...VLLM, '/v1/chat/completions': [400, refusal] });
    await expect(client.chat(SETTINGS, REQUEST, LISTENER, signal)).rejects.toMatchObject({
      remedy: 'compact',
      window: 8192,
    });
  });

  test('an answer that has begun is continued, and a schema forbids calls', async () => {
    const { client, asked } = await serving({
      ...VLLM,
      '/v1/chat/completions': 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n',
    });
    const tool = { type: 'function', function: { name: 't', description: '', parameters: {} } };
    const request = {
      messages: [...REQUEST.messages, { role: 'assistant', content: 'So' } as const],
      tools: [tool] as never,
      format: { type: 'object' },
    };
    await client.chat(SETTINGS, request, LISTENER, signal);
    expect(asked.at(-1)?.body).toMatchObject({
      tool_choice: 'none',
      continue_final_message: true,
      add_generation_prompt: false,
    });
  });
});

describe('any other', () => {
  test('a server that only has the API', async () => {
    const { client } = await serving({ '/v1/models': { data: [{ id: 'mlx-community/Coder' }] } });
    expect({
      name: (await client.about?.(signal))?.name,
      facts: await client.show('mlx-community/Coder', signal),
      count: await client.count?.(SETTINGS, REQUEST, signal),
    }).toEqual({
      name: 'OpenAI-compatible server',
      facts: { ...FACTS, contextLength: undefined, serverWindow: 'unknown' },
      count: undefined,
    });
  });

  test('Ollama is Ollama, and is asked in its own way', async () => {
    const { client, asked } = await serving({
      '/': 'Ollama is running',
      '/api/version': { version: '0.33.0' },
    });
    expect({ version: await client.version(signal), about: await client.about?.(signal) }).toEqual({
      version: '0.33.0',
      about: undefined,
    });
    expect(asked.map(({ path }) => path)).toEqual(['/', '/api/version']);
  });

  test.each<[string, Answers, Answer, string]>([
    [
      'a key is wanted',
      {},
      [401, { error: { message: 'Invalid API Key' } }],
      'HOST wants a key (401): set BOX_KEY',
    ],
    [
      'it has nothing of it',
      {},
      [404, 'Not Found'],
      "the server at HOST does not know this request: check `base_url` of [model_providers.box]. Does it speak OpenAI's chat API below that address?",
    ],
    [
      'there is no such model',
      { '/props': PROPS, '/v1/models': LLAMA_MODELS },
      LLAMA_UNKNOWN,
      "model 'other' is not installed. Name one that the server has",
    ],
  ])('%s', async (_, answers, unknown, message) => {
    const { client, host } = await serving(answers, unknown);
    const error = await client.show('other', signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).message.replace(host, 'HOST')).toBe(message);
  });

  test('a page for people at the root, to which it leads, hides nothing', async () => {
    const page: Answer = [301, '', { location: '/ui' }];
    const { client } = await serving({ '/': page, '/v1/models': { data: [{ id: 'swapped' }] } });
    expect((await client.installed(signal)).map(({ name }) => name)).toEqual(['swapped']);
  });

  test.each([
    [
      'https://box.lan/llm/v1/models?token=t',
      'HOST redirects to https://box.lan/llm (308): set WHERE to that',
    ],
    [
      'https://login.lan/x',
      'HOST redirects to https://login.lan/x (308): is it box? Check WHERE, or sign in where a proxy asks for it',
    ],
  ])('one that has moved to %s is told so', async (location, message) => {
    const { client, host } = await serving({}, [308, '', { location }]);
    await expect(client.show('m', signal)).rejects.toThrow(
      message.replace('HOST', host).replace('WHERE', WORDS.address),
    );
  });

  test('a key that was sent is not asked for again', async () => {
    const more = { headers: { Authorization: 'Bearer sk-1' } };
    const { client, host } = await serving({}, [401, { error: 'no' }], 'chat', more);
    await expect(client.show('m', signal)).rejects.toThrow(
      `${host} refuses the key that it got (401): check BOX_KEY`,
    );
  });

  test('what a server repeats of a key, a header or the address is in no error', async () => {
    const more = {
      headers: { Authorization: 'Bearer sk-secret-1', 'x-more': 'hdr-secret-2' },
      query: { key: 'qry-secret+/ 3', v: '1' },
    };
    const said = 'sk-secret-1 hdr-secret-2 qry-secret+/ 3 qry-secret%2B%2F+3 qry-secret%2B%2F%203';
    const address = `?${new URLSearchParams(more.query)}`;
    const chat = `/v1/chat/completions${address}`;
    for (const answer of [
      { [`/v1/models${address}`]: said },
      { [`/v1/models${address}`]: [500, { error: said }] as const },
      { [chat]: `data: ${said}\n\n` },
      { [chat]: `data: ${JSON.stringify({ error: { message: said } })}\n\n` },
      { [chat]: said },
      { [chat]: [400, said] as const },
    ]) {
      const models = { [`/v1/models${address}`]: { data: [{ id: 'm' }] } };
      const { client } = await serving({ ...models, ...answer }, undefined, 'chat', more);
      const work = client.show('m', signal).then(() => client.chat(SETTINGS, REQUEST, LISTENER, signal));
      const { message } = await work.then(
        () => new Error(''),
        (error: Error) => error,
      );
      expect(message).toContain('********');
      expect(message).not.toMatch(/secret/);
    }
  });

  test('wire_api = "responses" is an error that says what to set, except for Ollama', async () => {
    const { client, host } = await serving(VLLM, undefined, 'responses');
    await expect(client.show('m', signal)).rejects.toThrow(
      new ModelError(
        `[model_providers.box] has wire_api = "responses", and what answers at ${host} is vLLM, ` +
          'with which oagent only speaks the chat API. Set wire_api = "chat"',
        'fail',
      ),
    );
    const ollama = await serving(
      { '/': 'Ollama is running', '/api/version': { version: '1' } },
      '',
      'responses',
    );
    expect(await ollama.client.version(signal)).toBe('1');
  });

  test('what a strict server does not know is left out from then on', async () => {
    const said = 'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const refusal = (body: JsonObject): Answer => {
      const message = (name: string): string => `Unrecognized request argument supplied: ${name}`;
      if ('min_p' in body) return [400, { error: { message: message('min_p') } }];
      if ('stream_options' in body)
        return [422, { detail: 'stream_options: Extra inputs are not permitted' }];
      if ('max_tokens' in body)
        return [400, { error: { message: "Unsupported parameter: 'max_tokens' is not supported." } }];
      return said;
    };
    const answers = { '/v1/models': { data: [{ id: 'm' }] }, '/v1/chat/completions': refusal };
    const { client, asked } = await serving(answers);
    const settings = { ...SETTINGS, sampling: { min_p: 0.1, top_p: 0.9 } };
    const told: (readonly string[])[] = [];
    const listener = { ...LISTENER, onLeftOut: (names: readonly string[]) => void told.push(names) };
    for (const _ of [1, 2]) await client.chat(settings, REQUEST, listener, signal);
    // Of what the user did not ask for, nothing is said.
    expect(told).toEqual([['min_p']]);
    const bodies = asked.flatMap(({ path, body }) => (path === '/v1/chat/completions' && body) || []);
    const rest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, top_p: 0.9 };
    const options = { stream_options: { include_usage: true } };
    const last = { ...rest, max_completion_tokens: 100 };
    expect(bodies).toEqual([
      { ...rest, ...options, max_tokens: 100, min_p: 0.1 },
      { ...rest, ...options, max_tokens: 100 },
      { ...rest, max_tokens: 100 },
      last,
      last,
    ]);
  });

  test('a refusal that names nothing that can be left out is told, once', async () => {
    const refusal: Answer = [400, { error: { message: 'model is not supported' } }];
    const answers = { '/v1/models': { data: [{ id: 'm' }] }, '/v1/chat/completions': refusal };
    const { client, asked } = await serving(answers);
    await expect(client.chat(SETTINGS, REQUEST, LISTENER, signal)).rejects.toThrow('model is not supported');
    expect(asked.filter(({ path }) => path === '/v1/chat/completions')).toHaveLength(1);
  });

  test.each([
    [
      'content_filter',
      'fail',
      'OpenAI-compatible server ended the answer before it was whole: its content filter stopped it (content_filter). ' +
        'Ask in another way, or use a model without such a filter',
    ],
    ['abort', 'retry', 'OpenAI-compatible server broke the answer off (abort)'],
  ])('an answer that the server itself ended is no whole one: %s', async (reason, remedy, message) => {
    const half = `data: {"choices":[{"delta":{"content":"Half of"},"finish_reason":"${reason}"}]}\n\n`;
    for (const end of ['data: [DONE]\n\n', '']) {
      const { client } = await serving({
        '/v1/models': { data: [{ id: 'm' }] },
        '/v1/chat/completions': `${half}${end}`,
      });
      await expect(client.chat(SETTINGS, REQUEST, LISTENER, signal)).rejects.toMatchObject({
        remedy,
        message,
      });
    }
  });

  test('a server that is away is asked again by the next question', async () => {
    const client = serverAt({
      host: 'http://127.0.0.1:9',
      headers: {},
      words: WORDS,
      api: { path: '/v1', wire: 'chat', provider: 'box' },
    });
    const failure =
      'no box server at http://127.0.0.1:9 (ECONNREFUSED): start it, or set `base_url` of [model_providers.box]';
    await expect(client.version(signal)).rejects.toThrow(failure);
    await expect(client.version(signal)).rejects.toThrow(failure);
  });
});
