/**
 * Leaked calls in special tokens around a name and its JSON: DeepSeek's
 * `<｜tool▁call▁begin｜>function<｜tool▁sep｜>name` + fenced JSON, and Kimi's
 * `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}`; and a name with fenced JSON in a tag.
 */
import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import type { Block } from './call-shapes.ts';

const TOKEN_CALL =
  /<[|｜]tool[▁_]call[▁_]begin[|｜]>\s{0,4}(?:function\s{0,4}<[|｜]tool[▁_]sep[|｜]>)?\s{0,4}([\w.-]{1,100})(?::\d{1,6})?\s{0,4}(?:<[|｜]tool[▁_](?:sep|call[▁_]argument[▁_]begin)[|｜]>)?/y;
const NAMED_FENCE = /([\w.-]{1,100})\s{1,4}(?=```)/y;
const FENCE = /\s{0,8}```(?:json)?\s{0,8}/y;
const FENCE_END = /\s{0,8}```/y;

export function readTokenCall(s: Scanner, at: number): Block | null {
  const opening = s.match(TOKEN_CALL, at);
  return opening === null ? null : readFencedArguments(s, opening[1] ?? '', at + opening[0].length);
}

/** `name`, then its arguments in a fence: what Hunyuan writes inside `<tool_call>`. */
export function readNamedFence(s: Scanner, at: number): Block | null {
  const opening = s.match(NAMED_FENCE, at);
  return opening === null ? null : readFencedArguments(s, opening[1] ?? '', at + opening[0].length);
}

function readFencedArguments(s: Scanner, name: string, at: number): Block | null {
  const fence = s.match(FENCE, at);
  const start = s.skipSpace(at + (fence?.[0].length ?? 0));
  if (s.text[start] !== '{') return null;
  const read = readJson(s, start);
  if (read === null) return null;
  const end = fence === null ? null : s.match(FENCE_END, read.end);
  return { calls: [{ name, arguments: read.value }], end: read.end + (end?.[0].length ?? 0) };
}
