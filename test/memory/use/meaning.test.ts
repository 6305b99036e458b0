/** Words and meaning together. */
import { expect, test } from 'vitest';
import { isEnglish } from '../../../src/memory/use/english.ts';
import { withMeaning } from '../../../src/memory/use/meaning.ts';

const FLOORS = { question: 0.4, other: 0.6, words: 0.3 };
const near = (cosines: Readonly<Record<string, number | undefined>>) =>
  Object.entries(cosines).map(([memory, cosine]) => ({ memory, cosine }));

test.each([
  ['a question, from its floor', 'why did phones run out of power?', { a: 0.41, b: 0.1 }, ['a']],
  ['no question, from a higher one', 'the phones run out of power', { a: 0.59 }, []],
  ['no question, above that', 'the phones run out of power', { a: 0.61 }, ['a']],
  ['about the past', 'the phones did that last time', { a: 0.41 }, ['a']],
  ['about habits', 'charge the phones as we do', { a: 0.41 }, ['a']],
  ['below every floor', 'why did phones run out of power?', { a: 0.39 }, []],
  [
    'the nearest first, and those that are about as near',
    'which phones?',
    { a: 0.5, b: 0.54, c: 0.48 },
    ['b', 'a'],
  ],
  ['without a word that tells', 'was that file always so long?', { a: 0.9 }, []],
  ['without vectors', 'why did phones run out of power?', { a: undefined }, []],
  ['in a language that was not measured', 'warum haben die Handys keinen Strom?', { a: 0.9 }, []],
] as const)('by meaning alone: %s', (_, message, cosines, expected) => {
  expect(withMeaning(message, [], near(cosines), FLOORS)).toEqual(expected);
});

test.each([
  ['a question keeps what its words found', 'where do the phones connect?', ['a'], { a: 0.01 }, ['a']],
  [
    'another message only what is near enough',
    'add phones to my tests',
    ['a', 'b'],
    { a: 0.29, b: 0.31 },
    ['b'],
  ],
  ['or has no vector', 'add phones to my tests', ['a', 'b'], { a: undefined, b: 0.1 }, ['a']],
  [
    'what its words found is first, nothing twice',
    'which phones?',
    ['a', 'b'],
    { c: 0.9, a: 0.89 },
    ['a', 'b', 'c'],
  ],
  ['in another language words alone decide', 'Füge die Handys hinzu', ['a'], { a: 0.01, b: 0.9 }, ['a']],
] as const)('by words and meaning: %s', (_, message, byWords, cosines, expected) => {
  expect(withMeaning<string>(message, byWords, near(cosines), FLOORS)).toEqual(expected);
});

test.each([
  ['why did phones run out of power?', true],
  ['add the `die` macro to src/das/und.rs, and test that it does what we want', true],
  ['Wie wird der Logger erzeugt?', false],
  ['Wo wird geprüft, ob das stimmt?', false],
  ['où est le fichier de configuration', false],
  ['comment est fait le parser', false],
  ['donde esta el archivo para los tests', false],
  ['密钥应该放在哪里？', false],
  ['show me the café list of the app', false],
  ['parse Set-Cookie', false],
  ['', false],
])('%s: English? %s', (message, expected) => {
  expect(isEnglish(message)).toBe(expected);
});
