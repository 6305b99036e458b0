/**
 * The one decoder for text from outside: bytes to text, and back for what is edited.
 *
 * A byte order mark decides; without one it is UTF-16 where that is certain, else UTF-8, else Windows-1252 (which contains Latin-1)
 * with a notice, because any bytes can be read as that. Windows-1252 gives each byte a character of its own, so bytes that were
 * really of another encoding survive the way there and back. Nothing here throws.
 */
import { isUtf8 } from 'node:buffer';

type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252';

/** How bytes became text; what `encodeText` needs for the way back. */
export interface TextForm {
  readonly encoding: Encoding;
  /** A byte order mark stood in front; it is not part of the text. */
  readonly bom: boolean;
}

interface DecodedText extends TextForm {
  readonly ok: true;
  readonly text: string;
  /** Bytes were replaced by U+FFFD: the text cannot be written back. */
  readonly isLossy: boolean;
  /** What a person should know, to follow a file's name and a colon; undefined when nothing had to be guessed. */
  readonly notice: string | undefined;
}

interface Undecodable {
  readonly ok: false;
  /** Completes "it cannot be read as text: ". */
  readonly problem: string;
}

const UTF8_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const UTF16_MARKS: readonly (readonly ['UTF-16LE' | 'UTF-16BE', readonly number[]])[] = [
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];
const UTF32_MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['UTF-32LE', [0xff, 0xfe, 0, 0]],
  ['UTF-32BE', [0, 0, 0xfe, 0xff]],
];
/** Windows-1252 from 0x80 to 0x9f; the five bytes that it leaves open stay what they are in Latin-1. */
const WINDOWS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
/** What no text has: control characters other than those of white space, backspace and escape. */
const CONTROL = /[\0-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]/;
/** What appears where other bytes are read as UTF-16: invisible, private and unassigned characters. */
const UNLIKELY = /[\p{Cf}\p{Co}\p{Cn}]/u;
/** Of the characters of UTF-16 without a mark, at least this share is ASCII. */
const MIN_ASCII_SHARE = 0.7;

/** @param isCut the bytes may end inside a character, which is left out then. */
export function decodeText(bytes: Buffer, { isCut = false } = {}): DecodedText | Undecodable {
  const utf32 = UTF32_MARKS.find(([, mark]) => startsWith(bytes, mark));
  if (utf32 !== undefined) return { ok: false, problem: `it is ${utf32[0]}` };
  const marked = UTF16_MARKS.find(([, mark]) => startsWith(bytes, mark));
  if (marked !== undefined) return decodeMarkedUtf16(bytes.subarray(2), marked[0], isCut);
  const bom = startsWith(bytes, UTF8_MARK);
  const body = bom ? bytes.subarray(UTF8_MARK.length) : bytes;
  const utf16 = bom ? undefined : certainUtf16(body, isCut);
  if (utf16 !== undefined) return utf16;
  const whole = wholeUtf8(body, isCut);
  if (whole !== undefined) return decoded(whole.toString(), { encoding: 'UTF-8', bom });
  return decodeBroken(body, bom);
}

/**
 * The bytes of a text in a form that `decodeText` gave; undefined if that encoding has no bytes for it. For any decoded text that is
 * not lossy, the bytes that it came from.
 */
export function encodeText(text: string, { encoding, bom }: TextForm): Buffer | undefined {
  if (encoding === 'Windows-1252') return encodeWindows(text);
  if (!text.isWellFormed()) return undefined;
  const marked = bom ? `\ufeff${text}` : text;
  if (encoding === 'UTF-8') return Buffer.from(marked);
  const bytes = Buffer.from(marked, 'utf16le');
  return encoding === 'UTF-16LE' ? bytes : bytes.swap16();
}

function decoded(text: string, form: TextForm, notice?: string, isLossy = false): DecodedText {
  return { ok: true, text, encoding: form.encoding, bom: form.bom, isLossy, notice };
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}

