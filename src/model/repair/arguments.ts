/**
 * Turns what a model sent as arguments into what a tool declares, or into an error that teaches the model.
 *
 * Finds an object in whatever came: a string, a string in a string, a bare value. Never throws; coercing coerced
 * arguments changes nothing.
 * Does not: check what values mean (whether a path exists, whether a patch applies); the tools do.
 */

import type { JsonObject } from '../../protocol.ts';
import type { ToolSchema } from '../chat.ts';
import { shownJson } from '../json-object.ts';
import { MAX_UNWRAPS, objectIn } from './arguments-object.ts';
import { patchOfEdit } from './edit-calls.ts';
import { gathered, takesCall } from './inner-call.ts';
import { foldName } from './names.ts';
import { listedItem } from './positional.ts';
import { coerceMembers } from './values.ts';

export type CoercedArguments =
  | { readonly ok: true; readonly arguments: JsonObject }
  | { readonly ok: false; readonly error: string };

const MAX_PROBLEMS = 3;
const MAX_SHOWN = 120;
const TAIL = 40;
/** Keys around all arguments, in folded spelling. */
const WRAPPERS = ['arguments', 'args', 'parameters', 'params', 'kwargs', 'input', 'toolinput', 'value'];
/** The other keys of a call that was sent as its own arguments. */
const CALL_KEYS = ['name', 'tool', 'toolname', 'function', 'type', 'id'];

/**
 * The arguments for `schema`, canonical and valid; else an error for the model:
 * `failed to parse function arguments: …`, which names the parameter, what was expected and what came.
 *
 * @example coerceArguments('{"cmd": ["bash", "-lc", "ls"]}', shell) // {ok: true, arguments: {command: 'ls'}}
 */
export function coerceArguments(raw: unknown, schema: ToolSchema): CoercedArguments {
  const { arguments: args, problems } = repairArguments(raw, schema);
  if (problems.length === 0) return { ok: true, arguments: args };
  const { required } = schema.function.parameters;
  const shown = problems.slice(0, MAX_PROBLEMS).join('; ');
  const needs = required.length === 0 ? '' : ` Required: ${required.join(', ')}.`;
  return { ok: false, error: `failed to parse function arguments: ${shown}.${needs}` };
}

interface Repaired {
  /** Canonical; as they were written if anything is wrong with them, so that the model sees what it sent. */
  readonly arguments: JsonObject;
  readonly problems: readonly string[];
}

/** The arguments for `schema`, and what is wrong with them. Repairing repaired arguments changes nothing. */
export function repairArguments(raw: unknown, schema: ToolSchema, depth = 0): Repaired {
  const given = argumentsObject(raw, schema);
  if (given === null) return { arguments: asWritten(raw), problems: [unreadable(raw)] };
  const direct = coerceAll(given, schema);
  if (direct.problems.length === 0) return direct;
  const inner = depth < MAX_UNWRAPS ? innerArguments(given, schema) : undefined;
  if (inner === undefined) return { arguments: given, problems: direct.problems };
  const unwrapped = repairArguments(inner, schema, depth + 1);
  if (unwrapped.problems.length === 0) return unwrapped;
  const isReadable = argumentsObject(inner, schema) !== null;
  return { arguments: given, problems: isReadable ? direct.problems : unwrapped.problems };
}

function coerceAll(given: JsonObject, schema: ToolSchema): Repaired {
  const { properties, required } = schema.function.parameters;
  const patch = isPatchTool(schema) && typeof given.input !== 'string' ? patchOfEdit(given) : null;
  const call = takesCall(properties) ? gathered(given, properties) : given;
  const meant = patch === null ? listedItem(call, schema) : { input: patch };
  const { members, problems } = coerceMembers(meant, properties, required, '');
  return { arguments: members, problems };
}

/** What was sent, as an object: the server takes nothing else as the arguments of a call in the history. */
export function asWritten(raw: unknown): JsonObject {
  if (raw === undefined || raw === null || raw === '') return {};
  return objectIn(raw) ?? { arguments: raw };
}

/** The value under the one key that wraps all arguments, such as `{"arguments": {…}}` or a whole call. */
function innerArguments(given: JsonObject, schema: ToolSchema): unknown {
  const own = foldName(schema.function.name);
  const keys = Object.keys(given).filter((key) => !CALL_KEYS.includes(foldName(key)));
  const [key = ''] = keys;
  const folded = foldName(key);
  return keys.length === 1 && (WRAPPERS.includes(folded) || folded === own) ? given[key] : undefined;
}

function argumentsObject(raw: unknown, schema: ToolSchema): JsonObject | null {
  if (raw === undefined || raw === null || raw === '') return {};
  const object = objectIn(raw);
  if (object !== null) return object;
  const only = onlyRequired(schema);
  if (only === undefined) return null;
  const type = schema.function.parameters.properties[only]?.type;
  if (typeof raw === 'string') {
    // A bare value means the one required parameter, unless it is a broken object.
    return /^\s*\{\s*["'}]/.test(raw) || (type !== 'string' && type !== 'array') ? null : { [only]: raw };
  }
  return Array.isArray(raw) && (type === 'array' || only === 'command' || only === 'cmd')
    ? { [only]: raw }
    : null;
}

function onlyRequired(schema: ToolSchema): string | undefined {
  const { required } = schema.function.parameters;
  return required.length === 1 ? required[0] : undefined;
}

function isPatchTool(schema: ToolSchema): boolean {
  return (
    schema.function.name === 'apply_patch' && Object.hasOwn(schema.function.parameters.properties, 'input')
  );
}

function unreadable(raw: unknown): string {
  if (typeof raw !== 'string') return `expected a JSON object of arguments, got ${shownJson(raw, MAX_SHOWN)}`;
  const text = raw.trim();
  if (isCutOff(text)) {
    const end = text.slice(-TAIL);
    return `the JSON is cut off, it ends with ${JSON.stringify(end)}: send the whole call again`;
  }
  return `expected a JSON object of arguments, got ${shownJson(raw, MAX_SHOWN)}`;
}

/** Whether a text that begins like JSON ends before its brackets and strings are closed. */
function isCutOff(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isString && char === '\\') at += 1;
    else if (char === '"') isString = !isString;
    else if (!isString && (char === '{' || char === '[')) depth += 1;
    else if (!isString && (char === '}' || char === ']')) depth -= 1;
  }
  return isString || depth > 0;
}
