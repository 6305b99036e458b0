/**
 * Reads single arguments of a call. A value of another type than the schema's counts as absent: what could be coerced has been
 * (model/repair.ts).
 */
import type { JsonObject } from '../protocol.ts';

export function stringArgument(args: JsonObject, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number of at least 1; models write 0 for "the default". */
export function positiveArgument(args: JsonObject, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
