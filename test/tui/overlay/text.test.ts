import { expect, test } from 'vitest';
import { optionLines } from '../../../src/tui/overlay/list.ts';
import { hintLine } from '../../../src/tui/overlay/text.ts';
import { wholeItemLines } from '../../../src/tui/overlay/transcript.ts';

import { contextOf, seen } from './overlay-screen.ts';

test('of the hints that do not fit the arrows go first, and how a dialog ends last', () => {
  const at = (width: number, ...hints: readonly string[]): string =>
    seen([hintLine(hints, contextOf(width))]);
  const picker = ['↑↓ or number', 'enter select', 'tab show 1 of exec', 'esc cancel'];
  expect([80, 50, 40, 20, 8].map((width) => at(width, ...picker))).toEqual([
    '  ↑↓ or number · enter select · tab show 1 of exec · esc cancel',
    '  enter select · tab show 1 of exec · esc cancel',
    '  enter select · esc cancel',
    '  enter select',
    '  ente…',
  ]);
  expect(at(40, '← older', '→ newer', 'enter edit from here', 'q close')).toBe(
    '  enter edit from here · q close',
  );
});

test('what does not fit of a numbered option begins below its first word', () => {
  expect(seen(optionLines('2. No, and tell the model what to do', true, contextOf(22)))).toBe(
    '› 2. No, and tell the\n     model what to do',
  );
});

test('in the transcript what was said and thought is wrapped between words', () => {
  const text = 'I should look at the cart first, then at the tests.';
  const of = (type: 'user_message' | 'reasoning'): string =>
    seen(wholeItemLines({ type, id: '1', text, status: 'completed' }, contextOf(40)));
  expect([of('user_message'), of('reasoning')]).toEqual([
    '› I should look at the cart first, then\n  at the tests.',
    '• Thinking\n  I should look at the cart first, then\n  at the tests.',
  ]);
});
