/** What the model answers, as it is asked for and as it comes. */
import { closedObject } from '../../model/constrained.ts';
import { isObject } from '../../model/json-object.ts';
import { answeredJson } from '../../model/repair/answered-json.ts';
import type { JsonObject } from '../../protocol.ts';

export interface ExtractAnswer {
  readonly slug: string;
  readonly summary: string;
  /** Lines. */
  readonly raw: string;
}

/** llama-server refuses repetitions above 2,000. */
const MOST_CHARACTERS = 1_900;
const MOST_SLUG = 60;

export const EXTRACT_SCHEMA: JsonObject = closedObject({
  raw_memory: { type: 'string', maxLength: MOST_CHARACTERS },
  rollout_slug: { type: ['string', 'null'], maxLength: MOST_SLUG },
  rollout_summary: { type: 'string', maxLength: MOST_CHARACTERS },
});

/** Also what servers that ignore the schema give: a text, with a fence around it. @returns a problem as a text. */
export function readAnswer(value: unknown): ExtractAnswer | string {
  const found = typeof value === 'string' ? answeredJson(value)?.value : value;
  const answer = Array.isArray(found) && found.length === 1 ? (found[0] as unknown) : found;
  if (!isObject(answer)) return 'The answer is not a JSON object';
  // The keys of an older form, until version 0.4.
  const summary = textOf('rollout_summary' in answer ? answer.rollout_summary : answer.summary);
  const raw = textOf('raw_memory' in answer ? answer.raw_memory : answer.rawMemory);
  if (summary === undefined) return 'rollout_summary is missing or not a text';
  if (raw === undefined) return 'raw_memory is missing or not a text';
  return { slug: textOf(answer.rollout_slug) ?? '', summary, raw };
}

/** Lists of texts are lines; null is nothing. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return isTexts ? value.join('\n') : undefined;
}
