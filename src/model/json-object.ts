/** What counts as a JSON object in what a server or a model sent. */
import type { JsonObject } from '../protocol.ts';

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
