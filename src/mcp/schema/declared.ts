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
const MOST_MEMBERS = 32;
/** A schema that refers to itself several times multiplies with each level. More than this is not declared anyway. */
const MOST_STEPS = 1_000;

/** @param name by which the model calls it. */
export function declaredSchema(
  name: string,
  { description, inputSchema }: { readonly description: string; readonly inputSchema: JsonObject },
): ToolSchema {
  const whole = mergedOf(inputSchema, inputSchema);
  const { properties = {}, required = [] } = new Declaration(inputSchema).objectOf(whole, 0);
  return {
    type: 'function',
    function: {
      name,
      description: firstSentence(description),
      parameters: { type: 'object', properties, required },
    },
  };
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

class Declaration {
  readonly #root: JsonObject;
  #stepsLeft = MOST_STEPS;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** Without members where others are welcome too: what the model adds must not be taken from it. */
  objectOf(schema: JsonObject, level: number): Pick<ToolProperty, 'properties' | 'required'> {
    const { additionalProperties: others } = schema;
    const entries = Object.entries(propertiesOf(schema)).slice(0, MOST_MEMBERS);
    const isOpen = others === true || (typeof others === 'object' && others !== null);
    if (entries.length === 0 || level > MOST_LEVELS || this.#stepsLeft < 0 || (isOpen && level > 0))
      return {};
    const properties = Object.fromEntries(
      entries.map(([name, value]) => [name, this.#propertyOf(value, level)]),
    );
    return { properties, required: requiredOf(schema).filter((name) => Object.hasOwn(properties, name)) };
  }

  #propertyOf(value: unknown, level: number): ToolProperty {
    this.#stepsLeft -= 1;
    const found = this.#stepsLeft < 0 ? undefined : schemaOf(value, this.#root);
    if (found === undefined) return { type: 'string' };
    const schema = plain(mergedOf(found, this.#root), this.#root);
    const description = typeof schema.description === 'string' ? firstSentence(schema.description) : '';
    const property = this.#typed(schema, level);
    return description === '' ? property : { ...property, description };
  }

  #typed(schema: JsonObject, level: number): ToolProperty {
    const choices = choicesOf(schema)?.filter((choice) => typeof choice === 'string') ?? [];
    if (choices.length > 0) return { type: 'string', enum: choices };
    const known = typesOf(schema);
    const type = TYPES.find((one) => known.find((name) => name !== 'null') === one) ?? 'string';
    if (type === 'array') {
      return level < MOST_LEVELS ? { type, items: this.#propertyOf(schema.items, level + 1) } : { type };
    }
    return type === 'object' ? { type, ...this.objectOf(schema, level + 1) } : { type };
  }
}
