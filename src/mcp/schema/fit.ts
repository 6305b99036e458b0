/**
 * Makes what a model wrote fit the schema of a server's tool, where that is unambiguous, and otherwise says precisely what
 * is wrong with it.
 *
 * Turned into what the schema asks for: numbers, switches, lists and objects in strings, one value for a list, other
 * spellings of a name, all arguments in one more object. What fits already is returned as it is. The work is bounded by
 * the value, and by a number of steps where a schema refers to itself; what is not looked at, the server judges.
 */
import { isObject } from '../../model/json-object.ts';
import { isTooDeep } from '../../model/nesting.ts';
import { objectIn } from '../../model/repair/arguments-object.ts';
import { foldName } from '../../model/repair/names.ts';
import { parseTolerant } from '../../model/repair/tolerant-json.ts';
import type { JsonObject } from '../../protocol.ts';
import {
  choicesOf,
  mergedOf,
  propertiesOf,
  requiredOf,
  schemaOf,
  typesOf,
  variantsOf,
} from './json-schema.ts';
import { cut, typeText } from './signature.ts';

const MOST_STEPS = 20_000;
/** A schema may refer to itself without going further into the value. */
const MOST_LEVELS = 200;
const MOST_PROBLEMS = 3;
const MOST_SHOWN = 40;
/** Of all problems together. */
const MOST_CHARACTERS = 600;
/** Around all arguments, in folded spelling. */
const WRAPPERS = ['arguments', 'args', 'parameters', 'params', 'kwargs', 'input', 'toolinput'];

interface Fitted {
  readonly value: unknown;
  /** For the model; empty if it fits. */
  readonly problems: readonly string[];
}

export type FittedArguments =
  | { readonly ok: true; readonly arguments: JsonObject }
  /** `problem`: names the parameters, what was expected and what came. */
  | { readonly ok: false; readonly problem: string };

/** @param schema of the tool, as the server sent it. */
export function fitArguments(given: JsonObject, schema: JsonObject): FittedArguments {
  if (isTooDeep(given)) return { ok: false, problem: 'the arguments are nested too deeply' };
  const direct = new Fitter(schema).fitted(given, schema, '');
  // What is to be no object at all is the server's to judge.
  if (direct.problems.length === 0)
    return { ok: true, arguments: isObject(direct.value) ? direct.value : given };
  const [key = ''] = Object.keys(given);
  const inner = Object.keys(given).length === 1 && isWrapper(key, schema) ? objectIn(given[key]) : null;
  if (inner !== null && !isTooDeep(inner)) return fitArguments(inner, schema);
  return { ok: false, problem: cut(direct.problems.slice(0, MOST_PROBLEMS).join('; '), MOST_CHARACTERS) };
}

function isWrapper(key: string, schema: JsonObject): boolean {
  return WRAPPERS.includes(foldName(key)) && !Object.hasOwn(propertiesOf(schema), key);
}

class Fitter {
  readonly #root: JsonObject;
  #stepsLeft = MOST_STEPS;
  #level = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** @param where names the value in problems: `items[0].name`; empty: all of the arguments. */
  fitted(given: unknown, schema: unknown, where: string): Fitted {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0 || this.#level >= MOST_LEVELS) return fits(given);
    const found = schemaOf(schema, this.#root);
    if (found === undefined) return fits(given);
    this.#level += 1;
    const fitted = this.#whole(given, mergedOf(found, this.#root), where);
    this.#level -= 1;
    return fitted;
  }

  #whole(given: unknown, schema: JsonObject, where: string): Fitted {
    const typed = this.#typed(given, schema, where);
    const variants = variantsOf(schema);
    if (typed.problems.length > 0 || variants.length === 0) return typed;
    return this.#oneOf(typed.value, variants, schema, where);
  }

