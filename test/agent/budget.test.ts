import { expect, test } from 'vitest';
import { budgetOf, outputBytes } from '../../src/agent/budget.ts';

test.each([
  [8192, 2048, undefined, { effective: 6144, limit: 5836, target: 2457, least: 614, users: 1638 }],
  [32_768, 8192, undefined, { effective: 24_576, limit: 23_347, target: 9830, least: 2457, users: 6553 }],
  [32_768, 8192, 9500, { effective: 10_000, limit: 9500, target: 4000, least: 1000, users: 6553 }],
  [32_768, 8192, 100_000, { effective: 24_576, limit: 23_347, target: 9830, least: 2457, users: 6553 }],
] as const)('%d tokens, %d for the answer, a limit of %s', (numCtx, numPredict, limit, expected) => {
  expect(budgetOf({ numCtx, numPredict }, limit)).toEqual(expected);
});

test('outputs: alone a quarter of the window, together a half', () => {
  const budget = budgetOf({ numCtx: 8192, numPredict: 2048 });
  expect([1, 2, 3, 12, 1000].map((calls) => outputBytes(budget, calls))).toEqual([
    6144, 6144, 4096, 1024, 256,
  ]);
});
