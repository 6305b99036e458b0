import { expect, test } from 'vitest';
import { History } from '../../src/context/history.ts';

test('a recorded item cannot be changed', () => {
  const history = new History();
  const item = { type: 'user' as const, kind: 'prompt' as const, content: 'a' };
  history.record(item);
  expect(() => {
    item.content = 'b';
  }).toThrow(TypeError);
});
