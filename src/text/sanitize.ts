/**
 * Makes foreign text safe to print: no model, file or command may move the cursor, hide text or talk to the
 * terminal.
 *
 * Invariants: the result has no control characters except newline and tab, and no invisible or direction-changing
 * ones, but for joiners and tags where scripts and emoji need them; sanitising twice changes nothing; the time is linear in the length of the text. Colours are not kept. The model
 * and the rollout get the original text.
 */

/**
 * What may have an invisible joiner beside it: Persian and Indic words are spelled with them, and emoji are joined by
 * them. Between ASCII characters they only hide one text in another.
 */
const JOINED = String.raw`(?!\p{ASCII})[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]`;

/** One joiner between two of these; at the end of the text the second one may still come. */
const JOINER = String.raw`[\u200c\u200d](?<=${JOINED}[\u200c\u200d])(?=${JOINED}|$)`;

/** The flag of a part of a country. Tags elsewhere, or more of them, are ASCII that nobody sees. */
const TAGGED_FLAG = String.raw`\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}`;

/** Nobody sees these either, but they choose the form of the character before them. */
const SHAPING = String.raw`[\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]`;

/**
 * One pass over everything that may not be printed. The alternatives, in order: what only looks like it, and stays; line
 * ends; strings for the terminal (OSC, DCS, APC, PM, SOS) with their end, on one line, because one that never ends must
 * not swallow the text after it; CSI, finished or not; other escapes; single control and invisible characters. A
 * string's body excludes whatever could begin another one, so that no part of the text is scanned repeatedly.
 */
const UNSAFE_PARTS = [
  `(?<kept>${JOINER}|${TAGGED_FLAG})`,
  String.raw`\r\n?`,
  String.raw`(?:\x1b[\]P_^X]|[\x90\x98\x9d-\x9f])[^\x00-\x08\x0a-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)`,
  String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?`,
  String.raw`\x1b[ -/]*[0-~]?`,
  String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f]`,
  String.raw`[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`,
  `\\p{Default_Ignorable_Code_Point}(?<!${SHAPING})`,
  String.raw`[\ufff9-\ufffb]`,
].join('|');

/** Compiling it takes a millisecond, and most short texts are plain. */
let unsafe: RegExp | undefined;
const PLAIN = /^[\x20-\x7e\t\n]*$/;

const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * The text as it may be shown. Escape sequences, control and zero-width characters are removed, CR and CRLF
 * become LF, and characters that reorder text (bidi controls) become visible, as `<U+202E>`.
 */
export function sanitizeForTerminal(text: string): string {
  if (PLAIN.test(text)) return text;
  unsafe ??= new RegExp(UNSAFE_PARTS, 'gu');
  return text.toWellFormed().replace(unsafe, (found: string, kept: string | undefined) => {
    if (kept !== undefined) return kept;
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

const PICTURE = String.raw`\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?`;

/** What nobody sees, or takes for a plain space, and emoji that are joined by some of it. */
const INVISIBLE_PARTS = [
  String.raw`(?<kept>${PICTURE}(?:\u200d${PICTURE})*)`,
  String.raw`(?! )[\p{Cf}\p{Cs}\p{Co}\p{Zs}\p{Zl}\p{Zp}]`,
  String.raw`[\p{Default_Ignorable_Code_Point}\u2800]`,
].join('|');

/** Compiling it takes milliseconds, and hardly any command needs it. */
let invisible: RegExp | undefined;

/** As `showControls`, with every other character that cannot be seen as its number: for a command that runs as it is, not as it looks. */
export function showInvisible(text: string): string {
  const shown = showControls(text);
  if (PLAIN.test(shown)) return shown;
  invisible ??= new RegExp(INVISIBLE_PARTS, 'gu');
  return shown.replace(invisible, (found: string, kept: string | undefined) => {
    const code = found.codePointAt(0) ?? 0;
    return kept ?? `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
