/** How far above Ink's first row the live region begins once the terminal has wrapped it anew. */
import { expect, test } from 'vitest';
import { toReflowedTop, wrapsAnew } from '../../../src/tui/term/reflow.ts';

const live = ['', 'x'.repeat(25), `\x1b[2m${'y'.repeat(8)}\x1b[22m`, 'draft', '', 'footer'];

test('rows above the cursor that became more', () => {
  const cursor = { x: 5, y: 3 };
  expect([30, 20, 10, 5].map((columns) => toReflowedTop({ live, cursor }, columns))).toEqual([
    '',
    '\x1b[1A',
    '\x1b[2A',
    '\x1b[6A',
  ]);
});

test('without a cursor all is erased, and Ink finds as many rows as it painted', () => {
  expect(toReflowedTop({ live }, 30)).toBe('');
  expect(toReflowedTop({ live }, 10)).toBe('\x1b[8A\r\x1b[J\x1b[6B');
});

test('terminals that cut what stands on the screen are left alone', () => {
  const terminals = [
    { TERM: 'xterm-256color' },
    { TERM: 'linux' },
    { XTERM_VERSION: 'XTerm(390)' },
    { STY: '1.pts' },
  ];
  expect([...terminals, { STY: '1', TMUX: '/tmp/x' }].map(wrapsAnew)).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
});
