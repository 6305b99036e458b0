/**
 * Keys that a terminal sends as a control sequence: cursor and editing keys with their modifiers, as xterm and rxvt send
 * them, and any key as xterm's modifyOtherKeys and the kitty protocol do.
 *
 * Invariants: total; what is not a key that oagent has (a reply, a release, a media key, a chord with super) is
 * undefined.
 */
import type { Key, NamedKey } from './keys.ts';
import { type CodedKey, chordKey, namedKey, textKey } from './plain-keys.ts';

/** By the final character. */
const LETTERS: ReadonlyMap<string, NamedKey> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['F', 'end'],
  ['H', 'home'],
]);

/** By the number before `~`, or before the finals with which rxvt adds modifiers. */
const NUMBERS: ReadonlyMap<number, NamedKey> = new Map([
  [1, 'home'],
  [3, 'delete'],
  [4, 'end'],
  [5, 'pageup'],
  [6, 'pagedown'],
  [7, 'home'],
  [8, 'end'],
]);

const RXVT_FINALS: ReadonlyMap<string, { readonly ctrl: boolean; readonly shift: boolean }> = new Map([
  ['^', { ctrl: true, shift: false }],
  ['$', { ctrl: false, shift: true }],
  ['@', { ctrl: true, shift: true }],
]);

/** The keypad of the kitty protocol. */
const KEYPAD_TEXT = '0123456789./*-+ =,';
const KEYPAD_FROM = 57_399;
const KEYPAD_NAMES: ReadonlyMap<number, NamedKey> = new Map([
  [57_414, 'enter'],
  [57_417, 'left'],
  [57_418, 'right'],
  [57_419, 'up'],
  [57_420, 'down'],
  [57_421, 'pageup'],
  [57_422, 'pagedown'],
  [57_423, 'home'],
  [57_424, 'end'],
  [57_426, 'delete'],
]);
/** The private codes by which the kitty protocol calls keys without a character. */
const isPrivate = (code: number): boolean => code >= 0xe000 && code <= 0xf8ff;

const CAPS_LOCK = 64;
const RELEASE = 3;
/** modifyOtherKeys: `27;MODIFIERS;CODE~`. */
const OTHER_KEYS = 27;

interface Pressed extends Pick<Key, 'ctrl' | 'alt' | 'shift'> {
  /** The protocols disagree: super in kitty's, meta in xterm's. */
  readonly hasSuper: boolean;
  /** Hyper, or the meta of the kitty protocol. */
  readonly isOther: boolean;
  readonly hasCapsLock: boolean;
  readonly isRelease: boolean;
}

type Fields = readonly (readonly (number | undefined)[])[];

/** The key of a control sequence, given what follows `CSI`, with its final. */
export function csiKey(sequence: string): Key | undefined {
  const match = /^([\d:;]*)([A-Za-z~^$@])$/.exec(sequence);
  if (match === null) return undefined;
  const [, parameters = '', final = ''] = match;
  const fields = fieldsOf(parameters);
  if (final === 'u') return codedKey(coded(fields[0]), pressedOf(fields[1]), fields[2]);
  if (final === 'Z' && parameters === '') return { ...NO_TEXT, name: 'tab', shift: true };
  const rxvt = RXVT_FINALS.get(final);
  if (rxvt !== undefined) return named(NUMBERS.get(fields[0]?.[0] ?? 0), { ...NO_TEXT, ...rxvt });
  if (final !== '~') return letterKey(final, parameters, fields);
  if (fields[0]?.[0] === OTHER_KEYS) return codedKey(coded(fields[2]), pressedOf(fields[1]), undefined);
  return functionKey(NUMBERS.get(fields[0]?.[0] ?? 0), pressedOf(fields[1]));
}

/** The keypad in application mode, from `j` on. */
const APPLICATION_KEYPAD = '*+,-./0123456789';

/** The key of `SS3`, given what follows: the cursor keys and the keypad in application mode, rxvt's arrows with ctrl. */
export function ss3Key(sequence: string): Key | undefined {
  const [, digits = '', final = ''] = /^(\d*)(.)$/su.exec(sequence) ?? [];
  if (final === 'M') return namedKey(0x0d);
  const sign = final === '' ? undefined : APPLICATION_KEYPAD[final.charCodeAt(0) - 0x6a];
  if (sign !== undefined) return textKey(sign);
  if (/[a-d]/.test(final)) return named(LETTERS.get(final.toUpperCase()), { ...NO_TEXT, ctrl: true });
  return functionKey(LETTERS.get(final), pressedOf(fieldsOf(digits)[0]));
}

