/** The stream of OpenAI's chat API in the shapes recorded from llama.cpp's server (November 2026). */
import type { JsonObject } from '../../protocol.ts';
import type { StreamForm } from '../chat-stream.ts';
import type { Framing } from '../exchange.ts';
import type { PromptCost } from '../kv-cache.ts';
import type { Metrics, WireCall, WireMessage } from '../wire.ts';

const ID = 'chatcmpl-scripted';
const TYPES: { readonly [status: number]: string } = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  503: 'unavailable_error',
};
/** A call's arguments come in pieces of so many characters. */
const PIECE = 7;

/** What llama.cpp's errors are made of. */
export const EVENTS: Framing = {
  contentType: 'text/event-stream',
  line: (text) => `data: ${text}\n\n`,
  error: (status, message) => errorOf(status, message),
};

/** Some of Ollama's errors are llama.cpp's own as text: they are passed on as they were. */
function errorOf(status: number, message: string): JsonObject {
  if (message.startsWith('{"error":{')) return JSON.parse(message) as JsonObject;
  return { error: { code: status, message, type: TYPES[status] ?? 'server_error' } };
}

/** @param cost of the prompt, which llama.cpp tells. */
export function streamForm({ promptTokens, rereadTokens }: PromptCost): StreamForm {
  const cached = promptTokens - rereadTokens;
  let isFirst = true;
  const beginning = (model: string): JsonObject[] => {
    if (!isFirst) return [];
    isFirst = false;
    const progress = (processed: number): JsonObject => ({
      ...chunk(model, { role: 'assistant', content: null }),
      prompt_progress: { total: promptTokens, cache: cached, processed, time_ms: 0 },
    });
    return [progress(cached), progress(promptTokens), chunk(model, { role: 'assistant', content: null })];
  };
  const messageChunks = (model: string, { content, thinking, tool_calls: calls = [] }: WireMessage) => [
    ...(thinking === undefined ? [] : [chunk(model, { reasoning_content: thinking })]),
    ...(content === '' ? [] : [chunk(model, { content })]),
    ...calls.flatMap((call) => callDeltas(call).map((delta) => chunk(model, { tool_calls: [delta] }))),
  ];
  return {
    piece: (model, message) => [...beginning(model), ...messageChunks(model, message)],
    last: (model, message, reason, metrics) => {
      const hasCalls = (message.tool_calls ?? []).length > 0;
      const finish = reason === 'stop' && hasCalls ? 'tool_calls' : reason;
      return [
        ...beginning(model),
        ...messageChunks(model, message),
        chunk(model, {}, finish),
        { ...chunk(model, {}), choices: [], ...countsOf(metrics, cached) },
      ];
    },
    end: '[DONE]',
  };
}

function callDeltas({ id, function: { index, name, arguments: args } }: WireCall): JsonObject[] {
  const pieces = JSON.stringify(args).match(new RegExp(`.{1,${PIECE}}`, 'gsu')) ?? [];
  return [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...pieces.map((piece) => ({ index, function: { arguments: piece } })),
  ];
}

function chunk(model: string, delta: JsonObject, finish: string | null = null): JsonObject {
  return {
    choices: [{ finish_reason: finish, index: 0, delta }],
    created: 1_795_860_500,
    id: ID,
    model,
    system_fingerprint: 'b11434-scripted',
    object: 'chat.completion.chunk',
  };
}

function countsOf(metrics: Metrics, cached: number): JsonObject {
  const { prompt_eval_count: prompt, eval_count: said } = metrics;
  return {
    usage: {
      completion_tokens: said,
      prompt_tokens: prompt,
      total_tokens: prompt + said,
      prompt_tokens_details: { cached_tokens: cached },
    },
    timings: {
      cache_n: cached,
      prompt_n: prompt - cached,
      prompt_ms: metrics.prompt_eval_duration / 1e6,
      predicted_n: said,
      predicted_ms: metrics.eval_duration / 1e6,
    },
  };
}
