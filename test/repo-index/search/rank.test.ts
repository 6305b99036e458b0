import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Evidence, rankChunks, rankFiles, reasonsOf } from '../../../src/repo-index/search/rank.ts';
import type { ChunkHit } from '../../../src/repo-index/search/recall.ts';
import type { ChunkRow } from '../../../src/repo-index/store/rows.ts';

/** The only chunk of a file, unless `start` says otherwise. */
function chunk(path: string, start = 1, symbol = ''): ChunkRow {
  const key = `${path}:${start}`;
  return { id: 0, key, path, start, end: start + 9, symbol, kind: 'code', sha: new Uint8Array() };
}

const hits = (...paths: readonly string[]): ChunkHit[] =>
  paths.map((path) => ({ chunk: chunk(path), score: 1 }));

const asked = (weights: readonly (readonly [string, number])[] = []): Evidence['asked'] => ({
  weights: new Map(weights),
  known: weights.length,
  hasName: false,
});

function evidence(more: Partial<Evidence>): Evidence {
  return {
    keywords: [],
    text: [],
    words: ['retry', 'socket'],
    history: new Map(),
    named: new Map(),
    vectors: [],
    frequency: () => 0.1,
    asked: asked(),
    isWhole: true,
    near: [],
    changedAt: () => 0,
    now: 1e13,
    ...more,
  };
}

const order = (more: Partial<Evidence>): string[] => rankFiles(evidence(more)).map(({ path }) => path);

test('equal evidence gives the order of the paths', () => {
  expect(order({ keywords: hits('b.ts', 'c.ts', 'a.ts') })).toEqual(['a.ts', 'b.ts', 'c.ts']);
});

/** Two files have the same keywords, and one thing more speaks for the second. */
test.each<[string, Partial<Evidence>]>([
  ['a commit that changed it', { history: new Map([['b.ts', 3]]) }],
  ['a word in its text', { text: [{ path: 'b.ts', lines: new Map([[0, [4]]]) }] }],
  [
    'a rarer word in its text',
    {
      text: [
        { path: 'a.ts', lines: new Map([[0, [4]]]) },
        { path: 'b.ts', lines: new Map([[1, [4]]]) },
      ],
      frequency: (word) => (word === 0 ? 0.5 : 0.01),
    },
  ],
  ['the question names it', { named: new Map([['b.ts', { score: 0.5, lines: [], isPlace: false }]]) }],
  ['a nearer vector', { vectors: [...hits('b.ts'), { chunk: chunk('a.ts'), score: 0.9 }] }],
  ['the conversation is about it', { near: ['b.ts'] }],
  ['a later change', { changedAt: (path) => (path === 'b.ts' ? 1e13 : 0) }],
])('what decides between two files alone: %s', (_, more) => {
  expect(order({ keywords: hits('a.ts', 'b.ts'), ...more })).toEqual(['b.ts', 'a.ts']);
});

test.each([
  ['test', 'a.test.ts'],
  ['text for people', 'a.md'],
  ['data', 'a.toml'],
])('with the same evidence code comes before a %s', (_, other) => {
  expect(order({ keywords: hits(other, 'b.ts') })).toEqual(['b.ts', other]);
});

test.each([
  ['a test', 'a.test.ts', 0.3],
  ['an example', 'examples/a.ts', 0.5],
])('%s is worth that part of its evidence', (_, name, part) => {
  const [code, other] = rankFiles(evidence({ keywords: hits(name, 'b.ts') }));
  expect((other?.score ?? 0) / (code?.score ?? 1)).toBeCloseTo(part, 5);
});

test('a name with a word of the question counts more than a folder, and that more than the text', () => {
  const text = ['a/x.ts', 'b/retry/x.ts', 'c/retry.ts'].map((path) => ({ path, lines: new Map([[0, [1]]]) }));
  expect(order({ text })).toEqual(['c/retry.ts', 'b/retry/x.ts', 'a/x.ts']);
});

test('a place that the question names comes first without any other evidence, even a test', () => {
  const orderOf = (isPlace: boolean) =>
    order({ keywords: hits('a.ts'), named: new Map([['b.test.ts', { score: 1, lines: [], isPlace }]]) });
  expect([orderOf(true), orderOf(false)]).toEqual([['b.test.ts', 'a.ts'], ['a.ts']]);
});

test('a word that the index does not know counts little, once the index has all files', () => {
  const text = [
    { path: 'a/unknown.ts', lines: new Map([[0, [1]]]) },
    { path: 'b/known.ts', lines: new Map([[1, [1]]]) },
  ];
  const orderOf = (isWhole: boolean) =>
    order({ text, isWhole, frequency: (word) => (word === 0 ? 0 : 0.01) });
  expect([orderOf(true), orderOf(false)]).toEqual([
    ['b/known.ts', 'a/unknown.ts'],
    ['a/unknown.ts', 'b/known.ts'],
  ]);
});

