/** What is sent by OpenAI's chat API. */
import { expect, test } from 'vitest';
import type { ChatMessage, ToolSchema } from '../../../src/model/chat.ts';
import { chatBody, thinkingArguments } from '../../../src/model/openai/chat-body.ts';
import {
  COMMON_SAMPLING,
  LLAMA_CPP_SAMPLING,
  LM_STUDIO_SAMPLING,
  samplingFields,
  VLLM_SAMPLING,
} from '../../../src/model/openai/sampling.ts';
import type { ChatSettings } from '../../../src/model/server.ts';

const SETTINGS: ChatSettings = {
  model: 'coder',
  numCtx: 8192,
  numPredict: 2048,
  keepAlive: '30m',
  reconnectMs: 0,
  think: undefined,
  sampling: { temperature: 0.2, top_p: undefined },
  idleTimeoutMs: 1_000,
};

const PLAIN = { extras: () => ({}), sampling: COMMON_SAMPLING };

const TOOL: ToolSchema = {
  type: 'function',
  function: {
    name: 'ls',
    description: 'Lists.',
    parameters: { type: 'object', properties: {}, required: [] },
  },
};

const MESSAGES: ChatMessage[] = [
  { role: 'system', content: 'You work.' },
  { role: 'user', content: 'What is this?', images: ['iVBORw0KGgo=', '/9j/4AAQ'] },
  {
    role: 'assistant',
    content: '',
    thinking: 'Look.',
    tool_calls: [{ id: 'c1', function: { index: 0, name: 'ls', arguments: { path: 'ä', all: true } } }],
  },
  { role: 'tool', content: 'a.js', tool_name: 'ls', tool_call_id: 'c1' },
];

test('messages, tools, settings and a schema', () => {
  const schema = { type: 'object' };
  const body = chatBody(
    SETTINGS,
    { messages: MESSAGES, tools: [TOOL], format: schema },
    { extras: () => ({ cache_prompt: true }), sampling: COMMON_SAMPLING },
  );
  expect(JSON.parse(JSON.stringify(body))).toEqual({
    model: 'coder',
    messages: [
      { role: 'system', content: 'You work.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        reasoning_content: 'Look.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'ls', arguments: '{"path":"ä","all":true}' } },
        ],
      },
      { role: 'tool', content: 'a.js', tool_call_id: 'c1', name: 'ls' },
    ],
    tools: [TOOL],
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: 2048,
    temperature: 0.2,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    cache_prompt: true,
  });
});

test('a longer conversation begins with the bytes of the shorter one', () => {
  const bytes = (count: number): string =>
    JSON.stringify(chatBody(SETTINGS, { messages: MESSAGES.slice(0, count), tools: [] }, PLAIN).messages);
  expect(bytes(4).startsWith(bytes(3).slice(0, -1))).toBe(true);
});

test('no tools, no list of them', () => {
  expect(Object.keys(chatBody(SETTINGS, { messages: [], tools: [] }, PLAIN))).not.toContain('tools');
});

test('templates are told whether to think, but never after the beginning of an answer', () => {
  const request = { messages: MESSAGES, tools: [] };
  const begun = { messages: [...MESSAGES, { role: 'assistant', content: 'So' } as const], tools: [] };
  expect([
    thinkingArguments({ think: undefined }, request),
    thinkingArguments({ think: true }, request),
    thinkingArguments({ think: false }, request),
    thinkingArguments({ think: 'low' }, request),
    thinkingArguments({ think: true }, begun),
  ]).toEqual([
    undefined,
    { enable_thinking: true },
    { enable_thinking: false },
    { reasoning_effort: 'low' },
    { enable_thinking: false },
  ]);
});

test('each kind of server gets of the sampling what it knows, by its own names', () => {
  const standard = {
    ...{ temperature: 0.2, top_p: 0.9, presence_penalty: 0.1, frequency_penalty: 0.3, seed: 7 },
  };
  const ollamas = {
    ...standard,
    ...{ top_k: 0, min_p: 0.05, typical_p: 0.7, repeat_penalty: 1.1, repeat_last_n: 64 },
  };
  const forms = [COMMON_SAMPLING, VLLM_SAMPLING, LM_STUDIO_SAMPLING, LLAMA_CPP_SAMPLING];
  expect(forms.map((form) => samplingFields(ollamas, form))).toEqual([
    { ...standard, top_k: 0, min_p: 0.05, repetition_penalty: 1.1 },
    { ...standard, top_k: -1, min_p: 0.05, repetition_penalty: 1.1 },
    { ...standard, top_k: 0, repeat_penalty: 1.1 },
    ollamas,
  ]);
});
