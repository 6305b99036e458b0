/**
 * Leaked calls that are JSON: bare or in tags, in Mistral's `[TOOL_CALLS]` forms, or after a name, as Gemma's
 * `call:name{…}`.
 */

import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import { type Block, callsOfJson, type Evidence, flatCall } from './call-shapes.ts';

const TOOL_CALLS = '[TOOL_CALLS]';
const ARGS = '[ARGS]';
const CALL_ID = /\[CALL_ID\]\w{0,64}/y;
const NAME = /[\w.-]{1,100}/y;
const FUNCTOOLS = /functools\s{0,4}(?=\[)/y;
const GEMMA_CALL = /call:([\w.-]{1,100})/y;

/** `{"name": "shell", "arguments": {…}}`, where the server's parser saw no tag: needs its arguments. */
export function readBareJson(s: Scanner, at: number): Block | null {
  return readJsonCalls(s, at, 'bare');
}

/** The same inside a tag, where surplus closing brackets are ignored. */
export function readTaggedJson(s: Scanner, at: number): Block | null {
  const block = readJsonCalls(s, at, 'tagged');
  if (block === null) return null;
  let end = s.skipSpace(block.end);
  while (s.text[end] === '}' || s.text[end] === ']') end = s.skipSpace(end + 1);
  return { calls: block.calls, end };
}

function readJsonCalls(s: Scanner, at: number, evidence: Evidence): Block | null {
  if (s.text[at] !== '{' && s.text[at] !== '[') return null;
  if (s.startsWith('{{', at) && s.text[at + 2] !== '{') return readDoubled(s, at, evidence);
  const read = readJson(s, at);
  const calls = read === null ? null : callsOfJson(read.value, evidence);
  return read === null || calls === null ? null : { calls, end: read.end };
}

/** `{{"name": …}}`: braces doubled, as a template's own example of a call has them. */
function readDoubled(s: Scanner, at: number, evidence: Evidence): Block | null {
  const block = readJsonCalls(s, at + 1, evidence);
  if (block === null) return null;
  const end = s.skipSpace(block.end);
  return s.text[end] === '}' ? { calls: block.calls, end: end + 1 } : block;
}

/** A call in other JSON: the name among the arguments, or in front of them. */
export function readLooseJson(s: Scanner, at: number): Block | null {
  if (s.text[at] === '{') {
    const read = readJson(s, at);
    const call = read === null ? null : flatCall(read.value);
    return read === null || call === null ? null : { calls: [call], end: read.end };
  }
  const name = s.match(NAME, at)?.[0];
  return name === undefined ? null : withArguments(s, name, at + name.length);
}

/** `[{"shell": {"command": "ls"}}]`: Apertus's. */
export function readLooseList(s: Scanner, at: number): Block | null {
  const read = s.text[at] === '[' ? readJson(s, at) : null;
  const calls = Array.isArray(read?.value) ? read.value.map(flatCall) : [];
  const known = calls.filter((call) => call !== null);
  return read === null || known.length === 0 || known.length < calls.length
    ? null
    : { calls: known, end: read.end };
}

/** `[TOOL_CALLS][{"name", "arguments"}]`, `[TOOL_CALLS]name[ARGS]{…}` and `[TOOL_CALLS]name{…}`. */
export function readToolCallsList(s: Scanner, at: number): Block | null {
  if (!s.startsWith(TOOL_CALLS, at)) return null;
  const body = s.skipSpace(at + TOOL_CALLS.length);
  return readTaggedJson(s, body) ?? readNamed(s, body, [ARGS, '']);
}

/** `functools[{…}, …]`: Phi's. */
export function readFunctools(s: Scanner, at: number): Block | null {
  const opening = s.match(FUNCTOOLS, at);
  return opening === null ? null : readTaggedJson(s, at + opening[0].length);
}

/** `name[ARGS]{…}` after another call, or at the start if `[TOOL_CALLS]` was dropped. */
export function readNamedArguments(s: Scanner, at: number): Block | null {
  return readNamed(s, at, [ARGS]);
}

function readNamed(s: Scanner, at: number, separators: readonly string[]): Block | null {
  const name = s.match(NAME, at)?.[0];
  if (name === undefined) return null;
  const after = at + name.length + (s.match(CALL_ID, at + name.length)?.[0].length ?? 0);
  const separator = separators.find((one) => s.startsWith(one, after));
  return separator === undefined ? null : withArguments(s, name, after + separator.length);
}

/** `call:shell{command:<|"|>ls<|"|>}`. */
export function readGemmaCall(s: Scanner, at: number): Block | null {
  const match = s.match(GEMMA_CALL, at);
  return match === null ? null : withArguments(s, match[1] ?? '', at + match[0].length);
}

function withArguments(s: Scanner, name: string, at: number): Block | null {
  const start = s.skipSpace(at);
  if (s.text[start] !== '{') return null;
  const read = readJson(s, start);
  return read === null ? null : { calls: [{ name, arguments: read.value }], end: read.end };
}
