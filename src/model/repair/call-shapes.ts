/**
 * The shapes of JSON that are calls, such as {"name", "arguments"}.
 *
 * An object with keys that no call has is data. So is a tool's own schema, echoed by the model.
 */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import type { Scanner } from './scanner.ts';
import { parseTolerant } from './tolerant-json.ts';

/** A call as the model wrote it: the name unresolved, the arguments of any shape. */
export interface LeakedCall {
  readonly name: string;
  readonly arguments: unknown;
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

const NAME_KEYS = ['name', 'tool', 'tool_name', 'function'];
const ARGUMENT_KEYS = ['arguments', 'parameters', 'args', 'input'];
const OTHER_KEYS = ['type', 'id', 'index', 'call_id', 'tool_call_id'];
const CALL_KEYS = new Set([...NAME_KEYS, ...ARGUMENT_KEYS, ...OTHER_KEYS]);

/** The calls in a JSON value, an object or a list of objects in a known shape; null for anything else. */
export function callsOfJson(value: unknown, evidence: Evidence): readonly LeakedCall[] | null {
  const values = Array.isArray(value) ? value : [value];
  const calls: LeakedCall[] = [];
  for (const one of values) {
    const call = callOfObject(one, evidence);
    if (call === null) return null;
    calls.push(call);
  }
  return calls.length === 0 ? null : calls;
}

function callOfObject(value: unknown, evidence: Evidence): LeakedCall | null {
  if (!isObject(value) || !Object.keys(value).every((key) => CALL_KEYS.has(key))) return null;
  // {"function": {"name", "arguments"}}, with or without {"type": "function", "id"}.
  if (isObject(value.function)) {
    const hasOwnArguments = ARGUMENT_KEYS.some((key) => Object.hasOwn(value, key));
    return hasOwnArguments || Object.hasOwn(value, 'name') ? null : callOfObject(value.function, evidence);
  }
  const name = NAME_KEYS.map((key) => value[key]).find((one) => typeof one === 'string' && one !== '');
  if (typeof name !== 'string') return null;
  const key = ARGUMENT_KEYS.find((one) => Object.hasOwn(value, one));
  if (key === undefined) return evidence === 'tagged' ? { name, arguments: {} } : null;
  return isArguments(value[key], evidence) ? { name, arguments: value[key] } : null;
}

function isArguments(value: unknown, evidence: Evidence): boolean {
  if (isObject(value)) return !isSchema(value);
  if (evidence === 'tagged') return true;
  return typeof value === 'string' && isObject(parseTolerant(value)?.value);
}

function isSchema(value: JsonObject): boolean {
  return value.type === 'object' && isObject(value.properties);
}
