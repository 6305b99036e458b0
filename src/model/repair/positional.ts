/**
 * Values without a name, as in `read_file("a.ts", 5)`: they mean the parameters in the order of the schema, and must be of their types.
 */
import type { JsonObject } from '../../protocol.ts';
import type { ToolProperty, ToolSchema } from '../chat.ts';
import { isObject } from '../json-object.ts';
import { ownTool } from './names.ts';

interface WrittenCall {
  readonly name: string;
  readonly arguments: unknown;
  readonly positional?: readonly unknown[];
}

/** The call with all its values named; null if it cannot be told what they mean. */
export function withNames<T extends WrittenCall>(
  call: T,
  tools: readonly ToolSchema[],
): { readonly name: string; readonly arguments: unknown } | null {
  const { name, arguments: args, positional } = call;
  if (positional === undefined || positional.length === 0) return call;
  const schema = ownTool(name, tools);
  if (schema === undefined || !isObject(args)) return null;
  const named = namedValues(positional, args, schema);
  return named === null ? null : { name, arguments: named };
}

function namedValues(values: readonly unknown[], given: JsonObject, schema: ToolSchema): JsonObject | null {
  const { properties } = schema.function.parameters;
  const [only] = values;
  // `exec_command({"cmd": "ls"})`: all arguments in one.
  if (values.length === 1 && Object.keys(given).length === 0 && isObject(only) && areKeys(only, properties))
    return only;
  return inOrder(values, given, properties) ?? inOrder(values, given, itemOf(schema) ?? {});
}

function inOrder(values: readonly unknown[], given: JsonObject, properties: Properties): JsonObject | null {
  const named = new Map(Object.entries(given));
  const parameters = Object.entries(properties);
  for (const [at, value] of values.entries()) {
    const [name, property] = parameters[at] ?? [];
    if (name === undefined || property === undefined || named.has(name) || !isOfType(value, property))
      return null;
    named.set(name, value);
  }
  return Object.fromEntries(named);
}

type Properties = { readonly [name: string]: ToolProperty };

/** What the list has that is all that a tool needs: `ask_user("Which?", ["a", "b"])` asks one question. */
function itemOf({ function: { parameters } }: ToolSchema): Properties | undefined {
  const [name = '', ...others] = parameters.required;
  return others.length === 0 ? parameters.properties[name]?.items?.properties : undefined;
}

/** The one item of the list that a tool needs, if that is what was given instead of the list. */
export function listedItem(given: JsonObject, schema: ToolSchema): JsonObject {
  const item = itemOf(schema);
  const { properties, required } = schema.function.parameters;
  const isItem =
    item !== undefined &&
    Object.keys(given).length > 0 &&
    areKeys(given, item) &&
    !Object.keys(given).some((key) => Object.hasOwn(properties, key));
  return isItem ? { [required[0] ?? '']: [given] } : given;
}

const areKeys = (value: JsonObject, properties: Properties): boolean =>
  Object.keys(value).every((key) => Object.hasOwn(properties, key));

/** A list may be given as its only item. */
function isOfType(value: unknown, { type, items }: ToolProperty): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return (
        Array.isArray(value) || (items?.type === 'object' && (typeof value === 'string' || isObject(value)))
      );
    case 'object':
      return isObject(value);
    default:
      return type satisfies never;
  }
}
