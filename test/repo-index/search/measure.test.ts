import { expect, test } from 'vitest';
import { measure, weightsOf } from '../../../src/repo-index/search/measure.ts';

const LINES = [
  'function first() {',
  '  return 1;',
  '}',
  '',
  'function retryUpload() {',
  '  wait();',
  '',
  '  upload();',
  '}',
  '',
];

test('what a text has of a question, and the definition that has it', () => {
  const counts = new Map([
    ['retri', 1],
    ['upload', 10],
  ]);
  const weights = weightsOf(['retri', 'upload', 'nowher'], (token) => counts.get(token) ?? 0, 100);
  expect(weights).toEqual(
    new Map([
      ['retri', 1],
      ['upload', 0.5],
      ['nowher', 1],
    ]),
  );
  expect(measure(weights, 'src/a.ts', LINES)).toEqual({
    coverage: 0.6,
    weight: 1.5,
    focus: { from: 4, to: 9 },
  });
});

test('without a telling word nothing is in any text, and all lines stay', () => {
  expect(measure(new Map(), 'src/a.ts', LINES)).toEqual({
    coverage: 0,
    weight: 0,
    focus: { from: 0, to: 9 },
  });
});
