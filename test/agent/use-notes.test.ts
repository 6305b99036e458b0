import { expect, test } from 'vitest';
import { UseNotes } from '../../src/agent/budget.ts';

test('each stage is told once, the highest that was crossed, and again after the use has fallen', () => {
  const use = new UseNotes();
  const told = [100, 499, 500, 520, 499, 501, 930, 940, 1100, 400, 490, 760, 100, 500].map((used) =>
    use.due(used, 1000),
  );
  const note = (percent: number, tokens: number) =>
    `[${percent}% of the context is used, about ${tokens} tokens are left. Read only what you need.]`;
  expect(told).toEqual([
    undefined,
    undefined,
    note(50, 500),
    undefined,
    undefined,
    undefined,
    note(93, 70),
    undefined,
    undefined,
    undefined,
    undefined,
    note(76, 240),
    undefined,
    note(50, 500),
  ]);
});
