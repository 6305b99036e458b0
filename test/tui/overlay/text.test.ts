import { expect, test } from 'vitest';
import { optionLines } from '../../../src/tui/overlay/list.ts';
import { noServerLines, openNoServer } from '../../../src/tui/overlay/no-server.ts';
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

test('without a server what is to be done is shown whole or not at all', () => {
  const facts = {
    host: 'http://127.0.0.1:11434',
    problem: 'no answer',
    isInstalled: undefined,
    isFromEnv: false,
  };
  const lines = noServerLines(openNoServer({ ...facts, platform: 'linux' }), contextOf(40), 12);
  expect(seen(lines)).toBe(
    [
      'Ollama does not answer at',
      'http://127.0.0.1:11434',
      '',
      '  Start it: run `ollama serve` in',
      '    another terminal, or `systemctl',
      '    start ollama`',
      '  Problem: no answer',
      '',
      '› Try again',
      '  Quit',
      '',
      '  enter select · ctrl+c quit',
    ].join('\n'),
  );
});
