/**
 * Reads JSON as models write it: a value at a position of a text, and where it ends.
 *
 * Also accepts trailing commas, single-quoted and triple-quoted strings, raw line breaks in strings, unknown escapes
 * (`"\d+"` keeps its backslash), bare keys, Python's True, False and None, Gemma's `<|"|>` quotes, and missing
 * closing brackets at the end. Valid JSON reads exactly as with JSON.parse. Linear, bounded in depth, never throws.
 * An unclosed string is never accepted, because half a command is a different command. Does not: guess at unescaped
 * quotes inside a string.
 */
import type { JsonObject } from '../../protocol.ts';
import { Scanner } from './scanner.ts';

export interface JsonRead {
  readonly value: unknown;
  /** The position after the value. */
  readonly end: number;
}

const MAX_DEPTH = 100;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z]{4,5}/y;
const BARE_KEY = /[A-Za-z_$][\w$-]{0,100}/y;
const HEX = /[0-9a-fA-F]{4}/y;
const GEMMA_QUOTE = '<|"|>';
const WORDS = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
  ['None', null],
]);
const ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The value that `text` is as a whole, apart from white space around it; null if it is not one. */
export function parseTolerant(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const scanner = new Scanner(text);
    const read = readJson(scanner, scanner.skipSpace(0));
    return read !== null && scanner.skipSpace(read.end) === text.length ? { value: read.value } : null;
  }
}

/** The value that begins at `at`; null if none can be read there. */
export function readJson(scanner: Scanner, at: number): JsonRead | null {
  return readValue(scanner, at, 0);
}

function readValue(s: Scanner, at: number, depth: number): JsonRead | null {
  if (depth > MAX_DEPTH || !s.spend(1)) return null;
  switch (s.text[at]) {
    case '{':
      return readMembers(s, at, depth);
    case '[':
      return readElements(s, at, depth);
    case '"':
    case "'":
    case '<':
      return readString(s, at);
    default:
      return readNumber(s, at) ?? readWord(s, at);
  }
}

function readNumber(s: Scanner, at: number): JsonRead | null {
  const match = s.match(NUMBER, at);
  return match === null ? null : { value: Number(match[0]), end: at + match[0].length };
}

function readWord(s: Scanner, at: number): JsonRead | null {
  const word = s.match(WORD, at)?.[0] ?? '';
  const value = WORDS.get(word);
  return value === undefined ? null : { value, end: at + word.length };
}

/** What follows a value inside brackets: another value, the closing bracket, or an end where a closing tag begins. */
function readDelimiter(s: Scanner, at: number, close: string): { more: boolean; end: number } | null {
  const next = s.skipSpace(at);
  const char = s.text[next];
  if (char === close) return { more: false, end: next + 1 };
  if (char === ',') {
    const after = s.skipSpace(next + 1);
    return s.text[after] === close ? { more: false, end: after + 1 } : { more: true, end: after };
  }
  const isCut = char === undefined || char === '<' || s.startsWith('```', next);
  return isCut ? { more: false, end: next } : null;
}

function readMembers(s: Scanner, at: number, depth: number): JsonRead | null {
  const value: JsonObject = {};
  let pos = s.skipSpace(at + 1);
  if (s.text[pos] === '}') return { value, end: pos + 1 };
  for (;;) {
    const key = readKey(s, pos);
    if (key === null) return null;
    pos = s.skipSpace(key.end);
    if (s.text[pos] !== ':') return null;
    const member = readValue(s, s.skipSpace(pos + 1), depth + 1);
    if (member === null) return null;
    setOwn(value, key.name, member.value);
    const delimiter = readDelimiter(s, member.end, '}');
    if (delimiter === null) return null;
    pos = delimiter.end;
    if (!delimiter.more) return { value, end: pos };
  }
}

function readKey(s: Scanner, at: number): { readonly name: string; readonly end: number } | null {
  const bare = s.match(BARE_KEY, at)?.[0];
  if (bare !== undefined) return { name: bare, end: at + bare.length };
  const quoted = readString(s, at);
  return quoted === null ? null : { name: quoted.value, end: quoted.end };
}

/** `object[key] = value`, even for the key `__proto__`, as JSON.parse does it. */
function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

function readElements(s: Scanner, at: number, depth: number): JsonRead | null {
  const value: unknown[] = [];
  let pos = s.skipSpace(at + 1);
  if (s.text[pos] === ']') return { value, end: pos + 1 };
  for (;;) {
    const element = readValue(s, pos, depth + 1);
    if (element === null) return null;
    value.push(element.value);
    const delimiter = readDelimiter(s, element.end, ']');
    if (delimiter === null) return null;
    pos = delimiter.end;
    if (!delimiter.more) return { value, end: pos };
  }
}

function readString(s: Scanner, at: number): { readonly value: string; readonly end: number } | null {
  if (s.startsWith(GEMMA_QUOTE, at)) {
    const close = s.find(GEMMA_QUOTE, at + GEMMA_QUOTE.length);
    if (close === -1) return null;
    return { value: s.text.slice(at + GEMMA_QUOTE.length, close), end: close + GEMMA_QUOTE.length };
  }
  const char = s.text[at];
  if (char !== '"' && char !== "'") return null;
  const triple = char.repeat(3);
  return readQuoted(s, at, s.startsWith(triple, at) ? triple : char);
}

function readQuoted(s: Scanner, at: number, quote: string): { value: string; end: number } | null {
  const { text } = s;
  let value = '';
  let from = at + quote.length;
  let pos = from;
  while (pos < text.length) {
    const char = text[pos];
    if (char === quote[0] && (quote.length === 1 || s.startsWith(quote, pos))) {
      s.spend(pos - at);
      return { value: value + text.slice(from, pos), end: pos + quote.length };
    }
    if (char !== '\\') {
      pos++;
      continue;
    }
    value += text.slice(from, pos);
    const escaped = readEscape(s, pos);
    value += escaped.value;
    from = escaped.end;
    pos = escaped.end;
  }
  s.spend(pos - at);
  return null;
}

function readEscape(s: Scanner, at: number): { readonly value: string; readonly end: number } {
  const char = s.text[at + 1] ?? '';
  if (char === 'u') {
    const hex = s.match(HEX, at + 2);
    if (hex !== null) return { value: String.fromCharCode(Number.parseInt(hex[0], 16)), end: at + 6 };
  }
  const known = ESCAPES[char];
  return { value: known ?? `\\${char}`, end: at + 1 + char.length };
}