test('a file that only history speaks of is no answer', () => {
  expect(order({ keywords: hits('a.ts'), history: new Map([['b.ts', 3]]) })).toEqual(['a.ts']);
});

/** Two chunks of one file, and one thing more speaks for the second. */
test.each<[string, Partial<Evidence>]>([
  ['its symbol', { asked: asked([['retri', 1]]) }],
  ['its words', { keywords: [{ chunk: chunk('a.ts', 11, 'retry'), score: 2 }] }],
  [
    'a line that the question names',
    { named: new Map([['a.ts', { score: 1, lines: [12], isPlace: true }]]) },
  ],
  ['a word in its lines', { text: [{ path: 'a.ts', lines: new Map([[0, [12]]]) }] }],
  [
    'its vector',
    {
      vectors: [
        { chunk: chunk('a.ts', 11, 'retry'), score: 0.9 },
        { chunk: chunk('a.ts', 1, 'other'), score: 0.8 },
      ],
    },
  ],
])('which chunk of a file comes first: %s', (_, more) => {
  const both = [chunk('a.ts', 1, 'other'), chunk('a.ts', 11, 'retry')];
  const found = rankChunks({ path: 'a.ts', score: 0.8 }, both, evidence(more));
  expect(found[0]).toEqual({ chunk: both[1], score: 0.8 });
});

test('scores are between 0 and 1.05, best first, whatever the evidence is', () => {
  const path = fc.constantFrom('a.ts', 'b/c.ts', 'b/d.test.ts', 'README.md');
  const hit = fc.record({
    chunk: path.map((name) => chunk(name)),
    score: fc.double({ min: 0, max: 1e3, noNaN: true }),
  });
  const lines = fc.array(fc.tuple(fc.nat(1), fc.array(fc.nat(50), { minLength: 1 })));
  const any = fc.record({
    keywords: fc.array(hit),
    vectors: fc.array(hit),
    text: fc.array(fc.record({ path, lines: lines.map((list) => new Map(list)) })),
    history: fc
      .array(fc.tuple(path, fc.double({ min: 0, max: 1e3, noNaN: true })))
      .map((list) => new Map(list)),
    near: fc.array(path),
    isWhole: fc.boolean(),
  });
  fc.assert(
    fc.property(any, (more) => {
      const scores = rankFiles(evidence(more)).map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const score of scores) expect(score >= 0 && score <= 1.05).toBe(true);
    }),
  );
});

test('the reasons of a file add up to its score, whatever the evidence', () => {
  const paths = ['a.ts', 'b/retry.ts', 'c.test.ts', 'd.md'];
  const hit = fc.record({
    chunk: fc.constantFrom(...paths).map((path) => chunk(path)),
    score: fc.double({ min: 0.1, max: 9, noNaN: true }),
  });
  const list = fc.uniqueArray(hit, { selector: ({ chunk: { path } }) => path });
  fc.assert(
    fc.property(
      list,
      list,
      fc.dictionary(fc.constantFrom(...paths), fc.integer({ min: 1, max: 5 })),
      fc.boolean(),
      (keywords, vectors, votes, isWhole) => {
        const all = evidence({
          keywords,
          vectors,
          isWhole,
          history: new Map(Object.entries(votes)),
          near: ['a.ts'],
        });
        for (const { path, score } of rankFiles(all)) {
          const { reasons, factors } = reasonsOf(all, path);
          const sum = reasons.reduce((before, { points }) => before + points, 0);
          expect(factors.reduce((product, { by }) => product * by, sum)).toBeCloseTo(score, 10);
        }
      },
    ),
  );
});

test('each reason says what it gave, at which place, and who is first by it', () => {
  const all = evidence({
    keywords: [...hits('a.test.ts'), { chunk: chunk('b.ts'), score: 0.5 }],
    history: new Map([['b.ts', 1]]),
  });
  const { reasons, factors } = reasonsOf(all, 'b.ts');
  expect(reasons.map(({ name, place, of, best }) => ({ name, place, of, best }))).toEqual([
    { name: 'keywords', place: 2, of: 2, best: 'a.test.ts' },
    { name: 'words as written', place: undefined, of: 0, best: undefined },
    { name: 'past commits', place: 1, of: 1, best: 'b.ts' },
  ]);
  expect(factors).toEqual([]);
  expect(reasonsOf(all, 'a.test.ts').factors).toEqual([{ name: 'it is a test', by: 0.3 }]);
});
