import { expect, test } from 'vitest';
import { effortToThink } from '../../src/config/effort.ts';

test('an effort becomes a level for models that have levels and a switch for all others', () => {
  const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
  expect(
    efforts.map((effort) => [
      effort,
      effortToThink(effort, { gptOss: true }),
      effortToThink(effort, { gptOss: false }),
    ]),
  ).toEqual([
    ['none', 'low', false],
    ['minimal', 'low', true],
    ['low', 'low', true],
    ['medium', 'medium', true],
    ['high', 'high', true],
    ['xhigh', 'max', true],
  ]);
});
