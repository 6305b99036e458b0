import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stem } from '../../../src/repo-index/store/stem.ts';
import {
  indexedText,
  mayHave,
  namesOf,
  queryTokens,
  queryWords,
  tokensOf,
} from '../../../src/repo-index/store/tokens.ts';
import { anyText } from '../../support/any-text.ts';

test('identifiers are taken apart, and kept whole', () => {
  expect(
    [
      'parseHTTPResponse',
      'max_retry_count',
      'MAX_SIZE',
      'sha256Sum',
      'x',
      '$http',
      '__init__',
      'v2Client',
    ].map(tokensOf),
  ).toEqual([
    ['pars', 'http', 'respons', 'parsehttpresponse'],
    ['max', 'retri', 'count', 'maxretrycount'],
    ['max', 'siz', 'maxsize'],
    ['sha256', 'sum', 'sha256sum'],
    [],
    ['http'],
    ['init'],
    ['v2', 'client', 'v2client'],
  ]);
});

test('names that only code has', () => {
  expect(namesOf('Why does parseHTTPResponse in MAX_SIZE of Größe_max fail, an API of __init__?')).toEqual([
    'parsehttpresponse',
    'maxsize',
    'größemax',
  ]);
});

test('the forms of a word have one stem', () => {
  const stems = (words: string) => [...new Set(words.split(' ').map(stem))];
  expect(
    [
      'parse parses parsed parsing parser',
      'retry retries retried',
      'stop stopped stopping stops',
      'match matches',
    ].map(stems),
  ).toEqual([['pars'], ['retri'], ['stop'], ['match']]);
  expect(['class', 'status', 'bus', 'need', 'utf8'].map(stem)).toEqual([
    'class',
    'status',
    'bus',
    'need',
    'utf8',
  ]);
});

test('a question loses the words that say nothing, unless it has no others', () => {
  expect(queryTokens('How does the client retry a failed request?')).toEqual([
    'client',
    'retri',
    'fail',
    'request',
  ]);
  expect(queryTokens('what is this')).toEqual(['what', 'is', 'this']);
  expect(queryWords('Why does `readFile` fail for 12 FIFOs in it?')).toEqual(['readFile', 'fail', 'FIFOs']);
});

test('scripts without blanks are searched by pairs', () => {
  expect(tokensOf('再試行回数')).toEqual(['再試', '試行', '行回', '回数']);
  expect(indexedText('größe Größe')).toBe('größe größe');
});

test('a word of a text is found by the same word of a question', () => {
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{2,30}$/);
  fc.assert(
    fc.property(word, anyText(), (name, other) => {
      const indexed = new Set(indexedText(`${other} ${name} ${other}`).split(' '));
      for (const token of tokensOf(name)) expect(indexed).toContain(token);
    }),
  );
});

test('a text that has a token may have it; one without its letters may not', () => {
  const endings = [
    '',
    's',
    'ies',
    'ied',
    'ing',
    'izer',
    'ization',
    'ability',
    'ibilities',
    'ation',
    'ements',
    'ally',
    'ness',
  ];
  const word = fc
    .tuple(fc.stringMatching(/^[A-Za-z_$]{1,12}$/), fc.constantFrom(...endings))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(word, anyText(), (name, other) => {
      for (const text of [name, `${other} ${name} ${other}`])
        for (const token of tokensOf(name)) expect(mayHave([token]).test(text)).toBe(true);
    }),
  );
  expect(mayHave(['upload', 'timeout']).test('const retry_count = 1;')).toBe(false);
  expect(mayHave(['upload', 'retrycount']).test('const retry_count = 1;')).toBe(true);
});

test('a token is what FTS5 takes as one word', () => {
  fc.assert(
    fc.property(anyText(300), (text) => {
      for (const token of indexedText(text).split(' ')) {
        expect(token).not.toMatch(/["\s]/);
        expect(token).toBe(token.toLowerCase());
        expect(token.length).toBeLessThanOrEqual(40);
      }
      for (const token of queryTokens(text)) expect(token).not.toMatch(/["\s]/);
    }),
  );
});

test('no blank of any script is part of a word', () => {
  const blanks = [...String.fromCodePoint(...Array(0x10000).keys())].filter((one) => /\s/.test(one));
  expect(blanks.map((blank) => indexedText(`größe${blank}maß`))).toEqual(
    blanks.map(() => indexedText('größe maß')),
  );
});

test('a stem is never empty', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,20}$/), (word) => {
      expect(stem(word).length).toBeGreaterThan(0);
      expect(stem(word).length).toBeLessThanOrEqual(word.length + 1);
    }),
  );
});

test('the wide marks of Chinese and Japanese are no part of a word', () => {
  expect(queryTokens('备份保留多久？')).toEqual(['备份', '份保', '保留', '留多', '多久']);
  expect(queryWords('删除：重试；再见！（ＡＢＣ）')).toEqual(['删除', '重试', '再见', 'ＡＢＣ']);
});
