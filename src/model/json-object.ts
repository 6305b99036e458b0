/** JSON, and JSON objects, in what a server or a model sent. */
import type { JsonObject } from '../protocol.ts';

const MAX_STRING = 40;

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

/** A value as JSON for an error: at most `max` characters, and not more than a few words of a string in it. */
export function shownJson(value: unknown, max: number): string {
  const short = (_: string, member: unknown): unknown =>
    typeof member === 'string' ? cutText(member, MAX_STRING) : member;
  return cutText(JSON.stringify(value, short) ?? String(value), max);
}

function cutText(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
