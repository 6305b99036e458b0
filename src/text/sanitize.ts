/**
 * Makes foreign text safe to print: no model, file or command may move the cursor, hide text or talk to the
 * terminal.
 *
 * Invariants: the result has no control characters except newline and tab, and no invisible or direction-changing
 * ones; sanitising twice changes nothing; the time is linear in the length of the text. Colours are not kept. The model
 * and the rollout get the original text.
 */

/**
 * One pass over everything that may not be printed. The alternatives, in order: line ends; strings for the
 * terminal (OSC, DCS, APC, PM, SOS) with their end, on one line, because one that never ends must not swallow
 * the text after it; CSI, finished or not; other escapes; single control and invisible characters. A string's
 * body excludes whatever could begin another one, so that no part of the text is scanned repeatedly.
 */
const UNSAFE =
  /\r\n?|(?:\x1b[\]P_^X]|[\x90\x98\x9d-\x9f])[^\x00-\x08\x0a-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\u00ad\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * The text as it may be shown. Escape sequences, control and zero-width characters are removed, CR and CRLF
 * become LF, and characters that reorder text (bidi controls) become visible, as `<U+202E>`.
 */
export function sanitizeForTerminal(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (found) => {
    if (found.startsWith('\r')) return '\n';
    if (found.length > 1 || !DIRECTION.test(found)) return '';
    return `<U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/**
 * The text with its control characters as visible signs, for what a person has to judge: a command, an edit. A terminal
 * would take some of them for sequences and not show them, but the shell runs the command as it is. Tabs and line ends
 * stay.
 */
export function showControls(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (found) => {
    const code = found.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
