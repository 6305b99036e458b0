/**
 * Leaked calls whose parameters are tags: `<function=name><parameter=key>…` (Qwen3-Coder and similar models),
 * `<invoke name="name"><parameter name="key">…` (Claude, MiniMax, DeepSeek), and `name<arg_key>…<arg_value>…` (GLM).
 *
 * Values stay strings; the schema decides later what they are. A value without a closing tag ends with the text;
 * texts that were cut do not come here.
 */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import type { Block } from './call-shapes.ts';
import { readArguments } from './text-calls.ts';

/** Of namespaces: `<｜DSML｜invoke …>`. */
const PREFIX = String.raw`(?:｜DSML｜|\|DSML\||[a-z]{2,10}:)?`;
const FUNCTION = new RegExp(
  String.raw`<${PREFIX}(?:function=\s{0,4}|(?:invoke|function)\s{1,4}name=\s{0,4})["']?([\w.:/-]{1,100})["']?\s{0,4}>`,
  'y',
);
const PARAMETER = new RegExp(
  String.raw`<${PREFIX}parameter(?:=\s{0,4}|\s{1,4}name=\s{0,4})["']?([\w.-]{1,100})["']?(?:\s{1,4}\w{1,20}="\w{1,20}")?\s{0,4}>`,
  'y',
);
const PARAMETER_CLOSE = '</parameter>';
const FUNCTION_CLOSE = new RegExp(`</${PREFIX}(?:function|invoke)>`, 'y');
/** What ends a parameter without a closing tag of its own. */
const PARAMETER_STOPS = [
  PARAMETER_CLOSE,
  '<parameter',
  '</function',
  '</invoke>',
  '</tool_call>',
  '<function=',
  '<invoke ',
  '<tool_call>',
];

/** `<function=shell><parameter=command>ls</parameter></function>`, closing tags present or not. */
export function readFunctionTag(s: Scanner, at: number): Block | null {
  const opening = s.match(FUNCTION, at);
  if (opening === null) return null;
  const name = opening[1] ?? '';
  const dialect = dialectOf(opening[0]);
  let pos = s.skipSpace(at + opening[0].length);
  if (s.text[pos] === '{') return readFunctionJson(s, name, pos);
  const args: JsonObject = {};
  for (;;) {
    const parameter = readParameter(s, pos, dialect);
    if (parameter === null) break;
    args[parameter.key] = parameter.value;
    pos = s.skipSpace(parameter.end);
  }
  const close = s.match(FUNCTION_CLOSE, pos);
  const plain = Object.keys(args).length === 0 ? readArguments(s, name, pos) : null;
  if (plain !== null) {
    const after = s.skipSpace(plain.end);
    return { calls: plain.calls, end: after + (s.match(FUNCTION_CLOSE, after)?.[0].length ?? 0) };
  }
  if (close === null && Object.keys(args).length === 0) return null;
  return { calls: [{ name, arguments: args }], end: pos + (close?.[0].length ?? 0) };
}

/** How the parameters of a function are closed and opened, in the namespace of its tag. */
interface Dialect {
  readonly close: string;
  readonly next: string;
  readonly stops: readonly string[];
}

function dialectOf(opening: string): Dialect {
  const prefix = /^<(.*?)(?:function|invoke)/.exec(opening)?.[1] ?? '';
  const close = `</${prefix}parameter>`;
  const stops =
    prefix === '' ? PARAMETER_STOPS : PARAMETER_STOPS.map((stop) => stop.replace(/^<(\/?)/, `<$1${prefix}`));
  return { close, next: `\n<${prefix}parameter`, stops };
}

/** Llama writes JSON between the same tags: `<function=shell>{"command": "ls"}</function>`. */
function readFunctionJson(s: Scanner, name: string, at: number): Block | null {
  const read = readJson(s, at);
  return read !== null && isObject(read.value)
    ? { calls: [{ name, arguments: read.value }], end: read.end }
    : null;
}

function readParameter(
  s: Scanner,
  at: number,
  dialect: Dialect,
): { key: string; value: string; end: number } | null {
  const opening = s.match(PARAMETER, at);
  if (opening === null) return null;
  const start = at + opening[0].length;
  const close = s.find(dialect.close, start);
  // A value may quote these tags, but in the format each parameter begins on a line of its own.
  const next = s.find(dialect.next, start);
  const isOwnClose = close !== -1 && (next === -1 || close < next);
  const stop = isOwnClose ? close : s.findFirst(dialect.stops, start);
  const end = stop === -1 ? s.text.length : stop;
  const value = withoutOuterBreaks(s.text.slice(start, end));
  return { key: opening[1] ?? '', value, end: isOwnClose ? end + dialect.close.length : end };
}

/** The format puts one line break before and one after a value; they are not part of it. */
function withoutOuterBreaks(value: string): string {
  return value.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
}

const GLM_NAME = /[\w.-]{1,100}/y;
const KEY_OPEN = '<arg_key>';
const KEY_CLOSE = '</arg_key>';
const VALUE_OPEN = '<arg_value>';
const VALUE_CLOSE = '</arg_value>';
const VALUE_STOPS = [VALUE_CLOSE, KEY_OPEN, '</tool_call>', '<tool_call>'];

/** `shell\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>`: what GLM writes inside `<tool_call>`. */
export function readArgumentTags(s: Scanner, at: number): Block | null {
  const name = s.match(GLM_NAME, at)?.[0];
  if (name === undefined) return null;
  const args: JsonObject = {};
  let end = at + name.length;
  for (;;) {
    const pair = readArgumentPair(s, s.skipSpace(end));
    if (pair === null) break;
    args[pair.key] = pair.value;
    end = pair.end;
  }
  return Object.keys(args).length === 0 ? null : { calls: [{ name, arguments: args }], end };
}

function readArgumentPair(s: Scanner, at: number): { key: string; value: string; end: number } | null {
  if (!s.startsWith(KEY_OPEN, at)) return null;
  const keyEnd = s.find(KEY_CLOSE, at);
  if (keyEnd === -1) return null;
  const valueAt = s.skipSpace(keyEnd + KEY_CLOSE.length);
  if (!s.startsWith(VALUE_OPEN, valueAt)) return null;
  const start = valueAt + VALUE_OPEN.length;
  const stop = s.findFirst(VALUE_STOPS, start);
  const valueEnd = stop === -1 ? s.text.length : stop;
  const end = s.startsWith(VALUE_CLOSE, valueEnd) ? valueEnd + VALUE_CLOSE.length : valueEnd;
  const key = s.text.slice(at + KEY_OPEN.length, keyEnd).trim();
  return { key, value: s.text.slice(start, valueEnd), end };
}