function decodeMarkedUtf16(
  bytes: Buffer,
  encoding: 'UTF-16LE' | 'UTF-16BE',
  isCut: boolean,
): DecodedText | Undecodable {
  const text = utf16Text(bytes, encoding, isCut);
  if (text !== undefined) return decoded(text, { encoding, bom: true });
  return { ok: false, problem: `it is marked as ${encoding} but is not valid ${encoding}` };
}

/** Undefined for half a character at the end or in the middle. */
function utf16Text(bytes: Buffer, encoding: 'UTF-16LE' | 'UTF-16BE', isCut: boolean): string | undefined {
  const isOdd = bytes.length % 2 === 1;
  if (isOdd && !isCut) return undefined;
  const even = isOdd ? bytes.subarray(0, -1) : bytes;
  let text = (encoding === 'UTF-16LE' ? even : Buffer.from(even).swap16()).toString('utf16le');
  if (isCut) text = text.replace(/[\ud800-\udbff]$/, '');
  return text.isWellFormed() ? text : undefined;
}

/** Text with a zero byte in most second places, and nothing that a text does not have. */
function certainUtf16(bytes: Buffer, isCut: boolean): DecodedText | undefined {
  const zero = bytes.indexOf(0);
  if (zero === -1) return undefined;
  const encoding = zero % 2 === 1 ? 'UTF-16LE' : 'UTF-16BE';
  const text = utf16Text(bytes, encoding, isCut) ?? '';
  if (text === '' || CONTROL.test(text) || UNLIKELY.test(text)) return undefined;
  const ascii = text.match(/[\t\n\r -~]/g)?.length ?? 0;
  return ascii < text.length * MIN_ASCII_SHARE ? undefined : decoded(text, { encoding, bom: false });
}

function wholeUtf8(bytes: Buffer, isCut: boolean): Buffer | undefined {
  for (let left = 0; left <= (isCut ? Math.min(3, bytes.length) : 0); left++) {
    const part = bytes.subarray(0, bytes.length - left);
    if (isUtf8(part)) return part;
  }
  return undefined;
}

/** Not UTF-8 throughout: damaged UTF-8 if most of what is not ASCII is, else bytes of an 8-bit encoding, else no text. */
function decodeBroken(bytes: Buffer, bom: boolean): DecodedText | Undecodable {
  const lossy = bytes.toString();
  if (CONTROL.test(lossy)) return { ok: false, problem: 'it is binary data' };
  const replaced = lossy.split('\ufffd').length - 1;
  const other = lossy.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  if (bom || other > replaced || endsInsideCharacter(bytes)) {
    const notice = 'it is not valid UTF-8; bytes that could not be decoded were replaced by \ufffd';
    return decoded(lossy, { encoding: 'UTF-8', bom }, notice, true);
  }
  const text = bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (char) => WINDOWS[char.charCodeAt(0) - 0x80] ?? char);
  return decoded(
    text,
    { encoding: 'Windows-1252', bom: false },
    'it is not UTF-8; it was read as Windows-1252 (Latin-1)',
  );
}

/** UTF-8 that was cut: all is well but for two or three bytes of a longer character at the end. */
function endsInsideCharacter(bytes: Buffer): boolean {
  for (const left of [2, 3]) {
    const lead = bytes[bytes.length - left] ?? 0;
    const isOpen = lead >= (left === 2 ? 0xe0 : 0xf0) && lead < 0xf5;
    const rest = bytes.subarray(bytes.length - left + 1);
    if (isOpen && rest.every((byte) => byte >= 0x80 && byte < 0xc0) && isUtf8(bytes.subarray(0, -left)))
      return true;
  }
  return false;
}

function encodeWindows(text: string): Buffer | undefined {
  const bytes = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const windows = code < 0x80 || (code >= 0xa0 && code <= 0xff) ? -1 : WINDOWS.indexOf(text.charAt(at));
    if (windows === -1 && code > 0xff) return undefined;
    if (windows === -1 && code >= 0x80 && code < 0xa0) return undefined;
    bytes[at] = windows === -1 ? code : 0x80 + windows;
  }
  return bytes;
}
