/**
 * Everything that a terminal sends, as events: keys, pastes, focus, mouse, and what is none of them, such as answers to
 * queries.
 *
 * Invariants: total, and the same events wherever the text is cut, except that adjacent text may come in several keys;
 * no part of a sequence becomes a key, finished or not (but Ctrl+C: it must always work); what is kept of a sequence that
 * never ends is bounded. How long to wait for the rest of one is the caller's decision (`expire`).
 */
import { csiKey, ss3Key } from './csi-keys.ts';
import type { Key } from './keys.ts';
import { altKey, controlKey, namedKey, textKey } from './plain-keys.ts';

/** Control sequences and strings, as ECMA-48 calls them. */
type SequenceKind = 'csi' | 'ss3' | 'osc' | 'dcs' | 'apc' | 'pm' | 'sos';

export type TerminalEvent =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'paste'; readonly text: string }
  | { readonly type: 'focus'; readonly hasFocus: boolean }
  | { readonly type: 'mouse' }
  /** A sequence that is none of these, without its introducer and terminator, cut to `KEPT`. */
  | { readonly type: 'other'; readonly kind: SequenceKind; readonly body: string };

/** What could still follow what came; of an introducer it is not certain that it is one and not a key with Alt. */
export type Pending = 'nothing' | 'escape' | 'introducer' | 'sequence' | 'paste';

type State = 'ground' | 'escape' | SequenceKind | 'string_escape' | 'mouse' | 'console' | 'paste';

/** Characters of a sequence that are kept: more than any key or answer to our queries has. */
export const KEPT = 4_096;
/** A paste is handed over in pieces of about this many characters. */
export const PASTE_PIECE = 8_388_608;

const ESCAPE = '\x1b';
const CTRL_C = '\x03';
const PASTE_END = '\x1b[201~';
const SPECIAL = /[\x00-\x1f\x7f-\x9f]/g;
const STRING_END = /[\x03\x07\x18\x1a\x1b\x9c]/g;

const AFTER_ESCAPE: ReadonlyMap<string, SequenceKind> = new Map([
  ['[', 'csi'],
  ['O', 'ss3'],
  [']', 'osc'],
  ['P', 'dcs'],
  ['_', 'apc'],
  ['^', 'pm'],
  ['X', 'sos'],
]);

/** The same introducers in 8 bits. */
const EIGHT_BIT: ReadonlyMap<string, SequenceKind> = new Map([
  ['\x9b', 'csi'],
  ['\x8f', 'ss3'],
  ['\x9d', 'osc'],
  ['\x90', 'dcs'],
  ['\x9f', 'apc'],
  ['\x9e', 'pm'],
  ['\x98', 'sos'],
]);

export class TerminalParser {
  #state: State = 'ground';
  /** Of which string the escape may be the end. */
  #string: SequenceKind = 'osc';
  #body = '';
  /** An escape came before the one that began this: Alt, as some terminals send it. */
  #isAlt = false;
  #mouseLeft = 0;
  #pasted: string[] = [];
  #pastedLength = 0;
  #events: TerminalEvent[] = [];

  push(text: string): TerminalEvent[] {
    for (let at = 0; at < text.length; ) at = this.#step(text, at);
    return this.#taken();
  }

  get pending(): Pending {
    const state = this.#state;
    if (state === 'ground') return 'nothing';
    if (state === 'escape' || state === 'paste') return state;
    const kind = state === 'string_escape' ? this.#string : state;
    return this.#body === '' || isTyped(kind, this.#body) ? 'introducer' : 'sequence';
  }

  /** No more will come: an escape was the key, anything else is dropped, and a paste has ended. */
  expire(): TerminalEvent[] {
    if (this.#state === 'escape') {
      this.#escapeKey();
      if (this.#isAlt) this.#escapeKey();
    }
    if (this.#state === 'paste') this.#endPaste();
    this.#reset();
    return this.#taken();
  }

  #taken(): TerminalEvent[] {
    return this.#events.splice(0);
  }

  /** Takes what is at `at`. @returns where the next one begins. */
  #step(text: string, at: number): number {
    const state = this.#state;
    switch (state) {
      case 'ground':
        return this.#ground(text, at);
      case 'paste':
        return this.#paste(text, at);
      case 'osc':
      case 'dcs':
      case 'apc':
      case 'pm':
      case 'sos':
        return this.#inString(state, text, at);
      case 'string_escape':
        return this.#afterStringEscape(text, at);
      default:
        return this.#character(state, text, at);
    }
  }

