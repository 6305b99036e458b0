/** The stream of OpenAI's chat API: what comes of it, in whatever pieces it comes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerDelta } from '../../../src/model/answer/reader.ts';
import { ModelError } from '../../../src/model/errors.ts';
import { chunksOf } from '../../../src/model/openai/chunks.ts';
import type { PromptProgress } from '../../../src/model/server.ts';
import { type ModelTurn, readTurn } from '../../../src/model/stream.ts';
import type { JsonObject } from '../../../src/protocol.ts';

interface Read {
  readonly turn: ModelTurn;
  readonly deltas: readonly AnswerDelta[];
  readonly progress: readonly PromptProgress[];
}

async function* piecesOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [at, end] of places.slice(1).entries()) yield bytes.subarray(places[at], end);
}

async function read(text: string, cuts: readonly number[] = []): Promise<Read> {
  const deltas: AnswerDelta[] = [];
  const progress: PromptProgress[] = [];
  const chunks = chunksOf(piecesOf(Buffer.from(text), cuts), {
    onProgress: (told) => progress.push(told),
    errorOf: (said) => new ModelError(said, 'retry'),
  });
  const turn = await readTurn(
    chunks,
    (delta) => deltas.push(delta),
    () => undefined,
  );
  return { turn, deltas, progress };
}

const event = (value: JsonObject): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (said: JsonObject, reason: string | null = null): string =>
  event({ choices: [{ index: 0, delta: said, finish_reason: reason }] });
const call = (index: number | undefined, more: JsonObject, called: JsonObject): string =>
  delta({ tool_calls: [{ ...(index !== undefined && { index }), ...more, function: called }] });
const DONE = 'data: [DONE]\n\n';

const NOTHING: ModelTurn = {
  content: '',
  thinking: '',
  toolCalls: [],
  doneReason: 'stop',
  promptTokens: 0,
  evalTokens: 0,
  loadMs: 0,
  promptEvalMs: 0,
  evalMs: 0,
};

/** As recorded from llama.cpp's server, with a call. */
const RECORDED = [
  event({
    choices: [{ finish_reason: null, index: 0, delta: { role: 'assistant', content: null } }],
    prompt_progress: { total: 159, cache: 100, processed: 100, time_ms: 0 },
  }),
  event({
    choices: [{ finish_reason: null, index: 0, delta: { role: 'assistant', content: null } }],
    prompt_progress: { total: 159, cache: 100, processed: 159, time_ms: 1762 },
  }),
  delta({ reasoning_content: 'Größe – ' }),
  delta({ reasoning_content: 'look.' }),
  delta({ content: 'I réad 📄' }),
  delta({ content: ' it.' }),
  call(0, { id: 'a1', type: 'function' }, { name: 'read_file', arguments: '{"pa' }),
  call(0, {}, { arguments: 'th": "src/ä.js"}' }),
  call(1, { id: 'b2', type: 'function' }, { name: 'shell', arguments: '' }),
  call(1, {}, { arguments: '{"command":"ls"}' }),
  delta({}, 'tool_calls'),
  event({
    choices: [],
    usage: { completion_tokens: 34, prompt_tokens: 159, prompt_tokens_details: { cached_tokens: 90 } },
    timings: { cache_n: 100, prompt_n: 59, prompt_ms: 1763.5, predicted_n: 34, predicted_ms: 1443 },
  }),
  DONE,
].join('');

const READ: ModelTurn = {
  content: 'I réad 📄 it.',
  thinking: 'Größe – look.',
  toolCalls: [
    { id: 'a1', function: { name: 'read_file', arguments: '{"path": "src/ä.js"}' } },
    { id: 'b2', function: { name: 'shell', arguments: '{"command":"ls"}' } },
  ],
  doneReason: 'stop',
  promptTokens: 159,
  cachedTokens: 100,
  evalTokens: 34,
  loadMs: 0,
  promptEvalMs: 1763.5,
  evalMs: 1443,
};

