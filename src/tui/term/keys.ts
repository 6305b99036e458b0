/**
 * One key press as the view sees it, and its name.
 *
 * Invariant: a key that types text has `name: 'text'` and never a ctrl or alt flag. Pasted text is not a key.
 */
import { NAMED_KEYS } from '../../text/chord.ts';

/** A key that does not type text. */
export type NamedKey = (typeof NAMED_KEYS)[number];

export interface Key {
  readonly name: NamedKey | 'text' | 'char';
  /**
   * For `text` what was typed, one or more graphemes; for `char` (a letter with ctrl or alt) that letter, lower case.
   */
  readonly text: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/**
 * The name of a key with its modifiers, as key tables use it: `ctrl+a`, `shift+enter`, `alt+left`, `escape`. A key that
 * types text gives its text.
 */
export function chordOf({ name, text, ctrl, alt, shift }: Key): string {
  if (name === 'text') return text;
  const base = name === 'char' ? text : name;
  return `${ctrl ? 'ctrl+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${base}`;
}

/** A key by its chord, for tests and tables: the inverse of `chordOf`. */
export function keyOf(chord: string): Key {
  const parts = chord.split('+');
  const base = parts.pop() ?? '';
  const flags = { ctrl: parts.includes('ctrl'), alt: parts.includes('alt'), shift: parts.includes('shift') };
  const named = NAMED_KEYS.find((name) => name === base);
  if (named !== undefined) return { name: named, text: '', ...flags };
  const isPlain = !flags.ctrl && !flags.alt;
  return isPlain ? { name: 'text', text: chord, ...flags } : { name: 'char', text: base, ...flags };
}
