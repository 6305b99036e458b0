/** Reads what a server says of its arguments: a JSON Schema of any kind, or what its author took for one. Never throws. */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';

/** A reference that leads through more others leads nowhere. */
const MOST_HOPS = 8;

/** The schema that a value stands for, references followed; undefined: anything is right, or nothing can be known. */
export function schemaOf(value: unknown, root: JsonObject): JsonObject | undefined {
  let schema = value;
  for (let hops = 0; hops < MOST_HOPS; hops += 1) {
    if (!isObject(schema)) return undefined;
    if (typeof schema.$ref !== 'string') return schema;
    schema = referred(schema.$ref, root);
  }
  return undefined;
}

function referred(reference: string, root: JsonObject): unknown {
  if (!reference.startsWith('#')) return undefined;
  let value: unknown = root;
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

/** Its types, in its order; none: it does not say. */
export function typesOf({ type, properties, items }: JsonObject): readonly string[] {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  if (isObject(properties)) return ['object'];
  return items === undefined ? [] : ['array'];
}

export function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {};
}

export function requiredOf({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** The values that it allows, `const` being one; undefined: any. */
export function choicesOf(schema: JsonObject): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [schema.const];
  return Array.isArray(schema.enum) && schema.enum.length > 0 ? schema.enum : undefined;
}

/** The schemas of which one has to fit. */
export function variantsOf({ anyOf, oneOf }: JsonObject): readonly unknown[] {
  const lists = [anyOf, oneOf].filter((list) => Array.isArray(list));
  return lists.flat();
}

/** The schema with those that have to fit besides. */
export function mergedOf(schema: JsonObject, root: JsonObject): JsonObject {
  if (!Array.isArray(schema.allOf)) return schema;
  const parts = schema.allOf.map((part) => schemaOf(part, root)).filter((part) => part !== undefined);
  const all: JsonObject[] = [...parts, schema];
  return {
    ...Object.assign({}, ...all),
    allOf: undefined,
    properties: Object.assign({}, ...all.map(propertiesOf)),
    required: [...new Set(all.flatMap(requiredOf))],
  };
}
