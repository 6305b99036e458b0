/** A setting with its one-line description, for `config schema`. */
import * as z from 'zod/mini';

export function key<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

export const positiveInt = () => z.int().check(z.positive());
export const stringTable = () => z.record(z.string(), z.string());

/** Tables by name. What is in one is made for the first name only: it takes time at each start, and mostly there is none. */
export const named = <T extends z.ZodMiniType>(table: () => T) => z.record(z.string(), z.lazy(table));
