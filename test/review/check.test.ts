/** The second look: a model that agrees with everybody has said nothing. */
import { expect, test } from 'vitest';
import { checkQuestions, verdictOf } from '../../src/review/check.ts';

test('only an answer that stays the same is a verdict', () => {
  const answers = ['yes', 'no', 'maybe', undefined];
  const verdicts = answers.map((first) =>
    answers.map((second) => verdictOf([{ evidence: '', happens: first }, { happens: second }])),
  );
  expect(verdicts).toEqual([
    ['true', 'undecided', 'undecided', 'undecided'],
    ['undecided', 'denied', 'undecided', 'undecided'],
    ['undecided', 'undecided', 'undecided', 'undecided'],
    ['undecided', 'undecided', 'undecided', 'undecided'],
  ]);
  expect([undefined, null, 'yes', [], 1].map((value) => verdictOf([value, value]))).toEqual(
    Array.from({ length: 5 }, () => 'undecided'),
  );
});

test('both questions are about the same line and the same words', () => {
  const questions = checkQuestions({
    path: 'a.ts',
    start: 7,
    end: 7,
    severity: 1,
    title: 'T',
    why: 'It divides by {line}.',
    fix: '',
    confidence: 0.5,
    code: ['  return a / $& b;'],
  });
  const about = ['A reviewer says of line 7, `return a / $& b;`:', 'It divides by {line}.'];
  expect(questions.map((question) => question.split('\n').slice(0, 2))).toEqual([about, about]);
  expect(new Set(questions).size).toBe(2);
});
