/**
 * The names of keys, as the user writes them: `ctrl+k`, `Alt-Enter`, `shift+tab`, `?`.
 *
 * Invariant: a chord that is read is in the one form that key tables use: modifiers in the order ctrl, alt, shift, then
 * a key's name or a small letter.
 */
export const NAMED_KEYS = [
  'enter',
  'tab',
  'escape',
  'backspace',
  'delete',
  'up',
  'down',
  'left',
  'right',
  'home',
  'end',
  'pageup',
  'pagedown',
] as const;

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['esc', 'escape'],
  ['return', 'enter'],
  ['del', 'delete'],
  ['page-up', 'pageup'],
  ['page-down', 'pagedown'],
  ['pgup', 'pageup'],
  ['pgdn', 'pagedown'],
  ['space', ' '],
  ['plus', '+'],
  ['minus', '-'],
]);

const MODIFIERS: ReadonlyMap<string, 'ctrl' | 'alt' | 'shift'> = new Map([
  ['ctrl', 'ctrl'],
  ['control', 'ctrl'],
  ['c', 'ctrl'],
  ['alt', 'alt'],
  ['option', 'alt'],
  ['meta', 'alt'],
  ['m', 'alt'],
  ['shift', 'shift'],
  ['s', 'shift'],
]);

/** What terminals have always sent for these chords. */
const SAME_BYTE: ReadonlyMap<string, string> = new Map([
  ['ctrl+i', 'tab'],
  ['ctrl+m', 'enter'],
  ['ctrl+[', 'escape'],
  ['ctrl+h', 'backspace'],
]);

/** The chord that a text names, or why it names none. */
export function readChord(text: string): { readonly chord: string } | { readonly problem: string } {
  const { held, name } = taken(text.trim());
  const key = OTHER_NAMES.get(name.toLowerCase()) ?? name.toLowerCase();
  const isNamed = NAMED_KEYS.some((known) => known === key);
  if (!isNamed && !/^[\x20-\x7e]$/.test(key)) {
    return { problem: 'a key such as "ctrl+k", "alt+enter" or "shift+tab"' };
  }
  // The shift is in the sign already.
  if (/^[~!@#$%^&*()_+{}|:"<>?]$/.test(key)) held.delete('shift');
  const chord = ['ctrl', 'alt', 'shift'].filter((modifier) => held.has(modifier)).join('+');
  if (!isNamed && !held.has('ctrl') && !held.has('alt')) {
    return key === '?' && chord === ''
      ? { chord: key }
      : { problem: 'a key that types nothing: a letter needs ctrl or alt' };
  }
  const whole = chord === '' ? key : `${chord}+${key}`;
  const same = SAME_BYTE.get(whole);
  if (same !== undefined)
    return { problem: `another key: in most terminals this one is the same as ${same}` };
  return { chord: whole };
}

/** The modifiers in front, and the rest. */
function taken(text: string): { held: Set<string>; name: string } {
  const held = new Set<string>();
  let name = text;
  for (;;) {
    const [whole = '', word = ''] = /^([a-z]+)[+-](?=.)/i.exec(name) ?? [];
    const modifier = MODIFIERS.get(word.toLowerCase());
    if (modifier === undefined) return { held, name };
    held.add(modifier);
    name = name.slice(whole.length);
  }
}
