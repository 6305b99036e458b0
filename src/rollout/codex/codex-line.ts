/** What a line of a rollout of Codex says, of whichever version: nothing in it is taken for granted. */
import type { JsonObject } from '../../protocol.ts';

export interface CodexLine {
  /** Empty in old rollouts, which do not have one for each line. */
  readonly timestamp: string;
  readonly type: string;
  readonly payload: JsonObject;
}

/** Undefined: not a JSON object. */
export function codexLine(text: string): CodexLine | undefined {
  const line = objectOf(parsed(text));
  if (line === undefined) return undefined;
  const timestamp = textOf(line.timestamp) ?? '';
  const payload = objectOf(line.payload);
  if (payload !== undefined) return { timestamp, type: textOf(line.type) ?? '', payload };
  // Until 2025 a line was the item itself, and the first one said what the session is.
  if (line.type === undefined)
    return { timestamp, type: line.id === undefined ? '' : 'session_meta', payload: line };
  return { timestamp, type: 'response_item', payload: line };
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text of a message, a reasoning or an output: a string, or parts with a `text`, or an object around either. */
export function contentText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return value.flatMap((part) => textOf(objectOf(part)?.text) ?? []).join('\n');
  }
  const content = objectOf(value)?.content;
  return content === undefined ? '' : contentText(content);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