  /** A variant that takes the value as it is comes before one for which it has to be changed. */
  #oneOf(value: unknown, variants: readonly unknown[], schema: JsonObject, where: string): Fitted {
    const tried = variants.map((variant) => this.fitted(value, variant, where)).filter(isFit);
    const found = tried.find((one) => one.value === value) ?? tried[0];
    return found ?? this.#misfit(value, schema, where);
  }

  #typed(given: unknown, schema: JsonObject, where: string): Fitted {
    const choices = choicesOf(schema);
    if (choices !== undefined) return this.#chosen(given, choices, schema, where);
    const types = typesOf(schema);
    if (types.length === 0) return fits(given);
    const type = types.find((one) => isOfType(given, one));
    if (type !== undefined) return this.#inside(given, type, schema, where);
    for (const one of types) {
      const turned = turnedInto(given, one);
      if (turned !== undefined) return this.#inside(turned, one, schema, where);
    }
    return this.#misfit(given, schema, where);
  }

  #inside(value: unknown, type: string, schema: JsonObject, where: string): Fitted {
    if (type === 'object' && isObject(value)) return this.#object(value, schema, where);
    if (type === 'array' && Array.isArray(value)) return this.#array(value, schema, where);
    const { minimum, maximum } = schema;
    if (typeof value !== 'number') return fits(value);
    const limits = [
      typeof minimum === 'number' && value < minimum ? `at least ${minimum}` : [],
      typeof maximum === 'number' && value > maximum ? `at most ${maximum}` : [],
    ].flat();
    return limits.length === 0
      ? fits(value)
      : problem(value, `${named(where)} must be ${limits[0]}, got ${value}`);
  }

  #array(value: readonly unknown[], schema: JsonObject, where: string): Fitted {
    const items = value.map((item, at) => this.fitted(item, schema.items, `${where}[${at}]`));
    const isSame = items.every((item, at) => item.value === value[at]);
    return {
      value: isSame ? value : items.map((item) => item.value),
      problems: items.flatMap((item) => item.problems),
    };
  }

  #object(value: JsonObject, schema: JsonObject, where: string): Fitted {
    const properties = propertiesOf(schema);
    const spelled = spellings(value, properties);
    const required = requiredOf(schema);
    const within = where === '' ? '' : `${where}.`;
    const problems: string[] = [];
    const members: [string, unknown][] = [];
    let isSame = true;
    for (const [key, item] of Object.entries(value)) {
      const name = nameIn(key, value, spelled);
      const isKnown = Object.hasOwn(properties, name);
      if (isKnown && isLeftOut(item, properties[name]) && !required.includes(name)) {
        isSame = false;
        continue;
      }
      const member = this.fitted(
        item,
        isKnown ? properties[name] : schema.additionalProperties,
        within + name,
      );
      if (!isKnown && schema.additionalProperties === false)
        problems.push(`there is no parameter \`${within}${key}\``);
      isSame &&= name === key && member.value === item;
      members.push([name, member.value]);
      problems.push(...member.problems);
    }
    const names = new Set(members.map(([name]) => name));
    const missing = required
      .filter((name) => !names.has(name))
      .slice(0, MOST_PROBLEMS)
      .map((name) => `\`${within}${name}\` (${typeText(properties[name], this.#root)}) is missing`);
    return { value: isSame ? value : Object.fromEntries(members), problems: [...missing, ...problems] };
  }

  #chosen(given: unknown, choices: readonly unknown[], schema: JsonObject, where: string): Fitted {
    if (choices.includes(given)) return fits(given);
    const text = spelling(given);
    const alike = choices.filter((choice) => spelling(choice) === text);
    return alike.length === 1 ? fits(alike[0]) : this.#misfit(given, schema, where);
  }

  #misfit(given: unknown, schema: JsonObject, where: string): Fitted {
    return problem(given, `${named(where)} must be ${typeText(schema, this.#root)}, got ${shown(given)}`);
  }
}

const isFit = ({ problems }: Fitted): boolean => problems.length === 0;
/** Of a choice. An object may have any member, `toString` too. */
const spelling = (value: unknown): string =>
  foldName(typeof value === 'string' ? value : JSON.stringify(value));
const fits = (value: unknown): Fitted => ({ value, problems: [] });
const problem = (value: unknown, text: string): Fitted => ({ value, problems: [text] });
const named = (where: string): string => (where === '' ? 'arguments' : `\`${where}\``);

/** The declared names by their folded spelling; read only if a key is none of them. */
function spellings(value: JsonObject, properties: JsonObject): ReadonlyMap<string, readonly string[]> {
  const isDeclared = Object.keys(value).every((key) => Object.hasOwn(properties, key));
  return isDeclared ? new Map() : Map.groupBy(Object.keys(properties), foldName);
}

/** The declared name that a key means: itself, or the only one in another spelling. */
function nameIn(key: string, value: JsonObject, spelled: ReadonlyMap<string, readonly string[]>): string {
  const alike = spelled.get(foldName(key)) ?? [];
  const [name] = alike;
  if (alike.length !== 1 || name === undefined || alike.includes(key)) return key;
  return Object.hasOwn(value, name) ? key : name;
}

/** Of an optional parameter, null means that it is not given, unless the schema has it. */
function isLeftOut(value: unknown, schema: unknown): boolean {
  if (value !== null && value !== undefined) return false;
  return isObject(schema) && typesOf(schema).length > 0 && !typesOf(schema).includes('null');
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      // A type that JSON Schema does not have is the server's to judge.
      return !['string', 'number', 'boolean'].includes(type) || typeof value === type;
  }
}

/** The value as one of that type, if it is that in another form; undefined: it is not. */
function turnedInto(given: unknown, type: string): unknown {
  switch (type) {
    case 'string':
      return typeof given === 'number' || typeof given === 'boolean' ? String(given) : undefined;
    case 'number':
    case 'integer':
      return numberIn(given, type);
    case 'boolean':
      return switchIn(given);
    case 'object':
      return objectIn(given) ?? undefined;
    case 'array':
      return listIn(given);
    default:
      return undefined;
  }
}

function numberIn(given: unknown, type: string): number | undefined {
  if (typeof given !== 'string' || given.trim() === '' || given.length > MOST_SHOWN) return undefined;
  const value = Number(given);
  return (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value : undefined;
}

function switchIn(given: unknown): boolean | undefined {
  const text = typeof given === 'string' && given.length < 10 ? given.trim().toLowerCase() : '';
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** The list in a string, or one value as the only item of a list. */
function listIn(given: unknown): unknown {
  if (typeof given !== 'string') return given === null || given === undefined ? undefined : [given];
  if (isTooDeep(given)) return undefined;
  const parsed = parseTolerant(given)?.value;
  if (Array.isArray(parsed)) return parsed;
  return given.trimStart().startsWith('[') ? undefined : [isObject(parsed) ? parsed : given];
}

function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value;
    return `the string ${JSON.stringify(text)}`;
  }
  if (Array.isArray(value)) return 'an array';
  return isObject(value) ? 'an object' : String(value);
}
