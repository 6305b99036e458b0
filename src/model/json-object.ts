/** What counts as JSON, and as a JSON object, in what a server or a model sent. */
import type { JsonObject } from '../protocol.ts';

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a text says that is JSON as a whole; undefined: it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for a text that is JSON as a whole. */
export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
