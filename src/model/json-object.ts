/** JSON, and JSON objects, in what a server or a model sent. */
import type { JsonObject } from '../protocol.ts';

/** Whether it is an object, and neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a text that is JSON as a whole; undefined if it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the text is JSON as a whole. */
export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
