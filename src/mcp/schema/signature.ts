/** A tool of a server in one line: its parameters with their types, and what it does. */
import type { JsonObject } from '../../protocol.ts';
import type { McpTool } from '../connection.ts';
import {
  choicesOf,
  mergedOf,
  propertiesOf,
  requiredOf,
  schemaOf,
  typesOf,
  variantsOf,
} from './json-schema.ts';

/** Objects in objects in objects. */
const MOST_LEVELS = 3;
const MOST_CHOICES = 6;
/** Of one object: schemas of objects in objects multiply. */
const MOST_MEMBERS = 24;
const MOST_PARAMETERS = 300;
const MOST_WORDS = 160;

/** `server.tool(path: string, limit?: integer) - Reads a file.` */
export function signatureOf(server: string, { name, description, inputSchema }: McpTool): string {
  const said = firstSentence(description);
  return `${server}.${name}(${parametersOf(inputSchema)})${said === '' ? '' : ` - ${said}`}`;
}

/** `path: string, limit?: integer` */
export function parametersOf(inputSchema: JsonObject): string {
  return cut(membersOf(inputSchema, inputSchema, 0), MOST_PARAMETERS);
}

/** The type of a value in words that programmers know: `string[]`, `"a" | "b"`, `{name: string}`. */
export function typeText(value: unknown, root: JsonObject): string {
  return cut(textOf(value, root, 0), MOST_PARAMETERS);
}

function textOf(value: unknown, root: JsonObject, level: number): string {
  const found = schemaOf(value, root);
  if (found === undefined) return 'any';
  const schema = mergedOf(found, root);
  const choices = choicesOf(schema);
  if (choices !== undefined) return choicesText(choices);
  const variants = variantsOf(schema);
  if (variants.length > 0 && level < MOST_LEVELS) {
    const texts = new Set(variants.slice(0, MOST_MEMBERS).map((variant) => textOf(variant, root, level + 1)));
    texts.delete('null');
    return [...texts].slice(0, MOST_CHOICES).join(' | ') || 'any';
  }
  const types = typesOf(schema).filter((type) => type !== 'null');
  return types.map((type) => ofType(type, schema, root, level)).join(' | ') || 'any';
}

function ofType(type: string, schema: JsonObject, root: JsonObject, level: number): string {
  if (type === 'array') {
    const item = level < MOST_LEVELS ? textOf(schema.items, root, level + 1) : 'any';
    return item.includes(' ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }
  if (type !== 'object' || level >= MOST_LEVELS) return type;
  const members = membersOf(schema, root, level + 1);
  return members === '' ? 'object' : `{${members}}`;
}

/** No more than is shown: a schema that refers to itself multiplies at each level. */
function membersOf(schema: JsonObject, root: JsonObject, level: number): string {
  const merged = mergedOf(schema, root);
  const required = requiredOf(merged);
  let text = '';
  for (const [name, value] of Object.entries(propertiesOf(merged)).slice(0, MOST_MEMBERS)) {
    if (text.length > MOST_PARAMETERS) break;
    const mark = required.includes(name) ? '' : '?';
    text += `${text === '' ? '' : ', '}${name}${mark}: ${textOf(value, root, level)}`;
  }
  return text;
}

function choicesText(choices: readonly unknown[]): string {
  const shown = choices.slice(0, MOST_CHOICES).map((choice) => JSON.stringify(choice));
  return [...shown, ...(choices.length > MOST_CHOICES ? ['…'] : [])].join(' | ');
}

/** In one line. */
export function firstSentence(text: string): string {
  const line = text.slice(0, 2_000).replace(/\s+/g, ' ').trim();
  const end = /[.!?。](?=\s|$)/.exec(line);
  return cut(end === null ? line : line.slice(0, end.index + 1), MOST_WORDS);
}

export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
