/**
 * The second look at a finding: whether what it says happens.
 *
 * A small model agrees with whoever has spoken last (measured: one of 1.5 B said yes to every finding, true or not, and no to every one
 * that its author was said to deny). So it is asked twice, once after the reviewer and once after an author who denies it: only an answer
 * that stays the same says anything.
 */
import check from '../../prompts/review/check.md?raw';
import checkAgain from '../../prompts/review/check-again.md?raw';
import { closedObject } from '../model/constrained.ts';
import { isObject } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';
import { fill } from '../text/fill.ts';
import type { Finding } from './finding.ts';

/** Names sort in the order of thought: the case before the verdict. */
export const CHECK_SCHEMA: JsonObject = closedObject({
  evidence: { type: 'string', maxLength: 200 },
  happens: { enum: ['no', 'yes'] },
});

/** What the model stays with, and how sure a finding is by that. `undecided`: it agrees with everybody, or does not answer. */
export type Verdict = 'true' | 'denied' | 'undecided';

export const CONFIDENCE = { true: 0.8, undecided: 0.3 } as const;

/** What is asked, in this order. */
export function checkQuestions({ start, code, why }: Finding): readonly [string, string] {
  const values = { line: String(start), code: (code[0] ?? '').trim(), problem: why };
  return [fill(check, values), fill(checkAgain, values)];
}

/** @param answers unchecked, one for each question. */
export function verdictOf(answers: readonly unknown[]): Verdict {
  const said = answers.map((answer) => (isObject(answer) ? answer.happens : undefined));
  if (said.every((one) => one === 'yes')) return 'true';
  return said.every((one) => one === 'no') ? 'denied' : 'undecided';
}
