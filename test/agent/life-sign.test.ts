import { expect, onTestFinished, test, vi } from 'vitest';
import { heldSign, lifeSign } from '../../src/agent/life-sign.ts';

test('a sign of life is given with a piece of the answer, not more often than every five seconds', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const at: number[] = [];
  const begin = performance.now();
  const piece = lifeSign(() => at.push(performance.now() - begin));
  for (let count = 0; count < 16; count += 1) {
    piece();
    vi.advanceTimersByTime(999);
  }
  expect(at).toEqual([5_994, 11_988]);
});

test('only what is held back counts, and is reported with the sign', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const seen: number[] = [];
  const hear = heldSign((pieces) => seen.push(pieces));
  for (let count = 0; count < 16; count += 1) {
    hear({ type: 'text', text: '' });
    hear({ type: 'text', text: 'x' });
    hear({ type: 'thinking', text: '' });
    vi.advanceTimersByTime(999);
  }
  expect(seen).toEqual([1, 6, 6]);
});
