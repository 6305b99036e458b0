/**
 * Keys that a terminal sends as a character, alone or after an escape, and the chords that the newer protocols name by a
 * character.
 */
import type { Key, NamedKey } from './keys.ts';
import { latinKey } from './layouts.ts';

const NAMED: ReadonlyMap<number, NamedKey> = new Map([
  [0x08, 'backspace'],
  [0x09, 'tab'],
  [0x0d, 'enter'],
  [0x1b, 'escape'],
  [0x7f, 'backspace'],
]);

const NO_MODIFIERS = { ctrl: false, alt: false, shift: false };

type Modifiers = Pick<Key, 'ctrl' | 'alt' | 'shift'>;

/** The key with this code that has a name; the newer protocols use the same codes. */
export function namedKey(code: number, modifiers: Modifiers = NO_MODIFIERS): Key | undefined {
  const name = NAMED.get(code);
  return name === undefined ? undefined : { name, text: '', ...modifiers };
}

/** A control character: a key with a name, or a letter with ctrl (line feed is ctrl+j). */
export function controlKey(character: string, alt = false): Key {
  const code = character.charCodeAt(0);
  const named = namedKey(code, { ...NO_MODIFIERS, alt });
  if (named !== undefined) return named;
  const text = code === 0 ? ' ' : String.fromCharCode(code + (code <= 26 ? 96 : 64));
  return { name: 'char', text, ctrl: true, alt, shift: false };
}

/** The key of a character that came after an escape. */
export function altKey(character: string): Key {
  if (/^[\x00-\x1f\x7f]$/.test(character)) return controlKey(character, true);
  const key = { code: character.codePointAt(0) ?? 0, shifted: undefined, base: undefined };
  return chordKey(key, { ...NO_MODIFIERS, alt: true, shift: /^[A-Z]$/.test(character) });
}

export function textKey(text: string): Key {
  return { name: 'text', text, ...NO_MODIFIERS };
}

/** A key as the newer protocols name it: its character, that with shift, and that in the standard layout. */
export interface CodedKey {
  readonly code: number;
  readonly shifted: number | undefined;
  readonly base: number | undefined;
}

const ASCII_END = 0x80;
/** What only Shift can type: with a chord that has one of these, the shift is already in it. */
const SHIFTED_SIGN = /^[~!@#$%^&*()_+{}|:"<>?]$/;

/** A chord with ctrl or alt: by the key's Latin letter, in whatever layout it was pressed. */
export function chordKey(key: CodedKey, modifiers: Modifiers): Key {
  const letter = chordLetter(key);
  const isLetter = /^[a-z]$/.test(letter);
  const { shifted } = key;
  const sign =
    modifiers.shift && !isLetter && shifted !== undefined && shifted < ASCII_END
      ? String.fromCodePoint(shifted)
      : letter;
  // Ctrl+[ has always been Escape.
  if (sign === '[' && modifiers.ctrl && !modifiers.alt) return { name: 'escape', text: '', ...NO_MODIFIERS };
  return { name: 'char', text: sign, ...modifiers, shift: modifiers.shift && !SHIFTED_SIGN.test(sign) };
}

function chordLetter({ code, base }: CodedKey): string {
  const letter = String.fromCodePoint(code).toLowerCase();
  if (code < ASCII_END) return letter;
  if (base !== undefined && base < ASCII_END) return String.fromCodePoint(base).toLowerCase();
  return latinKey(letter) ?? letter;
}