test('an answer as recorded, in any pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(10_000), { maxLength: 20 }), async (cuts) => {
      const { turn, progress } = await read(RECORDED, cuts);
      expect({ turn, progress }).toEqual({
        turn: READ,
        progress: [
          { newTokens: 59, readTokens: 0, ms: 0 },
          { newTokens: 59, readTokens: 59, ms: 1762 },
        ],
      });
    }),
  );
});

test('line ends of either kind, comments and events of other names change nothing', async () => {
  const noisy = RECORDED.replaceAll('\n\n', '\r\n\r\n: keep-alive\r\n\r\nevent: ping\r\ndata: {}\r\n\r\n');
  expect((await read(noisy)).turn).toEqual(READ);
});

test('whatever the values are, it is an answer or a ModelError', async () => {
  const values = fc.array(
    fc.oneof(
      fc.record(
        {
          choices: fc.array(
            fc.record({ delta: fc.jsonValue(), message: fc.jsonValue(), finish_reason: fc.jsonValue() }),
          ),
          usage: fc.jsonValue(),
          timings: fc.jsonValue(),
          prompt_progress: fc.jsonValue(),
          error: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
      fc.record({
        choices: fc.constant([
          { delta: { tool_calls: [{ index: -1, function: { name: 'x', arguments: 3 } }, null, 7] } },
        ]),
      }),
      fc.jsonValue(),
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(values, fc.array(fc.nat(2_000)), async (all, cuts) => {
      const text = all.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('') + DONE;
      const result = await read(text, cuts).catch((error: unknown) => error);
      expect(result instanceof ModelError || (result as Read).turn.doneReason !== undefined).toBe(true);
    }),
  );
});

describe('what servers leave out or add', () => {
  test.each<[string, string, Partial<ModelTurn>]>([
    ['no reason, but an end', delta({ content: 'Hi.' }) + DONE, { content: 'Hi.' }],
    ['a reason, but no end', delta({ content: 'Hi.' }, 'stop'), { content: 'Hi.' }],
    ['no last line end', `${delta({ content: 'Hi.' }, 'stop')}data: [DONE]`, { content: 'Hi.' }],
    ['nothing said', DONE, {}],
    ['thinking by its other name', delta({ reasoning: 'Hm.', content: '' }, 'stop'), { thinking: 'Hm.' }],
    [
      'thinking in the text',
      delta({ content: '<think>Hm.</think>Hi.' }, 'stop'),
      { content: 'Hi.', thinking: 'Hm.', isDraft: false, isThoughtClosed: true, isCommentary: false },
    ],
    ['the token limit', delta({ content: 'Hi' }, 'length') + DONE, { content: 'Hi', doneReason: 'length' }],
    [
      'no stream at all',
      JSON.stringify({
        choices: [{ message: { content: 'Hi.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 2 },
      }),
      { content: 'Hi.', promptTokens: 5, evalTokens: 2 },
    ],
    [
      'the name with every piece, and no index',
      call(undefined, { id: 'a' }, { name: 'ls', arguments: '{"p":' }) +
        call(undefined, { id: 'a' }, { name: 'ls', arguments: '1}' }) +
        call(undefined, { id: 'b' }, { name: 'ls', arguments: '{}' }) +
        DONE,
      {
        toolCalls: [
          { id: 'a', function: { name: 'ls', arguments: '{"p":1}' } },
          { id: 'b', function: { name: 'ls', arguments: '{}' } },
        ],
      },
    ],
    [
      'neither index nor id',
      delta({
        tool_calls: [
          { function: { name: 'ls', arguments: '{"p":1}' } },
          { function: { name: 'ls', arguments: '{"p":2}' } },
        ],
      }) +
        call(undefined, {}, { name: 'cat', arguments: { p: 3 } }) +
        call(undefined, {}, { name: 'cat', arguments: { p: 4 } }) +
        DONE,
      {
        toolCalls: [
          { function: { name: 'ls', arguments: '{"p":1}' } },
          { function: { name: 'ls', arguments: '{"p":2}' } },
          { function: { name: 'cat', arguments: { p: 3 } } },
          { function: { name: 'cat', arguments: { p: 4 } } },
        ],
      },
    ],
    [
      'the same index for every call',
      call(0, { id: 'a' }, { name: 'pwd', arguments: '' }) +
        call(0, { id: 'b' }, { name: 'ls', arguments: '{"p":' }) +
        call(0, {}, { arguments: '1}' }) +
        call(0, { id: 'c' }, { name: 'ls', arguments: '{}' }) +
        DONE,
      {
        toolCalls: [
          { id: 'a', function: { name: 'pwd', arguments: {} } },
          { id: 'b', function: { name: 'ls', arguments: '{"p":1}' } },
          { id: 'c', function: { name: 'ls', arguments: '{}' } },
        ],
      },
    ],
    [
      'a new id with every piece, and the calls in another order',
      call(1, { id: 'x1' }, { name: 'ls', arguments: '' }) +
        call(0, { id: 'x2' }, { name: 'pwd', arguments: '{' }) +
        call(1, { id: 'x3' }, { arguments: '{"p":1}' }) +
        call(0, { id: 'x4' }, { arguments: '}' }) +
        DONE,
      {
        toolCalls: [
          { id: 'x2', function: { name: 'pwd', arguments: '{}' } },
          { id: 'x1', function: { name: 'ls', arguments: '{"p":1}' } },
        ],
      },
    ],
    [
      'the text in parts',
      delta({ content: [{ type: 'text', text: 'H' }, null, { text: 'i.' }, { type: 'image' }] }, 'stop'),
      { content: 'Hi.' },
    ],
    [
      'arguments as an object, and none',
      call(0, {}, { name: 'ls', arguments: { p: 1 } }) + call(1, {}, { name: 'pwd' }) + DONE,
      {
        toolCalls: [
          { function: { name: 'ls', arguments: { p: 1 } } },
          { function: { name: 'pwd', arguments: {} } },
        ],
      },
    ],
    [
      'a call that the token limit cut',
      call(0, { id: 'a' }, { name: 'ls', arguments: '{"p":1}' }) +
        call(1, { id: 'b' }, { name: 'ls', arguments: '{"p":' }) +
        delta({}, 'length') +
        DONE,
      {
        doneReason: 'length',
        toolCalls: [{ id: 'a', function: { name: 'ls', arguments: '{"p":1}' } }],
      },
    ],
    [
      'counts without times',
      delta({ content: 'Hi.' }, 'stop') +
        event({
          choices: [],
          usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: null },
        }),
      { content: 'Hi.', promptTokens: 7, evalTokens: 3 },
    ],
  ])('%s', async (_, text, expected) => {
    expect((await read(text)).turn).toEqual({ ...NOTHING, ...expected });
  });

  test.each<[string, string, string]>([
    [
      'a stream that ends without reason or end',
      delta({ content: 'Hi' }),
      'the model stopped in mid-answer: the stream ended without its last chunk',
    ],
    [
      'an error of llama.cpp',
      event({ error: { code: 500, message: 'broken', type: 'server_error' } }),
      'broken',
    ],
    ['an error of LM Studio', `event: error\ndata: {"error":{"message":"no room"}}\n\n`, 'no room'],
    ['an error of vLLM', event({ object: 'error', message: 'too long', code: 400 }), 'too long'],
    ['an error with the status of success', '{"error":"Unexpected endpoint"}', 'Unexpected endpoint'],
  ])('%s is an error', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(new ModelError(message, 'retry'));
  });

  test.each<[string, string]>([
    [
      '<!doctype html><title>Sign in</title>',
      '/v1/chat/completions sent a page of a proxy instead of JSON (Sign in)',
    ],
    ['no such thing', '/v1/chat/completions sent something that is not JSON: "no such thing"'],
  ])('what is neither events nor JSON is an error: %s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(new ModelError(message, 'retry', { isNotJson: true }));
  });

  test('what is no JSON is an error', async () => {
    const message = '/v1/chat/completions sent something that is not JSON: "oops"';
    await expect(read('data: oops\n\n')).rejects.toThrow(
      new ModelError(message, 'retry', { isNotJson: true }),
    );
  });
});
