/** What terminals can show, by what they say of themselves. */
import { expect, test } from 'vitest';
import { backgroundOf, colourBits, hasLinks, hasProgress } from '../../../src/tui/term/features.ts';

test.each([
  [{}, [4, undefined, false, false]],
  [{ TERM: 'xterm' }, [4, undefined, false, false]],
  [{ TERM: 'xterm-256color', COLORFGBG: '15;0' }, [8, 'dark', false, false]],
  [{ TERM: 'xterm-256color', COLORFGBG: '0;default;15' }, [8, 'light', false, false]],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', VTE_VERSION: '7600' }, [24, undefined, true, false]],
  [{ TERM: 'xterm-256color', VTE_VERSION: '4800', COLORFGBG: '15;8' }, [8, 'dark', false, false]],
  [{ TERM: 'xterm-kitty', KITTY_WINDOW_ID: '1' }, [24, undefined, true, false]],
  [{ TERM: 'xterm-ghostty', TERM_PROGRAM: 'ghostty' }, [24, undefined, true, true]],
  [
    { TERM: 'tmux-256color', TMUX: '/tmp/x', TERM_PROGRAM: 'tmux', KITTY_WINDOW_ID: '1' },
    [8, undefined, true, false],
  ],
  [{ TERM: 'screen-256color', KITTY_WINDOW_ID: '1' }, [8, undefined, false, false]],
  [{ WT_SESSION: 'x', TERM: 'xterm-256color' }, [24, undefined, true, true]],
  [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.10' }, [24, undefined, true, false]],
  [{ TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.6.10' }, [24, undefined, true, true]],
  [{ TERM_PROGRAM: 'Apple_Terminal', TERM: 'xterm-256color' }, [8, undefined, false, false]],
])('%j', (env, expected) => {
  expect([colourBits(env), backgroundOf(env), hasLinks(env), hasProgress(env)]).toEqual(expected);
});
