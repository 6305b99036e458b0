/**
 * Reads the body of POST /api/chat as Ollama does, with its defaults and, word for word, its refusals. Unknown
 * fields are ignored; the key order of arguments and tools is kept.
 */

import type { JsonObject } from '../protocol.ts';
import {
  invalidFormat,
  invalidThink,
  stringArguments,
  WireError,
  wrongFieldType,
  wrongOptionType,
} from './errors.ts';
import { keepAliveMs } from './keep-alive.ts';

export interface RequestMessage {
  readonly role: string;
  readonly content: string;
  readonly thinking: string;
  readonly images: readonly string[];
  readonly calls: readonly { readonly name: string; readonly arguments: JsonObject }[];
  readonly toolName: string;
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly RequestMessage[];
  readonly tools: readonly unknown[];
  readonly stream: boolean;
  /** Undefined: the model's own default. */
  readonly think: boolean | string | undefined;
  readonly options: JsonObject;
  /** A JSON schema for the answer, or "json". */
  readonly format: JsonObject | 'json' | undefined;
  /** Milliseconds; Infinity: forever; undefined: unchanged. */
  readonly keepAliveMs: number | undefined;
  readonly truncate: boolean;
  readonly shift: boolean;
  /** The body as it came. */
  readonly raw: string;
}

const INTEGER_OPTIONS = new Set([
  ...['num_ctx', 'num_batch', 'num_gpu', 'main_gpu', 'num_thread', 'draft_num_predict', 'num_keep'],
  ...['seed', 'num_predict', 'top_k', 'repeat_last_n'],
]);
const FLOAT_OPTIONS = new Set([
  ...['top_p', 'min_p', 'typical_p', 'temperature'],
  ...['repeat_penalty', 'presence_penalty', 'frequency_penalty'],
]);
const THINK_LEVELS = ['low', 'medium', 'high', 'max'];

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

export const isObject = (value: unknown): value is JsonObject => kindOf(value) === 'object' && value !== null;

/** The body as an object. Throws Go's 400 for anything but JSON. */
export function parseBody(raw: string): JsonObject {
  if (raw.trim() === '') throw new WireError(400, 'missing request body');
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    const first = raw.trim().charAt(0);
    throw new WireError(
      400,
      first === '{' ? 'unexpected EOF' : `invalid character '${first}' looking for beginning of value`,
    );
  }
  if (isObject(body)) return body;
  throw new WireError(400, `json: cannot unmarshal ${kindOf(body)} into Go value of type api.ChatRequest`);
}

function text(value: unknown, field: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrongFieldType(kindOf(value), field, 'string');
  return value;
}

function flag(value: unknown, field: string, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'boolean') throw wrongFieldType(kindOf(value), field, 'bool');
  return value;
}

function list(value: unknown, field: string, type: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongFieldType(kindOf(value), field, type);
  return value;
}

function readCall(value: unknown): { name: string; arguments: JsonObject } {
  const call = isObject(value) && isObject(value.function) ? value.function : {};
  const args = call.arguments ?? {};
  if (!isObject(args)) throw stringArguments();
  return { name: text(call.name, 'messages.tool_calls.function.name'), arguments: args };
}

function readMessage(value: unknown): RequestMessage {
  if (!isObject(value)) throw wrongFieldType(kindOf(value), 'messages', 'api.Message');
  return {
    role: text(value.role, 'messages.role').toLowerCase(),
    content: text(value.content, 'messages.content'),
    thinking: text(value.thinking, 'messages.thinking'),
    images: list(value.images, 'messages.images', '[]api.ImageData').map((image) =>
      text(image, 'messages.images'),
    ),
    calls: list(value.tool_calls, 'messages.tool_calls', '[]api.ToolCall').map(readCall),
    toolName: text(value.tool_name, 'messages.tool_name'),
  };
}

function readThink(value: unknown): boolean | string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || !THINK_LEVELS.includes(value)) throw invalidThink(String(value));
  return value;
}

/** Throws a WireError for what the server's decoder refuses. */
export function readChatRequest(body: JsonObject, raw: string): ChatRequest {
  const options = body.options ?? {};
  if (!isObject(options)) throw wrongFieldType(kindOf(options), 'options', 'map[string]interface {}');
  return {
    model: text(body.model, 'model'),
    messages: list(body.messages, 'messages', '[]api.Message').map(readMessage),
    tools: list(body.tools, 'tools', 'api.Tools'),
    stream: flag(body.stream, 'stream', true),
    think: readThink(body.think),
    options,
    format: isObject(body.format) || body.format === 'json' ? body.format : undefined,
    keepAliveMs: keepAliveMs(body.keep_alive),
    truncate: flag(body.truncate, 'truncate', true),
    shift: flag(body.shift, 'shift', true),
    raw,
  };
}

/** Throws the server's 500 for an option of the wrong type. Unknown options are ignored. */
export function checkOptions(options: JsonObject): void {
  for (const [key, value] of Object.entries(options)) {
    if (value === null) continue;
    if (INTEGER_OPTIONS.has(key) && typeof value !== 'number') throw wrongOptionType(key, 'type integer');
    if (FLOAT_OPTIONS.has(key) && typeof value !== 'number') throw wrongOptionType(key, 'type float32');
    if (key === 'use_mmap' && typeof value !== 'boolean') throw wrongOptionType(key, 'type boolean');
    if (key !== 'stop') continue;
    if (!Array.isArray(value)) throw wrongOptionType(key, 'type array');
    if (value.some((item) => typeof item !== 'string')) throw wrongOptionType(key, 'an array of strings');
  }
}

/** Throws the server's 500 for a `format` that is neither "json" nor a schema. */
export function checkFormat(format: unknown): void {
  if (format === undefined || format === null || format === '' || format === 'json' || isObject(format))
    return;
  throw invalidFormat(JSON.stringify(format));
}
