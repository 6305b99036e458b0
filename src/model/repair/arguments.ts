/**
 * Turns what a model sent as arguments into what a tool declares, or into an error that teaches the model.
 *
 * Finds an object in whatever came: a string, a string in a string, a bare value. Never throws; coercing coerced
 * arguments changes nothing.
 * Does not: check what values mean (whether a path exists, whether a patch applies); the tools do.
 */

import type { JsonObject } from '../../protocol.ts';
import type { ToolSchema } from '../chat.ts';
import { isObject } from '../json-object.ts';
import { patchOfEdit } from './edit-calls.ts';
import { parseTolerant } from './tolerant-json.ts';
import { coerceMembers } from './values.ts';

export type CoercedArguments =
  | { readonly ok: true; readonly arguments: JsonObject }
  | { readonly ok: false; readonly error: string };

/** Strings in strings in strings: no model nests them deeper by mistake. */
const MAX_UNWRAPS = 4;
const MAX_PROBLEMS = 3;
const MAX_STRING = 40;

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

/** The arguments as far as they can be repaired, and what is still wrong with them. */
export function repairArguments(
  raw: unknown,
  schema: ToolSchema,
): { readonly arguments: JsonObject; readonly problems: readonly string[] } {
  const { properties, required } = schema.function.parameters;
  const given = argumentsObject(raw, schema);
  if (given === null)
    return { arguments: {}, problems: [`expected a JSON object of arguments, got ${shown(raw)}`] };
  const patch = isPatchTool(schema) && typeof given.input !== 'string' ? patchOfEdit(given) : null;
  const meant = patch === null ? given : { input: patch };
  const { members, problems } = coerceMembers(meant, properties, required, '');
  return { arguments: members, problems };
}

/** The object that `raw` is or is written in, without regard to a schema; null if there is none. */
export function objectIn(raw: unknown): JsonObject | null {
  let value = raw;
  for (let unwraps = 0; typeof value === 'string' && unwraps < MAX_UNWRAPS; unwraps++) {
    value = parseTolerant(value)?.value;
  }
  return isObject(value) ? value : null;
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

function shown(raw: unknown): string {
  if (typeof raw === 'string')
    return JSON.stringify(raw.length > MAX_STRING ? `${raw.slice(0, MAX_STRING)}…` : raw);
  return Array.isArray(raw) ? 'an array' : `a ${typeof raw}`;
}
