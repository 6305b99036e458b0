/**
 * Translates Ink's keys into ours.
 *
 * Invariants: total; a key release (kitty protocol) gives nothing; one text event may hold several characters when keys
 * come faster than they are read, and is split at control characters, so that an Enter in it stays an Enter.
 */
import type { Key as InkKey } from 'ink';
import type { Key, NamedKey } from './keys.ts';

const NAMES: readonly (readonly [keyof InkKey, NamedKey])[] = [
  ['return', 'enter'],
  ['tab', 'tab'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['home', 'home'],
  ['end', 'end'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
];

/** Shorter texts with fewer line ends are keys that were typed before they were read. */
const PASTE = { lineEnds: 3, characters: 256 };

/**
 * Whether a text event is a paste in a terminal that does not mark pastes: more lines than one can type between
 * reads.
 */
export function isUnmarkedPaste(input: string): boolean {
  if (input.includes('\x1b')) return false;
  const inner = input.match(/[\r\n](?=[^\r\n])/g)?.length ?? 0;
  return inner >= PASTE.lineEnds || (inner > 0 && input.length >= PASTE.characters);
}

export function keysOf(input: string, ink: InkKey): Key[] {
  if (ink.eventType === 'release') return [];
  const flags = { ctrl: ink.ctrl, alt: ink.meta && !ink.escape, shift: ink.shift };
  const named = NAMES.find(([flag]) => ink[flag] === true);
  if (named !== undefined) return [{ name: named[1], text: '', ...flags }];
  if (input === '') return [];
  if (flags.ctrl || flags.alt) return [{ name: 'char', text: input.toLowerCase(), ...flags }];
  return splitControls(input).map((piece) => plainKey(piece, ink.shift));
}

const CONTROLS: ReadonlyMap<string, NamedKey> = new Map([
  ['\r', 'enter'],
  ['\t', 'tab'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  ['\x1b', 'escape'],
]);

function plainKey(piece: string, shift: boolean): Key {
  const none = { ctrl: false, alt: false, shift: false };
  const named = CONTROLS.get(piece);
  if (named !== undefined) return { name: named, text: '', ...none };
  const code = piece.charCodeAt(0);
  // A control character is its letter with ctrl: line feed is ctrl+j.
  if (code < 32) return { name: 'char', text: String.fromCharCode(code + 96), ...none, ctrl: true };
  return { name: 'text', text: piece, ...none, shift: shift && piece.length === 1 };
}

function splitControls(input: string): string[] {
  return input.split(/([\x00-\x1f\x7f])/).filter((piece) => piece !== '');
}
