/**
 * A call within a call: a tool that takes the name of another one and, in one object, its arguments. Models put these beside
 * the name, call the object something else, and write both names in one.
 */
import type { JsonObject } from '../../protocol.ts';
import type { ToolProperty } from '../chat.ts';
import { objectIn } from './arguments-object.ts';
import { foldName } from './names.ts';

type Properties = { readonly [name: string]: ToolProperty };

const INNER = 'arguments';
const INNER_NAMES = ['args', 'params', 'parameters', 'input', 'toolinput', 'kwargs', 'toolarguments'];
/** Parameter -> what else it is called, in folded spelling. */
const NAMES: { readonly [parameter: string]: readonly string[] } = {
  tool: ['toolname', 'name', 'function'],
  server: ['servername', 'mcpserver'],
};

/** Whether a tool takes the arguments of another one, whatever they are. */
export function takesCall(properties: Properties): boolean {
  const inner = properties[INNER];
  return inner?.type === 'object' && inner.properties === undefined && properties.tool !== undefined;
}

/** What was written beside the arguments of the inner call becomes part of them. */
export function gathered(given: JsonObject, properties: Properties): JsonObject {
  const own: JsonObject = {};
  const beside: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    const name = Object.hasOwn(properties, key) ? key : meantBy(key, given, properties);
    if (name === undefined) beside[key] = value;
    else own[name] = value;
  }
  const inner = Object.hasOwn(own, INNER) ? own[INNER] : {};
  // What cannot be read is for the check to refuse.
  const read = inner === null || inner === '' ? {} : objectIn(inner);
  return read === null ? own : { ...own, [INNER]: { ...beside, ...read } };
}

function meantBy(key: string, given: JsonObject, properties: Properties): string | undefined {
  const folded = foldName(key);
  const isFree = (name: string): boolean => Object.hasOwn(properties, name) && !Object.hasOwn(given, name);
  if (isFree(INNER) && INNER_NAMES.includes(folded) && objectIn(given[key]) !== null) return INNER;
  return Object.keys(NAMES).find(
    (name) => isFree(name) && typeof given[key] === 'string' && NAMES[name]?.includes(folded),
  );
}
