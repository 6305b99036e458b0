/**
 * Coerces an argument to what its schema declares where that is unambiguous, and otherwise says precisely what is
 * wrong.
 *
 * Coerces numbers and booleans in strings, lists in strings, one value for a list, the spelling of an enum, a string
 * for a plan step. What already fits is returned as it is; coercing twice changes nothing; recursion follows the
 * schema, not the value.
 */

import type { JsonObject } from '../../protocol.ts';
import type { ToolProperty } from '../chat.ts';
import { isObject, shownJson } from '../json-object.ts';
import { foldName } from './names.ts';
import { type Properties, renameParameters } from './parameter-aliases.ts';
import { commandLine } from './shell-command.ts';
import { parseTolerant } from './tolerant-json.ts';

interface Coerced {
  /** The coerced value, or the original one if it does not fit. */
  readonly value: unknown;
  /** What is wrong with it, for the model; empty if it fits. */
  readonly problems: readonly string[];
}

const INTEGER = /^\s{0,10}[+-]?\d{1,16}(?:\.0{1,16})?\s{0,10}$/;
const MAX_SHOWN = 40;
const MAX_GIVEN = 120;
const DEFAULT_STATUS = 'pending';
/** Member of an enum -> what other agents call it, in folded spelling. */
const MEMBER_ALIASES: { readonly [member: string]: readonly string[] } = {
  pending: ['todo', 'open', 'new', 'notstarted', 'planned', 'waiting', 'queued'],
  in_progress: ['active', 'doing', 'current', 'started', 'ongoing', 'working', 'running', 'wip'],
  completed: ['done', 'complete', 'finished', 'closed', 'success', 'succeeded'],
};

/** `where` names the value in errors, e.g. `plan[0].status`. */
function coerceValue(given: unknown, property: ToolProperty, where: string): Coerced {
  switch (property.type) {
    case 'string':
      return coerceString(given, property, where);
    case 'integer':
    case 'number':
      return coerceNumber(given, property.type, where);
    case 'boolean':
      return coerceBoolean(given, where);
    case 'array':
      return coerceArray(given, property, where);
    case 'object':
      return coerceObject(given, property, where);
    default:
      return property.type satisfies never;
  }
}

/**
 * All members of an object: renamed, coerced and checked; unknown ones and absent optional ones are dropped.
 * `prefix` precedes the members' names in errors: `plan[0].`, or nothing.
 */
export function coerceMembers(
  given: JsonObject,
  properties: Properties,
  required: readonly string[],
  prefix: string,
): { readonly members: JsonObject; readonly problems: readonly string[] } {
  const renamed = renameParameters(given, properties);
  const members: JsonObject = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(renamed)) {
    const property = properties[name];
    if (property === undefined || (!required.includes(name) && isAbsent(value, property))) continue;
    const coerced = coerceValue(
      name === 'command' || name === 'cmd' ? commandFor(value, property) : value,
      property,
      prefix + name,
    );
    members[name] = coerced.value;
    problems.push(...coerced.problems);
  }
  for (const name of required) {
    if (Object.hasOwn(members, name)) continue;
    const property = properties[name];
    const got = Object.keys(given).length === 0 ? 'none' : shownJson(given, MAX_GIVEN);
    const type = property === undefined ? '' : ` (${wanted(property)})`;
    problems.push(`missing required parameter \`${prefix}${name}\`${type}, got ${got}`);
  }
  return { members, problems };
}

function commandFor(value: unknown, property: ToolProperty): unknown {
  return property.type === 'string' ? commandLine(value) : value;
}

/** For an optional parameter, "null" means "not given"; so does "" unless it is a string. */
function isAbsent(value: unknown, property: ToolProperty): boolean {
  return value === 'null' || (value === '' && property.type !== 'string');
}

function coerceString(given: unknown, property: ToolProperty, where: string): Coerced {
  const value = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
  if (typeof value !== 'string') return misfit(given, property, where);
  if (property.enum === undefined || property.enum.includes(value)) return fits(value);
  const folded = foldName(value);
  const member = property.enum.find((one) => foldName(one) === folded || isAlias(folded, one));
  return member === undefined ? misfit(given, property, where) : fits(member);
}

