/** Finds the object in whatever came as arguments. */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import { parseTolerant } from './tolerant-json.ts';

/** Strings in strings in strings: no model nests them deeper by mistake. */
export const MAX_UNWRAPS = 4;

/** The object that `raw` is or is written in, without regard to a schema; null if there is none. */
export function objectIn(raw: unknown): JsonObject | null {
  let value = raw;
  for (let unwraps = 0; typeof value === 'string' && unwraps < MAX_UNWRAPS; unwraps++) {
    value = parseTolerant(value)?.value;
  }
  return isObject(value) ? value : null;
}
