/**
 * Reads single arguments out of a call.
 *
 * Owns: the narrowing from unknown to the type that a schema promises. Invariant: a value of another type
 * counts as absent. Does not: coerce or validate (model/repair.ts has done that).
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