function isAlias(folded: string, member: string): boolean {
  return Object.hasOwn(MEMBER_ALIASES, member) && (MEMBER_ALIASES[member] ?? []).includes(folded);
}

function coerceNumber(given: unknown, type: 'integer' | 'number', where: string): Coerced {
  const value = typeof given === 'string' ? numberInString(given, type) : given;
  const isFit = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isFit ? fits(value) : misfit(given, { type }, where);
}

function numberInString(text: string, type: 'integer' | 'number'): number | null {
  if (type === 'integer') return INTEGER.test(text) ? Number(text) : null;
  return text.trim() === '' || text.length > MAX_SHOWN ? null : Number(text);
}

function coerceBoolean(given: unknown, where: string): Coerced {
  const text = typeof given === 'string' && given.length < 10 ? given.trim().toLowerCase() : given;
  if (text === 'true') return fits(true);
  if (text === 'false') return fits(false);
  return typeof given === 'boolean' ? fits(given) : misfit(given, { type: 'boolean' }, where);
}

function coerceArray(given: unknown, property: ToolProperty, where: string): Coerced {
  const values = asList(given);
  if (values === null) return misfit(given, property, where);
  const { items } = property;
  if (items === undefined) return fits(values);
  const coerced = values.map((value, index) => coerceValue(value, items, `${where}[${index}]`));
  return { value: coerced.map((one) => one.value), problems: coerced.flatMap((one) => one.problems) };
}

/** The list that a value is, or that a string holds; a single value becomes a list. Null for a broken list. */
function asList(given: unknown): readonly unknown[] | null {
  if (Array.isArray(given)) return given;
  if (typeof given !== 'string') return [given];
  const parsed = parseTolerant(given)?.value;
  if (Array.isArray(parsed)) return parsed;
  if (isObject(parsed)) return [parsed];
  return given.trimStart().startsWith('[') ? null : [given];
}

function coerceObject(given: unknown, property: ToolProperty, where: string): Coerced {
  const parsed = typeof given === 'string' ? parseTolerant(given)?.value : given;
  const properties = property.properties;
  if (!isObject(parsed)) {
    const whole = typeof given === 'string' ? objectOfText(given, property) : null;
    return whole === null ? misfit(given, property, where) : fits(whole);
  }
  if (properties === undefined) return fits(parsed);
  const required = property.required ?? [];
  const { members, problems } = coerceMembers(
    withStatus(parsed, property),
    properties,
    required,
    `${where}.`,
  );
  return { value: members, problems };
}

/** A plan step given as its text: the first required text, and default statuses. */
function objectOfText(text: string, property: ToolProperty): JsonObject | null {
  const properties = property.properties ?? {};
  const name = (property.required ?? []).find((one) => isFreeText(properties[one]));
  if (name === undefined || text.trim() === '') return null;
  const whole = withStatus({ [name]: text }, property);
  return (property.required ?? []).every((one) => Object.hasOwn(whole, one)) ? whole : null;
}

/** A required status that is missing becomes `pending`, if there is such a status. */
function withStatus(given: JsonObject, property: ToolProperty): JsonObject {
  const folded = new Set(Object.keys(given).map(foldName));
  const whole = { ...given };
  for (const name of property.required ?? []) {
    const isStatus = property.properties?.[name]?.enum?.includes(DEFAULT_STATUS) ?? false;
    if (isStatus && !folded.has(foldName(name))) whole[name] = DEFAULT_STATUS;
  }
  return whole;
}

function isFreeText(property: ToolProperty | undefined): boolean {
  return property?.type === 'string' && property.enum === undefined;
}

function fits(value: unknown): Coerced {
  return { value, problems: [] };
}

function misfit(given: unknown, property: ToolProperty, where: string): Coerced {
  return { value: given, problems: [`\`${where}\` must be ${wanted(property)}, got ${shown(given)}`] };
}

function wanted(property: ToolProperty): string {
  if (property.enum !== undefined) return `one of ${property.enum.join(', ')}`;
  const article = /^[aeiou]/.test(property.type) ? 'an' : 'a';
  return `${article} ${property.type}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    return `the string ${JSON.stringify(text)}`;
  }
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return String(value);
}
