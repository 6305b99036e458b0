/**
 * The four sections of a summary as JSON, for a server that enforces schemas, and back as the text that a model would
 * write. Pure; the names sort in the order in which they are to be written (see model/constrained.ts); everything is
 * bounded.
 */
import { closedObject } from '../model/constrained.ts';
import { isObject, parseJson } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';

/** The headings of prompts/compact.md by name. */
const SECTIONS = {
  '1_progress_and_decisions': 'Progress and decisions',
  '2_constraints_and_preferences': 'Constraints and preferences',
  '3_remaining_work': 'Remaining work',
  '4_critical_data': 'Critical data',
} as const;

/** At most a fifth of what it replaces: a small model fills all the space it gets, at 20 tokens a second. */
const SHARE = 0.2;
const LINE_TOKENS = 40;
const LINE_LENGTH = 160;
const LINES_OF_SECTION = { least: 2, most: 12 } as const;

/** @param tokens of the conversation to be summarised. */
export function summarySchema(tokens: number): JsonObject {
  const names = Object.keys(SECTIONS);
  const fitting = Math.floor((tokens * SHARE) / (names.length * LINE_TOKENS));
  const { least, most } = LINES_OF_SECTION;
  const maxItems = Math.min(most, Math.max(least, fitting));
  const lines = { type: 'array', maxItems, items: { type: 'string', maxLength: LINE_LENGTH } };
  return closedObject(Object.fromEntries(names.map((name) => [name, lines])));
}

/** Undefined if the answer does not fit the schema. */
export function readSections(content: string): string | undefined {
  const value = parseJson(content);
  if (!isObject(value)) return undefined;
  const parts: string[] = [];
  for (const [name, heading] of Object.entries(SECTIONS)) {
    const lines = value[name];
    if (!Array.isArray(lines) || !lines.every((line) => typeof line === 'string')) return undefined;
    const said = lines.map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '');
    if (said.length > 0) parts.push(`## ${heading}`, ...said.map((line) => `- ${line}`));
  }
  return parts.join('\n');
}
