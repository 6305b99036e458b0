/**
 * An answer that cannot be malformed: the JSON schema of a call or an answer, and reading what a model wrote within
 * it.
 *
 * Ollama passes a schema to llama-server with its properties sorted by name, and the model writes them in that
 * order: `act` must come before `args` and `text`. Every string has a length limit that llama-server accepts, except
 * for whole texts, where a cut would be worse than a long answer.
 */
import type { JsonObject } from '../protocol.ts';
import type { ToolProperty, ToolSchema } from './chat.ts';
import { isObject, parseJson } from './json-object.ts';

export type ConstrainedAnswer =
  | { readonly type: 'call'; readonly name: string; readonly arguments: JsonObject }
  | { readonly type: 'answer'; readonly text: string };

const ANSWER = 'answer';

/** llama-server rejects repetitions above 2,000. */
const MAX_CHARS = 1900;
const MAX_ITEMS = 40;
/** A patch, or the text of a file. */
const WHOLE_TEXTS = new Set(['input', 'content', 'text', 'old_string', 'new_string']);

/** What the model may write: one call of one of the tools, or the answer. */
export function callSchema(tools: readonly ToolSchema[]): JsonObject {
  const answer = { act: { const: ANSWER }, text: { type: 'string', minLength: 1, maxLength: MAX_CHARS } };
  return { anyOf: [...tools.map(callOf), closedObject(answer, ['act', 'text'])] };
}

/** Undefined if the text does not fit the schema: the server ignores it, or the end is missing. */
export function readConstrained(text: string, tools: readonly ToolSchema[]): ConstrainedAnswer | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { act } = value;
  if (act === ANSWER) {
    return typeof value.text === 'string' && value.text.trim() !== ''
      ? { type: 'answer', text: value.text }
      : undefined;
  }
  const isTool = tools.some((tool) => tool.function.name === act);
  return isTool && isObject(value.args)
    ? { type: 'call', name: String(act), arguments: value.args }
    : undefined;
}

function callOf({ function: { name, parameters } }: ToolSchema): JsonObject {
  const args = closedObject(mapped(parameters.properties), parameters.required);
  return closedObject({ act: { const: name }, args }, ['act', 'args']);
}

function mapped(properties: { readonly [name: string]: ToolProperty }): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, bounded(property, name)]),
  );
}

function bounded({ type, enum: values, items, properties, required }: ToolProperty, name = ''): JsonObject {
  switch (type) {
    case 'string':
      if (values !== undefined) return { enum: values };
      return WHOLE_TEXTS.has(name) ? { type } : { type, maxLength: MAX_CHARS };
    case 'array':
      return { type, minItems: 1, maxItems: MAX_ITEMS, ...(items && { items: bounded(items) }) };
    case 'object':
      return properties === undefined ? { type } : closedObject(mapped(properties), required ?? []);
    case 'integer':
    case 'number':
    case 'boolean':
      return { type };
    default:
      return type satisfies never;
  }
}

/** The schema of an object with only these properties. @param required by default, all of them. */
export function closedObject(
  properties: JsonObject,
  required: readonly string[] = Object.keys(properties),
): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}
