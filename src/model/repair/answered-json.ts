/** The JSON of an answer, as models give it where the server does not hold them to a schema: in a fence, with a trailing comma. */
import { parseTolerant } from './tolerant-json.ts';

const FENCED = /```(?:\w*\n)?([\s\S]*?)(?:```|$)/;

/** Null: the text is not JSON as a whole, nor is what it has in its first fence. */
export function answeredJson(text: string): { readonly value: unknown } | null {
  return parseTolerant(text.trim()) ?? parseTolerant(FENCED.exec(text)?.[1]?.trim() ?? '');
}
