/**
 * A turn under a `format`: JSON instead of text and calls.
 *
 * On the native path the properties of all objects come in alphabetical order, because Ollama passes the schema on
 * as a Go map; on the rendered path they come as written. The JSON is not checked against the schema.
 */

import { isObject } from './chat-request.ts';
import type { Turn } from './script.ts';
import type { ModelPath } from './wire.ts';

export function constrainedTurn({ json, ...turn }: Turn, path: ModelPath): Turn {
  if (json === undefined) return turn;
  const { chunks: _, toolCalls: __, ...rest } = turn;
  return { ...rest, content: JSON.stringify(path === 'native' ? sorted(json) : json) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
