/**
 * How oagent calls a user who is looking elsewhere: a desktop notification where the terminal can show one, otherwise
 * the bell. The message is sanitised and short.
 */
import { isTmux, sequenceText, type TerminalEnv, throughTmux } from './sequences.ts';

const bell = '\x07';

/** When to call: never, only while the window has no focus, or always. */
type NotifyWhen = 'never' | 'unfocused' | 'always';
type NotifyMethod = 'auto' | 'osc9' | 'bel';

/** What the user is called for: the end of a turn, or a question. */
export type NotifyAbout = 'turns' | 'approvals';

export interface NotifySettings {
  readonly when: NotifyWhen;
  readonly method: NotifyMethod;
  /** Absent: for everything. */
  readonly about?: readonly NotifyAbout[];
}

const MESSAGE_LIMIT = 200;
const OSC9_PROGRAMS: ReadonlySet<string> = new Set([
  'ghostty',
  'iTerm.app',
  'WezTerm',
  'WarpTerminal',
  'kitty',
]);
const OSC9_TERMS: ReadonlySet<string> = new Set(['xterm-kitty', 'xterm-ghostty', 'wezterm']);
/** Set by these terminals for everything that runs in them, and so visible inside tmux too. */
const OSC9_MARKS = ['KITTY_WINDOW_ID', 'GHOSTTY_RESOURCES_DIR', 'WEZTERM_PANE', 'ITERM_SESSION_ID'];

/** True for terminals that show OSC 9 as a notification: Ghostty, iTerm2, kitty, Warp, WezTerm. */
export function hasNotifications(env: TerminalEnv): boolean {
  return (
    OSC9_PROGRAMS.has(env.TERM_PROGRAM ?? '') ||
    OSC9_TERMS.has(env.TERM ?? '') ||
    env.LC_TERMINAL === 'iTerm2' ||
    OSC9_MARKS.some((name) => (env[name] ?? '') !== '')
  );
}

/** The bytes that call the user with a message; empty if this is not the time. */
export function notifySequence(
  message: string,
  { when, method }: Pick<NotifySettings, 'when' | 'method'>,
  hasFocus: boolean,
  env: TerminalEnv,
): string {
  if (when === 'never' || (when === 'unfocused' && hasFocus)) return '';
  const text = sequenceText(message, MESSAGE_LIMIT);
  if (text === '' || method === 'bel' || (method === 'auto' && !hasNotifications(env))) return bell;
  // `9;4;…` and similar are other commands: a message must not begin with a digit.
  const sequence = `\x1b]9;${/^\d/.test(text) ? `: ${text}` : text}\x07`;
  return isTmux(env) ? throughTmux(sequence) : sequence;
}
