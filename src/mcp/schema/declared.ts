/** A tool of a server as it is declared to the model: with no more of its schema than Ollama keeps. */
import type { ToolProperty, ToolSchema } from '../../model/chat.ts';
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
import { firstSentence } from './signature.ts';

const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;
const MOST_LEVELS = 4;
/** Of one object: schemas of objects in objects multiply. */
const MOST_MEMBERS = 32;
/** Of all objects: a schema that refers to itself multiplies at each level. */
const MOST_IN_ALL = 200;

interface Reading {
  readonly root: JsonObject;
  membersLeft: number;
}

/** @param name by which the model calls it. */
export function declaredSchema(
  name: string,
  { description, inputSchema }: { readonly description: string; readonly inputSchema: JsonObject },
): ToolSchema {
  const reading = { root: inputSchema, membersLeft: MOST_IN_ALL };
  const { properties = {}, required = [] } = objectOf(mergedOf(inputSchema, inputSchema), reading, 0);
  return {
    type: 'function',
    function: {
      name,
      description: firstSentence(description),
      parameters: { type: 'object', properties, required },
    },
  };
}

function propertyOf(value: unknown, reading: Reading, level: number): ToolProperty {
  const { root } = reading;
  const found = schemaOf(value, root);
  if (found === undefined) return { type: 'string' };
  const schema = plain(mergedOf(found, root), root);
  const description = typeof schema.description === 'string' ? firstSentence(schema.description) : '';
  const property = typed(schema, reading, level);
  return description === '' ? property : { ...property, description };
}

/** Of several that fit, the first that is more than nothing; values of several become one list. */
function plain(schema: JsonObject, root: JsonObject): JsonObject {
  const variants = variantsOf(schema)
    .slice(0, MOST_MEMBERS)
    .map((variant) => schemaOf(variant, root))
    .filter((variant) => variant !== undefined && variant.type !== 'null');
  const [first] = variants;
  if (first === undefined) return schema;
  const choices = variants.map((variant) => (variant === undefined ? undefined : choicesOf(variant)));
  const all = choices.every((list) => list !== undefined) ? { enum: choices.flat() } : mergedOf(first, root);
  return { ...all, description: schema.description ?? first.description };
}

function typed(schema: JsonObject, reading: Reading, level: number): ToolProperty {
  const choices = choicesOf(schema)?.filter((choice) => typeof choice === 'string') ?? [];
  if (choices.length > 0) return { type: 'string', enum: choices };
  const known = typesOf(schema);
  const type = TYPES.find((one) => known.find((name) => name !== 'null') === one) ?? 'string';
  if (type === 'array') {
    return level < MOST_LEVELS ? { type, items: propertyOf(schema.items, reading, level + 1) } : { type };
  }
  return type === 'object' ? { type, ...objectOf(schema, reading, level + 1) } : { type };
}

/** Without members where others are welcome too: what the model adds must not be taken from it. */
function objectOf(
  schema: JsonObject,
  reading: Reading,
  level: number,
): Pick<ToolProperty, 'properties' | 'required'> {
  const { additionalProperties: others } = schema;
  const entries = Object.entries(propertiesOf(schema)).slice(0, MOST_MEMBERS);
  const isOpen = others === true || (typeof others === 'object' && others !== null);
  if (entries.length === 0 || level > MOST_LEVELS || (isOpen && level > 0)) return {};
  if (entries.length > reading.membersLeft) return {};
  reading.membersLeft -= entries.length;
  const properties = Object.fromEntries(
    entries.map(([name, value]) => [name, propertyOf(value, reading, level)]),
  );
  return { properties, required: requiredOf(schema).filter((name) => Object.hasOwn(properties, name)) };
}
