import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasNotifications, notifySequence } from '../../../src/tui/term/notify.ts';
import {
  bracketedPasteOn,
  clipboardSequence,
  enterAlternate,
  focusReportsOn,
  keyboardPush,
  leaveAlternate,
  restoreSequence,
  throughTmux,
  titlePush,
  titleSequence,
} from '../../../src/tui/term/sequences.ts';
import { Screen } from '../../support/screen.ts';

const AUTO = { when: 'unfocused', method: 'auto' } as const;

test('everything that can be turned on is turned off again', () => {
  const all = restoreSequence({ alternate: true, keyboard: true, title: true });
  expect(all).toBe('\x1b[0m\x1b[0m\x1b[2J\x1b[H\x1b[?1049l\x1b[<u\x1b[23;0t\x1b[?1004l\x1b[?2004l\x1b[?25h');
  expect(restoreSequence({ alternate: false, keyboard: false, title: false })).toBe(
    '\x1b[0m\x1b[?1004l\x1b[?2004l\x1b[?25h',
  );
});

test('a terminal shows after the pager what it showed before', async () => {
  const screen = new Screen(40, 6);
  screen.feed(`one\r\ntwo${bracketedPasteOn}${focusReportsOn}${keyboardPush}${titlePush}`);
  screen.feed(`${enterAlternate}pager`);
  await screen.settled();
  expect({ text: screen.text(), alternate: screen.isAlternate() }).toEqual({
    text: 'pager',
    alternate: true,
  });
  screen.feed(leaveAlternate);
  screen.feed(restoreSequence({ alternate: false, keyboard: true, title: true }));
  await screen.settled();
  expect({ text: screen.text(), alternate: screen.isAlternate(), cursor: screen.cursor() }).toEqual({
    text: 'one\ntwo',
    alternate: false,
    cursor: { x: 3, y: 1 },
  });
});

test('a title is one sanitised line of bounded length', () => {
  expect(titleSequence('oagent  ·\nmy\x07 pro\x1b]0;x\x07ject')).toBe('\x1b]0;oagent · my project\x07');
  expect(titleSequence('x'.repeat(500))).toBe(`\x1b]0;${'x'.repeat(119)}…\x07`);
});

test('no text can leave its sequence', () => {
  const hostile = fc.string({
    unit: fc.constantFrom(
      '\x1b',
      '\x07',
      '\\',
      ']',
      '9',
      '\x9c',
      '\x9d',
      ';',
      'a',
      '\n',
      '\u202e',
      '\ud800',
      '👩‍💻',
    ),
    maxLength: 300,
  });
  fc.assert(
    fc.property(hostile, (text) => {
      expect(titleSequence(text)).toMatch(/^\x1b\]0;[^\x00-\x1f\x7f-\x9f\u202e]*\x07$/u);
      const note = notifySequence(text, { when: 'always', method: 'osc9' }, false, {});
      expect(note).toMatch(
        /^(?:\x07|\x1b\]9;[^\x00-\x1f\x7f-\x9f\u202e\d][^\x00-\x1f\x7f-\x9f\u202e]*\x07)$/u,
      );
    }),
  );
});

test('text goes to the clipboard as base64, in tmux by both ways, and not when terminals would cut it', () => {
  expect(clipboardSequence('héllo\n', {})).toBe('\x1b]52;c;aMOpbGxvCg==\x07');
  expect(clipboardSequence('a', { TMUX: '/tmp/tmux' })).toBe(
    '\x1b]52;c;YQ==\x07\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\',
  );
  expect(clipboardSequence('x'.repeat(75_000), {})).toHaveLength(100_008);
  expect(clipboardSequence('x'.repeat(75_001), {})).toBeUndefined();
});

test.each([
  [{ TERM_PROGRAM: 'ghostty' }, true],
  [{ TERM_PROGRAM: 'iTerm.app' }, true],
  [{ TERM_PROGRAM: 'WezTerm' }, true],
  [{ TERM_PROGRAM: 'WarpTerminal' }, true],
  [{ TERM: 'xterm-kitty' }, true],
  [{ TERM: 'xterm-ghostty' }, true],
  [{ LC_TERMINAL: 'iTerm2' }, true],
  [{ TERM_PROGRAM: 'tmux', TMUX: '1', KITTY_WINDOW_ID: '3' }, true],
  [{ TERM_PROGRAM: 'Apple_Terminal', TERM: 'xterm-256color' }, false],
  [{ TERM_PROGRAM: 'vscode' }, false],
  [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '' }, false],
  [{}, false],
])('which terminals show notifications: %o', (env, expected) => {
  expect(hasNotifications(env)).toBe(expected);
});

test('the user is called only when they look elsewhere', () => {
  const kitty = { TERM: 'xterm-kitty' };
  expect(notifySequence('done', AUTO, true, kitty)).toBe('');
  expect(notifySequence('done', AUTO, false, kitty)).toBe('\x1b]9;done\x07');
  expect(notifySequence('done', AUTO, false, { ...kitty, TMUX: '1' })).toBe(throughTmux('\x1b]9;done\x07'));
  expect(notifySequence('done', AUTO, false, { TERM: 'xterm' })).toBe('\x07');
  expect(notifySequence('done', { when: 'always', method: 'bel' }, true, kitty)).toBe('\x07');
  expect(notifySequence('done', { when: 'never', method: 'osc9' }, false, kitty)).toBe('');
  expect(notifySequence('4;1;50 done', { when: 'always', method: 'osc9' }, true, {})).toBe(
    '\x1b]9;: 4;1;50 done\x07',
  );
});
