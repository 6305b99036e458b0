/**
 * The bytes that Ollama writes: Go's JSON, its timestamps, the shapes of chunks and the ids of tool calls. The key
 * order is as recorded from a real server; metrics of zero are left out.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../protocol.ts';

export const NDJSON = 'application/x-ndjson';
export const JSON_TYPE = 'application/json; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

/** What renders the prompt and parses calls: Ollama (`rendered`), or llama-server with the model's Jinja (`native`). */
export type ModelPath = 'rendered' | 'native';

export interface WireCall {
  readonly id: string;
  readonly function: { readonly index: number; readonly name: string; readonly arguments: JsonObject };
}

export interface WireMessage {
  readonly role: 'assistant';
  readonly content: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly WireCall[];
}

/** Counts in tokens, durations in nanoseconds. */
export interface Metrics {
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
  readonly prompt_eval_duration: number;
  readonly eval_count: number;
  readonly eval_duration: number;
}

/** JSON as Go's encoder writes it, with `<`, `>`, `&` and the two Unicode line separators escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'string' ? field.toWellFormed() : field,
  ).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const clockOffset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

/** The time in Go's RFC 3339 form, with nanoseconds but without trailing zeros. `aheadMs` moves it, e.g. for an expiry. */
export function timestamp(aheadMs = 0): string {
  const ns = clockOffset + process.hrtime.bigint() + BigInt(aheadMs) * 1_000_000n;
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = (ns % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

/** The message of a chunk. Empty thinking and an empty call list are left out; empty content is not. */
export function wireMessage(content: string, thinking = '', calls: readonly WireCall[] = []): WireMessage {
  return {
    role: 'assistant',
    content,
    ...(thinking && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** A chunk in the middle of a stream. */
export function chunk(model: string, message: WireMessage): JsonObject {
  return { model, created_at: timestamp(), message, done: false };
}

/** The last chunk; without metrics it is the answer to a load or an unload. */
export function doneChunk(
  model: string,
  message: WireMessage,
  reason: string,
  metrics?: Metrics,
): JsonObject {
  const measured = Object.entries(metrics ?? {}).filter(([, value]) => value !== 0);
  return { ...chunk(model, message), done: true, done_reason: reason, ...Object.fromEntries(measured) };
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALNUM = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER}`;

/**
 * An id in the form of the path: `call_` and 8 of [a-z0-9], or 32 letters and digits. It depends only on the request's bytes
 * and the call's position, so that a run can be repeated and a longer history gets new ids.
 */
export function callId(path: ModelPath, rawRequest: string, index: number): string {
  const digest = createHash('sha256').update(`${rawRequest}#${index}`).digest();
  const alphabet = path === 'rendered' ? LOWER : ALNUM;
  const text = [...digest].map((byte) => alphabet[byte % alphabet.length]).join('');
  return path === 'rendered' ? `call_${text.slice(0, 8)}` : text;
}
