import { expect, test } from 'vitest';
import { allMutations, hasTest, parseError, sources } from '../../scripts/mutate-lists.ts';
import { chosen, isGoodEnough, type Outcome, planOf, tableOf, testsOf } from '../../scripts/mutate-plan.ts';
import type { Mutation } from '../mutations/mutation.ts';

const mutation = (file: string, find: string, more: Partial<Mutation> = {}): Mutation => ({
  file,
  find,
  replace: 'X',
  why: 'it matters',
  ...more,
});

const SOURCES = new Map([
  ['src/model/a.ts', 'one two two'],
  ['src/model/b.ts', 'three $& four'],
  ['src/text/c.ts', 'four'],
]);

const plan = (...mutations: Mutation[]) => planOf(mutations, SOURCES, (test) => test !== 'test/gone.ts');

test('a text that occurs once is replaced, as it is written', () => {
  const [first, dollars] = [
    mutation('src/model/a.ts', 'one'),
    mutation('src/text/c.ts', 'four', { replace: '$&' }),
  ];
  expect(plan(first, dollars)).toEqual({
    planned: [
      { mutation: first, file: 'src/model/a.ts', mutated: 'X two two' },
      { mutation: dollars, file: 'src/text/c.ts', mutated: '$&' },
    ],
    stale: [],
  });
});

test('a text that has moved to one other file is found there', () => {
  const moved = mutation('src/gone.ts', 'three');
  expect(plan(moved)).toEqual({
    planned: [{ mutation: moved, file: 'src/model/b.ts', mutated: 'X $& four' }],
    stale: [],
  });
});

test('what applies nowhere, or in more than one place, or has no test, is out of date', () => {
  const mutations = [
    mutation('src/model/a.ts', 'five'),
    mutation('src/model/a.ts', 'two'),
    mutation('src/gone.ts', 'four'),
    mutation('src/model/a.ts', 'one', { tests: ['test/here.ts', 'test/gone.ts'] }),
  ];
  expect(plan(...mutations)).toEqual({
    planned: [],
    stale: [
      { mutation: mutations[0], problem: 'the text is not there any more' },
      { mutation: mutations[1], problem: 'it occurs 2 times' },
      { mutation: mutations[2], problem: 'it is in src/model/b.ts and src/text/c.ts' },
      { mutation: mutations[3], problem: 'there is no test/gone.ts' },
    ],
  });
});

test('a word chooses a room, or else files', () => {
  const [a, b] = [mutation('src/model/a.ts', 'one'), mutation('src/tui/model-picker.ts', 'two')];
  expect([chosen([a, b], []), chosen([a, b], ['model']), chosen([a, b], ['picker', 'a.ts'])]).toEqual([
    [a, b],
    [a],
    [a, b],
  ]);
  expect(testsOf(a)).toEqual(['test/model/']);
});

test('the table has a line for each room; 95 of 100 are enough', () => {
  const outcomes = (caught: number, all: number, file = 'src/model/a.ts'): Outcome[] =>
    Array.from({ length: all }, (_, at) => ({
      mutation: mutation(file, 'one'),
      result: at < caught ? 'caught' : 'survived',
    }));
  const mixed = [...outcomes(2, 3), ...outcomes(1, 1, 'src/text/c.ts')];
  expect(tableOf(mixed).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['room', 'caught'],
    ['model', '2 of 3', '66 %'],
    ['text', '1 of 1', '100 %'],
    ['all', '3 of 4', '75 %'],
  ]);
  expect([isGoodEnough(outcomes(95, 100)), isGoodEnough(outcomes(94, 100))]).toEqual([true, false]);
});

test('every fault of the lists still applies, once and where it says, to a program and with a test', async () => {
  const { planned, stale } = planOf(await allMutations(), sources(), hasTest);
  const moved = planned.filter(({ mutation, file }) => mutation.file !== file);
  const broken = planned.filter((one) => parseError(one) !== undefined);
  // The copy that they are put into is not built.
  const unbuilt = planned.filter(({ mutation }) =>
    testsOf(mutation).some((name) => /^test\/(?:e2e|package)\//.test(name)),
  );
  expect({
    stale: stale.map(({ mutation, problem }) => `${mutation.file}: ${problem}: ${mutation.find}`),
    moved: moved.map(({ mutation, file }) => `${mutation.file} -> ${file}: ${mutation.find}`),
    broken: broken.map(({ mutation }) => `${mutation.file}: ${mutation.replace}`),
    unbuilt: unbuilt.map(({ mutation }) => `${mutation.file}: ${mutation.find}`),
  }).toEqual({ stale: [], moved: [], broken: [], unbuilt: [] });
});
