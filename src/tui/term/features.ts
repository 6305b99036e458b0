/**
 * What this terminal can show, as far as its environment says. In doubt it cannot: what is unknown is left out, and
 * nothing that is said depends on it.
 */

import type { TerminalEnv } from './sequences.ts';
import type { Background } from './start-queries.ts';

/** 24: any colour. */
export type ColourBits = 4 | 8 | 24;

const ANY_COLOUR_PROGRAMS: ReadonlySet<string> = new Set([
  'iTerm.app',
  'WezTerm',
  'ghostty',
  'vscode',
  'WarpTerminal',
  'kitty',
]);
const LINK_PROGRAMS: ReadonlySet<string> = new Set([...ANY_COLOUR_PROGRAMS, 'Hyper', 'Tabby', 'rio']);
/** Set by terminals for everything that runs in them. */
const LINK_MARKS = [
  'KITTY_WINDOW_ID',
  'GHOSTTY_RESOURCES_DIR',
  'WEZTERM_PANE',
  'WT_SESSION',
  'KONSOLE_VERSION',
  'DOMTERM',
];
const LINK_TERMS = /^(?:xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour|rio)/;
/** The first VTE whose links do not crash. */
const LINK_VTE = 5_000;

export function colourBits(env: TerminalEnv): ColourBits {
  const { COLORTERM: colours = '', TERM: term = '', TERM_PROGRAM: program = '' } = env;
  if (/^(?:truecolor|24bit)$/i.test(colours) || /-direct/.test(term)) return 24;
  if (isSet(env.TMUX) || /^(?:screen|tmux)/.test(term)) return /256/.test(term) ? 8 : 4;
  if (ANY_COLOUR_PROGRAMS.has(program) || isSet(env.WT_SESSION) || LINK_TERMS.test(term)) return 24;
  return /256/.test(term) ? 8 : 4;
}

/** What some terminals say where the question is not answered: `15;0`, foreground and background of the sixteen. */
export function backgroundOf(env: TerminalEnv): Background | undefined {
  const [, last = ''] = /;(\d{1,2})$/.exec(env.COLORFGBG ?? '') ?? [];
  if (last === '') return undefined;
  return last === '7' || Number(last) > 8 ? 'light' : 'dark';
}

/** Text with a target that opens when it is clicked (OSC 8). */
export function hasLinks(env: TerminalEnv): boolean {
  // GNU screen shows what it does not know.
  if (/^screen/.test(env.TERM ?? '') && !isSet(env.TMUX)) return false;
  return (
    LINK_PROGRAMS.has(env.TERM_PROGRAM ?? '') ||
    LINK_MARKS.some((name) => isSet(env[name])) ||
    LINK_TERMS.test(env.TERM ?? '') ||
    Number(env.VTE_VERSION ?? 0) >= LINK_VTE
  );
}

/** A bar in the tab or the taskbar (OSC 9;4); others would show its numbers as a message. */
export function hasProgress(env: TerminalEnv): boolean {
  if (isSet(env.TMUX)) return false;
  return (
    isSet(env.WT_SESSION) ||
    env.ConEmuANSI === 'ON' ||
    env.TERM_PROGRAM === 'ghostty' ||
    env.TERM_PROGRAM === 'WezTerm' ||
    (env.TERM_PROGRAM === 'iTerm.app' && isAtLeast(env.TERM_PROGRAM_VERSION, [3, 6, 6]))
  );
}

function isAtLeast(version: string | undefined, least: readonly number[]): boolean {
  const parts = (version ?? '').split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
