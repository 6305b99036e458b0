/**
 * Tokens of one answer, from the bytes that the server sent: Ollama's own lines, or the events of its OpenAI-like
 * endpoints.
 *
 * Invariants: never throws, whatever the bytes are. An answer that was cut has no counts of the server: its chunks
 * are counted, because Ollama sends one a token; what it read is then unknown and counts as nothing.
 * Does not: sum up runs.
 */
import { isObject } from '../../../src/model/json-object.ts';
import type { JsonObject } from '../../../src/protocol.ts';

export interface AnswerCounts {
  /** The whole prompt, cached or not; undefined if the server did not tell. */
  readonly read: number | undefined;
  readonly wrote: number;
}

export function countAnswer(raw: Buffer): AnswerCounts {
  const chunks = chunksOf(raw.toString('utf8'));
  const usage = chunks.map(usageOf).findLast((found) => found !== undefined);
  return usage ?? { read: undefined, wrote: chunks.filter((chunk) => !('error' in chunk)).length };
}

/** The JSON objects of a body: one in all, one a line, or one behind each `data:`. */
function chunksOf(text: string): JsonObject[] {
  const whole = objectOf(text);
  if (whole !== undefined) return [whole];
  return text
    .split('\n')
    .map((line) => objectOf(line.replace(/^data:/, '')))
    .filter((chunk) => chunk !== undefined);
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function usageOf(chunk: JsonObject): AnswerCounts | undefined {
  if (chunk.done === true) return counts(chunk.prompt_eval_count, chunk.eval_count);
  const holder = isObject(chunk.response) ? chunk.response : chunk;
  if (!isObject(holder.usage)) return undefined;
  const { prompt_tokens, completion_tokens, input_tokens, output_tokens } = holder.usage;
  return counts(prompt_tokens ?? input_tokens, completion_tokens ?? output_tokens);
}

/** Ollama leaves out a count of 0. */
function counts(read: unknown, wrote: unknown): AnswerCounts {
  return { read: typeof read === 'number' ? read : 0, wrote: typeof wrote === 'number' ? wrote : 0 };
}
