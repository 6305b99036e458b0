import { expect, test } from 'vitest';
import { askedOf, measure } from '../../../src/repo-index/search/measure.ts';

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

const COUNTS = new Map([
  ['retri', 1],
  ['upload', 10],
  ['retryupload', 1],
]);
const asked = (tokens: readonly string[], names: readonly string[] = []) =>
  askedOf(tokens, names, (token) => COUNTS.get(token) ?? 0, 100);

test('what a text has of a question, the definition that has it, and its best line', () => {
  const question = asked(['retri', 'upload', 'nowher']);
  expect(question).toEqual({
    weights: new Map([
      ['retri', 1],
      ['upload', 0.5],
      ['nowher', 0.25],
    ]),
    known: 2,
    hasName: false,
  });
  const { about, ...measured } = measure(question, 'src/upload.ts', LINES);
  expect(measured).toEqual({ coverage: 1.5 / 1.75, weight: 1.5, focus: { from: 4, to: 9 }, telling: 4 });
  expect(about).toBeCloseTo(1.5 / 1.75 + 0.5 / 3 + 0.4, 10);
});

test('a word that the index does not know lessens the coverage less than one that it knows', () => {
  const coverage = (...tokens: readonly string[]) => measure(asked(tokens), 'a.ts', ['upload()']).coverage;
  expect([coverage('upload', 'nowher'), coverage('upload', 'retri')]).toEqual([0.5 / 0.75, 0.5 / 1.5]);
});

test('the question is about code for sure if it has a name that is in the index', () => {
  const sure = (...names: readonly string[]) => measure(asked(['upload'], names), 'a.ts', LINES).about;
  expect(sure('retryupload') - sure('othername')).toBeCloseTo(1, 10);
});

test('without a telling word nothing is in any text, and all lines stay', () => {
  expect(measure(asked([]), 'src/a.ts', LINES)).toEqual({
    coverage: 0,
    weight: 0,
    focus: { from: 0, to: 9 },
    telling: 0,
    about: 0,
  });
});

test('of a long definition the 45 lines that tell most', () => {
  const lines = Array.from({ length: 200 }, (_, at) => (at >= 120 && at < 130 ? 'upload();' : 'other();'));
  expect(measure(asked(['upload']), 'src/a.ts', lines).focus).toEqual({ from: 85, to: 130 });
});
