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
const MOST_MEMBERS = 24;
/** A schema that refers to itself several times multiplies with each level. */
const MOST_STEPS = 500;
const MOST_PARAMETERS = 300;
const MOST_WORDS = 160;

/** `server.tool(path: string, limit?: integer) - Reads a file.` */
export function signatureOf(server: string, { name, description, inputSchema }: McpTool): string {
  const said = firstSentence(description);
  return `${server}.${name}(${parametersOf(inputSchema)})${said === '' ? '' : ` - ${said}`}`;
}

/** `path: string, limit?: integer` */
export function parametersOf(inputSchema: JsonObject): string {
  return cut(new TypeWords(inputSchema).membersOf(inputSchema, 0), MOST_PARAMETERS);
}

/** The type of a value in words that programmers know: `string[]`, `"a" | "b"`, `{name: string}`. */
export function typeText(value: unknown, root: JsonObject): string {
  return new TypeWords(root).typeOf(value, 0);
}

class TypeWords {
  readonly #root: JsonObject;
  #stepsLeft = MOST_STEPS;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  typeOf(value: unknown, level: number): string {
    this.#stepsLeft -= 1;
    const found = this.#stepsLeft < 0 ? undefined : schemaOf(value, this.#root);
    if (found === undefined) return 'any';
    const schema = mergedOf(found, this.#root);
    const choices = choicesOf(schema);
    if (choices !== undefined) return choicesText(choices);
    const variants = variantsOf(schema);
    if (variants.length > 0 && level < MOST_LEVELS) {
      const texts = new Set(variants.slice(0, MOST_MEMBERS).map((one) => this.typeOf(one, level + 1)));
      texts.delete('null');
      return [...texts].slice(0, MOST_CHOICES).join(' | ') || 'any';
    }
    const types = typesOf(schema).filter((type) => type !== 'null');
    return types.map((type) => this.#ofType(type, schema, level)).join(' | ') || 'any';
  }

  membersOf(schema: JsonObject, level: number): string {
    const merged = mergedOf(schema, this.#root);
    const required = new Set(requiredOf(merged));
    return Object.entries(propertiesOf(merged))
      .slice(0, MOST_MEMBERS)
      .map(([name, value]) => `${name}${required.has(name) ? '' : '?'}: ${this.typeOf(value, level)}`)
      .join(', ');
  }

  #ofType(type: string, schema: JsonObject, level: number): string {
    if (type === 'array') {
      const item = level < MOST_LEVELS ? this.typeOf(schema.items, level + 1) : 'any';
      return item.includes(' ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    if (type !== 'object' || level >= MOST_LEVELS || this.#stepsLeft < 0) return type;
    const members = this.membersOf(schema, level + 1);
    return members === '' ? 'object' : `{${members}}`;
  }
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

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