const NO_TEXT = { text: '', ctrl: false, alt: false, shift: false };

function fieldsOf(parameters: string): Fields {
  return parameters
    .split(';')
    .map((field) => field.split(':').map((part) => (part === '' ? undefined : Number(part))));
}

function coded(field: Fields[number] = []): CodedKey {
  const [code = 0, shifted, base] = field;
  return { code, shifted, base };
}

function pressedOf([value = 1, event]: Fields[number] = []): Pressed {
  const bits = Math.max(0, value - 1);
  return {
    shift: (bits & 1) !== 0,
    alt: (bits & 2) !== 0,
    ctrl: (bits & 4) !== 0,
    hasSuper: (bits & 8) !== 0,
    isOther: (bits & 0b11_0000) !== 0,
    hasCapsLock: (bits & CAPS_LOCK) !== 0,
    isRelease: event === RELEASE,
  };
}

function named(name: NamedKey | undefined, rest: Omit<Key, 'name'>): Key | undefined {
  return name === undefined ? undefined : { ...rest, name };
}

function functionKey(name: NamedKey | undefined, pressed: Pressed): Key | undefined {
  if (pressed.isRelease || pressed.isOther || pressed.hasSuper) return undefined;
  const { ctrl, alt, shift } = pressed;
  return named(name, { text: '', ctrl, alt, shift });
}

/** `1;5A`, and `5A` of old terminals; rxvt's small letters are the arrows with shift. */
function letterKey(final: string, parameters: string, fields: Fields): Key | undefined {
  if (/[a-d]/.test(final) && parameters === '') {
    return named(LETTERS.get(final.toUpperCase()), { ...NO_TEXT, shift: true });
  }
  if (fields.length > 1 && (fields[0]?.[0] ?? 1) !== 1) return undefined;
  const pressed = pressedOf(fields.length > 1 ? fields[1] : fields[0]);
  // iTerm2 says meta for Option with an arrow.
  return functionKey(LETTERS.get(final), {
    ...pressed,
    alt: pressed.alt || pressed.hasSuper,
    hasSuper: false,
  });
}

function codedKey(key: CodedKey, pressed: Pressed, text: Fields[number] | undefined): Key | undefined {
  if (pressed.isRelease || pressed.isOther || pressed.hasSuper) return undefined;
  if (![key.code, key.shifted, key.base].every(isCharacter)) return undefined;
  const { ctrl, alt, shift } = pressed;
  const known = namedKey(key.code, { ctrl, alt, shift });
  if (known !== undefined) return known;
  if (isPrivate(key.code)) return keypadKey(key.code, pressed);
  if (key.code < 0x20 || (key.code >= 0x80 && key.code < 0xa0)) return undefined;
  if (ctrl || alt) return chordKey(key, { ctrl, alt, shift });
  return textKey(typed(key, pressed, text));
}

const isCharacter = (code: number | undefined): boolean =>
  code === undefined || (code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));

function keypadKey(code: number, pressed: Pressed): Key | undefined {
  const name = KEYPAD_NAMES.get(code);
  if (name !== undefined) return functionKey(name, pressed);
  const sign = KEYPAD_TEXT[code - KEYPAD_FROM];
  if (sign === undefined) return undefined;
  const { ctrl, alt, shift } = pressed;
  if (!ctrl && !alt) return textKey(sign);
  return chordKey({ code: sign.charCodeAt(0), shifted: undefined, base: undefined }, { ctrl, alt, shift });
}

/** What the key types: what the terminal says, else the character with shift. */
function typed(
  { code, shifted }: CodedKey,
  { shift, hasCapsLock }: Pressed,
  text: Fields[number] | undefined,
): string {
  const said = (text ?? []).filter((part) => part !== undefined && part >= 0x20 && isCharacter(part));
  if (said.length > 0) return String.fromCodePoint(...(said as number[]));
  const plain = String.fromCodePoint(code);
  if (shift && shifted !== undefined) return String.fromCodePoint(shifted);
  return shift !== hasCapsLock ? plain.toUpperCase() : plain;
}
