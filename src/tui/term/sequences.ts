/**
 * What oagent sends to the terminal besides text: modes, title, clipboard, and how everything is put back.
 *
 * Invariants: text from outside is sanitised before it goes into a sequence, so that it can neither end it nor begin
 * another one; every mode that can be turned on here can be turned off here.
 */
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/** The environment, as far as it says which terminal this is. */
export type TerminalEnv = Readonly<Record<string, string | undefined>>;

export const showCursor = '\x1b[?25h';
export const hideCursor = '\x1b[?25l';

/** Pasted text arrives between two marks. */
export const bracketedPasteOn = '\x1b[?2004h';
const bracketedPasteOff = '\x1b[?2004l';

/** The terminal reports when its window gains or loses the focus. */
export const focusReportsOn = '\x1b[?1004h';
const focusReportsOff = '\x1b[?1004l';

/**
 * Kitty's keyboard protocol: keys that share a byte in old terminals become different (1), and a chord comes with the
 * key's place on a Latin keyboard (4), so that Ctrl+C is the same key in every layout. A terminal that knows it answers
 * the query, in its own time.
 */
export const keyboardQuery = '\x1b[?u';
export const keyboardPush = '\x1b[>5u';
const keyboardPop = '\x1b[<u';

/** Saves and restores the window's title; terminals without such a stack ignore both. */
export const titlePush = '\x1b[22;0t';
const titlePop = '\x1b[23;0t';

const resetLook = '\x1b[0m';
const alternateOn = '\x1b[?1049h';
const alternateOff = '\x1b[?1049l';
const clearScreen = '\x1b[2J\x1b[H';

/** What was turned on and has to be turned off again. */
interface TerminalUse {
  /** The alternate screen is shown now. */
  readonly alternate: boolean;
  /** Kitty's keyboard protocol was pushed. */
  readonly keyboard: boolean;
  /** `titlePush` was written. */
  readonly title: boolean;
}

/** Shows the alternate screen, empty. It has a keyboard stack of its own, on which the protocol is off. */
export const enterAlternate = `${alternateOn}${hideCursor}${clearScreen}`;

/**
 * Shows what was there before `enterAlternate`, with the cursor where it was. Cleared first: tmux keeps rows of an
 * alternate screen that has become lower.
 */
export const leaveAlternate = `${resetLook}${clearScreen}${alternateOff}`;

/**
 * Everything that puts a terminal back, for the exit, a crash and a stop (SIGTSTP). `alternate` must be true only while
 * that screen is shown: leaving it moves the cursor to where it was before.
 */
export function restoreSequence(used: TerminalUse): string {
  return [
    resetLook,
    used.alternate ? leaveAlternate : '',
    used.keyboard ? keyboardPop : '',
    used.title ? titlePop : '',
    focusReportsOff,
    bracketedPasteOff,
    showCursor,
  ].join('');
}

/** Blanks a screen of this many rows; what was on it can be scrolled back to. */
export function scrolledAway(rows: number): string {
  return `${'\n'.repeat(rows)}\x1b[H`;
}

const TITLE_LIMIT = 120;

/** Sets the title of the window and the tab. */
export function titleSequence(title: string): string {
  return `\x1b]0;${sequenceText(title, TITLE_LIMIT)}\x07`;
}

/** The bar in the tab or the taskbar (OSC 9;4): a share from 0 to 1, something of unknown length, a pause, nothing. */
export function progressSequence(progress: number | 'busy' | 'paused' | undefined): string {
  if (progress === undefined) return '\x1b]9;4;0\x07';
  if (typeof progress === 'string') return `\x1b]9;4;${progress === 'busy' ? '3' : '4'}\x07`;
  return `\x1b]9;4;1;${Math.round(Math.min(1, Math.max(0, progress)) * 100)}\x07`;
}

/** Bytes of base64 that terminals accept: xterm stops there, most others later. */
const CLIPBOARD_LIMIT = 100_000;

/**
 * Puts a text on the clipboard of the machine where the terminal is, even over SSH (OSC 52). Undefined if the text is
 * too long for terminals. Whether it worked cannot be known.
 */
export function clipboardSequence(text: string, env: TerminalEnv): string | undefined {
  const encoded = Buffer.from(text.toWellFormed(), 'utf8').toString('base64');
  if (encoded.length > CLIPBOARD_LIMIT) return undefined;
  const sequence = `\x1b]52;c;${encoded}\x07`;
  // Either of tmux's two settings that let it through may be on. A second copy of the same text does no harm.
  return isTmux(env) ? `${sequence}${throughTmux(sequence)}` : sequence;
}

export function isTmux(env: TerminalEnv): boolean {
  return env.TMUX !== undefined && env.TMUX !== '';
}

/** Whether the terminal wraps what it shows again when it becomes narrower: all of today do but these. */
export function wrapsAgain(env: TerminalEnv): boolean {
  if (isTmux(env)) return true;
  return (env.XTERM_VERSION ?? '') === '' && !/^(?:linux|screen|putty)/.test(env.TERM ?? '');
}

/** A sequence that tmux passes to the terminal around it (`allow-passthrough on`). */
export function throughTmux(sequence: string): string {
  return `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;
}

/** Text for the inside of a sequence: one line, without control characters, at most `limit` characters. */
export function sequenceText(text: string, limit: number): string {
  const line = sanitizeForTerminal(text).replace(/\s+/g, ' ').trim();
  const characters = [...line.slice(0, 2 * limit)];
  return characters.length <= limit
    ? line.slice(0, 2 * limit)
    : `${characters.slice(0, limit - 1).join('')}…`;
}
