/**
 * The shapes of JSON that are calls, such as {"name", "arguments"}.
 *
 * An object with keys that no call has is data. So is a tool's own schema, echoed by the model.
 */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Scanner } from '../repair/scanner.ts';
import { parseTolerant } from '../repair/tolerant-json.ts';

/** A call as the model wrote it: the name unresolved, the arguments of any shape. */
export interface LeakedCall {
  readonly name: string;
  readonly arguments: unknown;
  /** Of a call that is written as a program's own: its values without a name, which come before the arguments. */
  readonly positional?: readonly unknown[];
}

/** Adjacent calls in a text, and the position after them. */
export interface Block {
  readonly calls: readonly LeakedCall[];
  readonly end: number;
}

/** Reads the block that begins at `at`; null if there is none in this syntax. */
export type BlockReader = (scanner: Scanner, at: number) => Block | null;

/** `tagged`: a tag around the JSON already says that it is a call, so its arguments may be left out. */
export type Evidence = 'tagged' | 'bare';

/** Keys in snake case; other spellings are read as it. */
const NAME_KEYS = ['name', 'tool', 'tool_name', 'function', 'function_name', 'recipient_name', 'action'];
const ARGUMENT_KEYS = [
  ...['arguments', 'parameters', 'args', 'params', 'kwargs', 'input'],
  ...['tool_input', 'tool_args', 'tool_parameters', 'action_input'],
];
const OTHER_KEYS = ['type', 'id', 'index', 'call_id', 'tool_call_id'];
const CALL_KEYS = new Set([...NAME_KEYS, ...ARGUMENT_KEYS, ...OTHER_KEYS]);

/** A message of an API, with its calls as a list or as one. */
const LIST_KEYS = ['tool_calls', 'tool_uses', 'function_calls'];
const ONE_KEYS = ['tool_call', 'function_call'];

/** The calls in a JSON value, an object or a list of objects in a known shape; null for anything else. */
export function callsOfJson(value: unknown, evidence: Evidence): readonly LeakedCall[] | null {
  const held = isObject(value) ? heldIn(snakeCased(value)) : value;
  const values = Array.isArray(held) ? held : [held];
  const calls: LeakedCall[] = [];
  for (const one of values) {
    const call = callOfObject(one, evidence);
    if (call === null) return null;
    calls.push(call);
  }
  return calls.length === 0 ? null : calls;
}

/** `toolCalls`: `tool_calls`. */
function snakeCased(value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([key, member]) => [
    key.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    member,
  ]);
  return Object.fromEntries(entries);
}

/** Beside the calls a message has only texts: its role, what the model thinks. */
function heldIn(value: JsonObject): unknown {
  const held = [...LIST_KEYS, ...ONE_KEYS].filter((key) => Array.isArray(value[key]) || isObject(value[key]));
  const [key = ''] = held;
  const isMessage = Object.entries(value).every(
    ([name, member]) => name === key || member === null || typeof member === 'string',
  );
  return held.length === 1 && isMessage ? value[key] : value;
}

function callOfObject(given: unknown, evidence: Evidence): LeakedCall | null {
  const value = isObject(given) ? snakeCased(given) : {};
  if (!Object.keys(value).every((key) => CALL_KEYS.has(key)))
    return evidence === 'tagged' && isObject(given) && !isDescribed(value) ? flatCall(given) : null;
  // {"function": {"name", "arguments"}}, with or without {"type": "function", "id"}.
  if (isObject(value.function)) {
    const hasOwnArguments = ARGUMENT_KEYS.some((key) => Object.hasOwn(value, key));
    return hasOwnArguments || Object.hasOwn(value, 'name') ? null : callOfObject(value.function, evidence);
  }
  const name = NAME_KEYS.map((key) => value[key]).find((one) => typeof one === 'string' && one !== '');
  if (typeof name !== 'string') return null;
  const key = ARGUMENT_KEYS.find((one) => Object.hasOwn(value, one));
  // Other data has an `action` too.
  if (Object.hasOwn(value, 'action') && key !== 'action_input') return null;
  if (key === undefined) return evidence === 'tagged' ? { name, arguments: {} } : null;
  return isArguments(value[key], evidence) ? { name, arguments: value[key] } : null;
}

/** `{"tool": "shell", "command": "ls"}` and `{"shell": {"command": "ls"}}`: what the keys mean, only the tool knows. */
export function flatCall(value: unknown): LeakedCall | null {
  if (!isObject(value)) return null;
  const [only = '', ...others] = Object.keys(value);
  const inner = value[only];
  if (others.length === 0) return isObject(inner) ? { name: only, arguments: inner } : null;
  const key = NAME_KEYS.find((one) => typeof value[one] === 'string');
  const name = key === undefined ? undefined : value[key];
  if (key === undefined || typeof name !== 'string') return null;
  const args = Object.entries(value).filter(([other, one]) => other !== key && !isKind(other, one));
  return { name, arguments: Object.fromEntries(args) };
}

const isKind = (key: string, value: unknown): boolean => key === 'type' && value === 'function';

function isArguments(value: unknown, evidence: Evidence): boolean {
  if (isObject(value)) return !isSchema(value);
  if (evidence === 'tagged') return true;
  return typeof value === 'string' && isObject(parseTolerant(value)?.value);
}

/** It is the tool itself, as it was declared. */
function isDescribed(value: JsonObject): boolean {
  return (
    Object.hasOwn(value, 'description') || Object.values(value).some((one) => isObject(one) && isSchema(one))
  );
}

function isSchema(value: JsonObject): boolean {
  return value.type === 'object' && isObject(value.properties);
}
