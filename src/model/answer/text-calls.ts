/**
 * Calls that are written as other text: ReAct's lines, a tag for each tool as Cline has them, and a patch without a call.
 * They look like text that is no call, so their arguments must fit the tool.
 */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import { type Block, callsOfJson } from './call-shapes.ts';
import { readTaggedJson } from './json-calls.ts';
import { readPythonCall } from './pythonic.ts';

const ACTION =
  /(?:\*{0,2}Action:\*{0,2}[ \t]{0,8}[`"[]?|✿FUNCTION✿:[ \t]{0,8})([\w.-]{1,100})[`"\]]?[ \t]{0,8}\r?\n\s{0,8}(?:\*{0,2}Action Input:\*{0,2}|✿ARGS✿:)[ \t]{0,8}/y;
/** What follows is the call itself. */
const ACTION_ONLY = /\*{0,2}Action:\*{0,2}\s{0,8}(?:```(?:json)?\s{1,8})?/y;
const FENCE = /```(?:json)?\s{1,8}(?=\{)/y;
const FENCE_END = /\s{0,8}```/y;
const OBSERVATION = /\s{0,100}(?:Observation:|✿RESULT✿)/y;

/** `Action: shell` and `Action Input: {…}`, or the one argument as it is. A result that the model made up is dropped. */
export function readAction(s: Scanner, at: number): Block | null {
  const opening = s.match(ACTION, at);
  if (opening === null) return readActionOnly(s, at);
  const label = at + opening[0].length;
  const start = label + (s.match(FENCE, label)?.[0].length ?? 0);
  const observation = s.findFirst(['\nObservation:', '\n✿RESULT✿'], start);
  const stop = observation === -1 ? s.text.length : observation;
  const read = s.text[start] === '{' ? readJson(s, start) : null;
  const name = opening[1] ?? '';
  if (read === null) {
    const input = s.text.slice(start, stop).trim();
    return /^[{[]/.test(input) || input === ''
      ? null
      : { calls: [{ name, arguments: input }], end: s.text.length };
  }
  return { calls: [{ name, arguments: read.value }], end: afterAction(s, read.end) };
}

/** `Action:` and a call, as JSON, perhaps in a fence, or as Python. */
function readActionOnly(s: Scanner, at: number): Block | null {
  const opening = s.match(ACTION_ONLY, at);
  if (opening === null) return null;
  const start = at + opening[0].length;
  const block = readTaggedJson(s, start) ?? readPythonCall(s, start);
  return block === null ? null : { calls: block.calls, end: afterAction(s, block.end) };
}

/** The end of a fence, and a result that the model made up. */
function afterAction(s: Scanner, at: number): number {
  const end = at + (s.match(FENCE_END, at)?.[0].length ?? 0);
  return s.match(OBSERVATION, end) === null ? end : s.text.length;
}

const TAG = /<([A-Za-z][\w-]{1,60})>/y;
const CLOSING = /<\/[\w-]{1,60}>/y;
/** A call has few arguments. */
const MOST_ARGUMENTS = 12;

/** `<shell>\n<command>ls</command>\n</shell>`, or with JSON inside. */
export function readToolTag(s: Scanner, at: number): Block | null {
  const opening = s.match(TAG, at);
  if (opening === null) return null;
  const name = opening[1] ?? '';
  const start = s.skipSpace(at + opening[0].length);
  const inner = s.text[start] === '{' ? readInnerJson(s, name, start) : readArguments(s, name, start);
  if (inner === null) return null;
  const pos = s.skipSpace(inner.end);
  const closing = s.match(CLOSING, pos);
  if (closing === null && pos < s.text.length) return null;
  return { calls: inner.calls, end: pos + (closing?.[0].length ?? 0) };
}

function readInnerJson(s: Scanner, name: string, at: number): Block | null {
  const read = readJson(s, at);
  if (read === null || !isObject(read.value)) return null;
  const calls = callsOfJson(read.value, 'bare') ?? [{ name, arguments: read.value }];
  return { calls, end: read.end };
}

/** A tag for each argument. */
export function readArguments(s: Scanner, name: string, at: number): Block | null {
  const args: JsonObject = {};
  let pos = at;
  for (let count = 0; count < MOST_ARGUMENTS; count += 1) {
    const argument = readArgument(s, pos);
    if (argument === null) break;
    args[argument.key] = argument.value;
    pos = s.skipSpace(argument.end);
  }
  return Object.keys(args).length === 0 ? null : { calls: [{ name, arguments: args }], end: pos };
}

function readArgument(s: Scanner, at: number): { key: string; value: string; end: number } | null {
  const opening = s.match(TAG, at);
  const key = opening?.[1];
  if (opening === null || key === undefined) return null;
  const start = at + opening[0].length;
  const close = `</${key}>`;
  let end = s.find(close, start);
  // The value may hold the same tag, but then something other than a tag follows.
  while (end !== -1 && !isTagNext(s, end + close.length)) end = s.find(close, end + 1);
  if (end === -1 || !s.spend(end - start)) return null;
  const value = s.text
    .slice(start, end)
    .replace(/^\r?\n/, '')
    .replace(/\r?\n$/, '');
  return { key, value, end: end + close.length };
}

function isTagNext(s: Scanner, at: number): boolean {
  const next = s.text[s.skipSpace(at)];
  return !s.atLimit && (next === undefined || next === '<');
}

const NAME_TAG = /<(name|tool_name|function_name|function|tool)>\s{0,8}([\w.:-]{1,100})\s{0,8}<\/\1>\s{0,8}/y;
const ARGUMENTS_TAG = /<(arguments|parameters|args|params|input)>\s{0,8}/y;

/** `<name>shell</name><arguments>{…}</arguments>`, or with a tag for each argument. */
export function readNameTags(s: Scanner, at: number): Block | null {
  const naming = s.match(NAME_TAG, at);
  const name = naming?.[2];
  if (naming === null || name === undefined) return null;
  const from = at + naming[0].length;
  const opening = s.match(ARGUMENTS_TAG, from);
  if (opening === null) return null;
  const start = from + opening[0].length;
  const json = s.text[start] === '{' ? readJson(s, start) : null;
  const inner =
    json === null
      ? readArguments(s, name, start)
      : { calls: [{ name, arguments: json.value }], end: json.end };
  if (inner === null) return null;
  const pos = s.skipSpace(inner.end);
  return { calls: inner.calls, end: pos + (s.match(CLOSING, pos)?.[0].length ?? 0) };
}

const HEREDOC = /apply_patch\s{1,4}<<-?\s{0,2}(["']?)(\w{1,20})\1[ \t]{0,4}\n/y;
const PATCH_BEGIN = '*** Begin Patch';
const PATCH_END = '\n*** End Patch';

/** A patch in the format of `apply_patch`. */
export function readPatch(s: Scanner, at: number): Block | null {
  const heredoc = s.match(HEREDOC, at);
  const start = at + (heredoc?.[0].length ?? 0);
  if (!s.startsWith(PATCH_BEGIN, start)) return null;
  const end = s.find(PATCH_END, start);
  if (end === -1) return null;
  const after = end + PATCH_END.length;
  const word = heredoc === null ? '' : `\n${heredoc[2]}`;
  return {
    calls: [{ name: 'apply_patch', arguments: { input: s.text.slice(start, after) } }],
    end: s.startsWith(word, after) ? after + word.length : after,
  };
}