  #character(state: 'escape' | 'csi' | 'ss3' | 'mouse' | 'console', text: string, at: number): number {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    // A place may look like an 8-bit control character.
    const isControl = state === 'mouse' ? character < ' ' : /^[\x00-\x1f\x7f-\x9f]$/.test(character);
    if (state !== 'escape' && isControl) return this.#cancelled(character, at);
    if (state === 'escape') this.#afterEscape(character);
    else if (state === 'csi') this.#inCsi(character);
    else if (state === 'ss3') this.#inSs3(character);
    else if (state === 'mouse') this.#inMouse();
    else this.#reset();
    return at + character.length;
  }

  /** A control character ends every sequence. Some begin the next one. */
  #cancelled(control: string, at: number): number {
    this.#reset();
    if (control === ESCAPE || EIGHT_BIT.has(control)) return at;
    if (control === CTRL_C) this.#key(controlKey(control));
    return at + 1;
  }

  #ground(text: string, at: number): number {
    SPECIAL.lastIndex = at;
    const end = SPECIAL.exec(text)?.index ?? text.length;
    if (end > at) {
      this.#key(textKey(text.slice(at, end)));
      return end;
    }
    const character = text.charAt(at);
    const kind = EIGHT_BIT.get(character);
    if (kind !== undefined) this.#state = kind;
    else if (character === ESCAPE) this.#state = 'escape';
    else if (character <= '\x7f') this.#key(controlKey(character));
    return at + 1;
  }

  #afterEscape(character: string): void {
    if (character === ESCAPE) {
      // Of three, only the last two can be Alt and what follows.
      if (this.#isAlt) this.#escapeKey();
      this.#isAlt = true;
      return;
    }
    const kind = AFTER_ESCAPE.get(character) ?? EIGHT_BIT.get(character);
    if (this.#isAlt && kind !== 'csi' && kind !== 'ss3') this.#escapeKey();
    if (kind !== undefined) {
      this.#state = kind;
      return;
    }
    this.#reset();
    if (!/^[\x80-\x9f]$/.test(character)) this.#key(altKey(character));
  }

  #inCsi(character: string): void {
    if (this.#body === '' && character === '[') {
      this.#state = 'console';
      return;
    }
    if (character === 'M' && this.#body === '') {
      this.#state = 'mouse';
      this.#mouseLeft = 3;
      return;
    }
    this.#keep(character);
    // What rxvt sends for Shift with an editing key ends in what else stands before the end.
    const isEnd = /^[@-~]$/.test(character) || /^[235678]\$$/.test(this.#body);
    if (isEnd) this.#csi(this.#body);
    else if (!/^[ -?]$/.test(character)) this.#reset();
  }

  #csi(body: string): void {
    const isAlt = this.#isAlt;
    this.#reset();
    if (body === '200~') this.#state = 'paste';
    else if (body === 'I' || body === 'O') this.#events.push({ type: 'focus', hasFocus: body === 'I' });
    else if (/^<[\d;]*[Mm]$|^\d+;\d+;\d+M$/.test(body)) this.#events.push({ type: 'mouse' });
    else this.#keyOrOther('csi', body, csiKey(body), isAlt);
  }

  #inSs3(character: string): void {
    this.#keep(character);
    if (/^\d$/.test(character)) return;
    const [body, isAlt] = [this.#body, this.#isAlt];
    this.#reset();
    this.#keyOrOther('ss3', body, ss3Key(body), isAlt);
  }

  #keyOrOther(kind: SequenceKind, body: string, key: Key | undefined, isAlt: boolean): void {
    if (key === undefined) this.#events.push({ type: 'other', kind, body });
    else this.#key(isAlt && key.name !== 'text' ? { ...key, alt: true } : key);
  }

  /** A button and a place, each as one character: the oldest mouse report has no end. */
  #inMouse(): void {
    this.#mouseLeft -= 1;
    if (this.#mouseLeft > 0) return;
    this.#reset();
    this.#events.push({ type: 'mouse' });
  }

  #inString(kind: SequenceKind, text: string, at: number): number {
    STRING_END.lastIndex = at;
    const end = STRING_END.exec(text)?.index ?? text.length;
    this.#keep(text.slice(at, Math.min(end, at + KEPT)));
    if (end === text.length) return end;
    const character = text.charAt(end);
    if (character === ESCAPE) {
      this.#string = kind;
      this.#state = 'string_escape';
    } else if (character === '\x07' || character === '\x9c') this.#endString(kind);
    else return this.#cancelled(character, end);
    return end + 1;
  }

  /** The end of a string is an escape and a backslash; any other escape begins something new. */
  #afterStringEscape(text: string, at: number): number {
    if (text.charAt(at) === '\\') {
      this.#endString(this.#string);
      return at + 1;
    }
    this.#reset();
    this.#state = 'escape';
    return at;
  }

  #endString(kind: SequenceKind): void {
    const body = this.#body;
    this.#reset();
    this.#events.push({ type: 'other', kind, body });
  }

  #paste(text: string, at: number): number {
    // The end may have begun in the piece before.
    const before = this.#body;
    const rest = before + text.slice(at);
    const end = rest.indexOf(PASTE_END);
    if (end < 0) {
      const held = heldOfEnd(rest);
      this.#body = rest.slice(rest.length - held);
      this.#addPasted(rest.slice(0, rest.length - held));
      return text.length;
    }
    this.#body = '';
    this.#addPasted(rest.slice(0, end));
    this.#endPaste();
    this.#reset();
    return at + end + PASTE_END.length - before.length;
  }

  #addPasted(text: string): void {
    let from = 0;
    while (this.#pastedLength + text.length - from >= PASTE_PIECE) {
      const place = from + PASTE_PIECE - this.#pastedLength;
      const end = isInCharacter(text, place) ? place + 1 : place;
      this.#keepPasted(text.slice(from, end));
      this.#handOverPaste();
      from = end;
    }
    this.#keepPasted(text.slice(from));
  }

  #keepPasted(text: string): void {
    this.#pasted.push(text);
    this.#pastedLength += text.length;
  }

  #endPaste(): void {
    this.#keepPasted(this.#body);
    this.#handOverPaste();
  }

  #handOverPaste(): void {
    const text = this.#pasted.splice(0).join('');
    this.#pastedLength = 0;
    this.#events.push({ type: 'paste', text });
  }

  #keep(text: string): void {
    if (this.#body.length < KEPT) this.#body = (this.#body + text).slice(0, KEPT);
  }

  #key(key: Key): void {
    this.#events.push({ type: 'key', key });
  }

  #escapeKey(): void {
    const key = namedKey(0x1b);
    if (key !== undefined) this.#key(key);
  }

  #reset(): void {
    this.#state = 'ground';
    this.#body = '';
    this.#isAlt = false;
    this.#mouseLeft = 0;
  }
}

/** What all answers of terminals begin with. */
const ANSWERS: ReadonlyMap<State, RegExp> = new Map([
  ['osc', /^[\dlL]/],
  ['dcs', /^[\d>!$+=|]/],
  ['apc', /^G/],
]);

/** Whether this is rather what a user types after a bracket with Alt. */
function isTyped(kind: State, body: string): boolean {
  return kind !== 'csi' && ANSWERS.get(kind)?.test(body) !== true;
}

/** Whether this place is between the halves of a character. */
function isInCharacter(text: string, place: number): boolean {
  return (text.codePointAt(place - 1) ?? 0) > 0xffff;
}

/** How many characters at the end of this may be the beginning of the paste's end. */
function heldOfEnd(text: string): number {
  for (let length = Math.min(PASTE_END.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}
