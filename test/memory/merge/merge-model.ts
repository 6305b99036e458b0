/**
 * A model that merges by rules, from what the question says alone: the same question always gets the same answer.
 *
 * A line is `SUBJECT is VALUE`. Of the known lines, one with the same subject and value is the same, one with another value is
 * replaced; what is only of today is dropped.
 */

import type { MemoryModel, MemoryQuestion } from '../../../src/memory/model.ts';
import type { JsonObject } from '../../../src/protocol.ts';

interface Known {
  readonly number: string;
  readonly text: string;
}

export function mergeAnswer(text: string): JsonObject {
  const known: readonly Known[] = [...text.matchAll(/^(\d{1,2})\. (.*)$/gm)].map(
    ([, number = '', line = '']) => ({
      number,
      text: line,
    }),
  );
  const lines = [...text.matchAll(/^([A-P])\. (.*)$/gm)];
  return Object.fromEntries(lines.map(([, letter = '', line = '']) => [letter, decisionOf(line, known)]));
}

function decisionOf(line: string, known: readonly Known[]): JsonObject {
  const subject = subjectOf(line);
  const about = known.filter(({ text }) => subjectOf(text) === subject);
  const same = about.find(({ text }) => text === line);
  const [other] = about;
  const act = /\btoday\b/i.test(line)
    ? 'drop'
    : same !== undefined
      ? `same ${same.number}`
      : other !== undefined
        ? `replaces ${other.number}`
        : 'new';
  const isWish = /\b(?:tabs|spaces|always|never|prefer)\b/i.test(line);
  const kind = isWish ? 'preference' : /`/.test(line) ? 'procedure' : 'fact';
  return {
    act,
    everywhere: isWish,
    kind,
    topic: isWish ? 'ways of working' : 'structure',
    weight: isWish ? 3 : 2,
  };
}

function subjectOf(line: string): string {
  return line.split(' is ')[0] ?? line;
}

/** Answers by rules, or by `answer`. Keeps what it was asked. */
export class MergeModel implements MemoryModel {
  readonly name = 'merge:1b';
  readonly numCtx: number;
  readonly asked: MemoryQuestion[] = [];
  readonly #answer: (question: MemoryQuestion, signal: AbortSignal) => unknown;

  constructor(
    answer: (question: MemoryQuestion, signal: AbortSignal) => unknown = ({ text }) => mergeAnswer(text),
    numCtx = 8_192,
  ) {
    this.#answer = answer;
    this.numCtx = numCtx;
  }

  readonly ask = async (question: MemoryQuestion, signal: AbortSignal): Promise<unknown> => {
    this.asked.push(question);
    return await this.#answer(question, signal);
  };
}
