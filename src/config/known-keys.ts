/** Which keys the schema has where. */
import type * as z from 'zod/mini';
import {
  $ZodDefault,
  $ZodEnum,
  $ZodLazy,
  $ZodObject,
  $ZodOptional,
  $ZodPrefault,
  $ZodRecord,
} from 'zod/v4/core';
import { configSchema } from './schema.ts';

/** The keys of the table at `path` in the schema; empty if there is no table. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: z.core.$ZodType | undefined = configSchema;
  for (const segment of path) {
    const table = unwrap(schema);
    if (table instanceof $ZodObject) schema = table._zod.def.shape[String(segment)];
    else if (table instanceof $ZodRecord) schema = table._zod.def.valueType;
    else return [];
  }
  const table = unwrap(schema);
  if (table instanceof $ZodObject) return Object.keys(table._zod.def.shape);
  const names = table instanceof $ZodRecord ? table._zod.def.keyType : undefined;
  return names instanceof $ZodEnum ? Object.keys(names._zod.def.entries) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let inner = schema;
  for (;;) {
    if (inner instanceof $ZodLazy) inner = inner._zod.innerType;
    else if (inner instanceof $ZodOptional || inner instanceof $ZodDefault || inner instanceof $ZodPrefault)
      inner = inner._zod.def.innerType;
    else return inner;
  }
}
