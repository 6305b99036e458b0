/**
 * Bytes of a terminal as text, cut anywhere.
 *
 * Invariants: the same bytes give the same text, however they are cut, and never half a character; a lone byte of 0x80
 * to 0x9f is the control character that 8-bit terminals mean by it; anything else that is not UTF-8 is U+FFFD, one for a
 * broken character. At most three bytes are held back.
 */
import { isUtf8 } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

export class Utf8Input {
  #held: Buffer = NOTHING;

  /** A character of which some bytes are still to come. */
  get isPending(): boolean {
    return this.#held.length > 0;
  }

  decode(chunk: Buffer | string): string {
    const bytes = Buffer.concat([this.#held, Buffer.from(chunk)]);
    const end = bytes.length - unfinishedAtEnd(bytes);
    this.#held = Buffer.from(bytes.subarray(end));
    const whole = bytes.subarray(0, end);
    return isUtf8(whole) ? whole.toString('utf8') : lenient(whole);
  }

  /** Forgets the beginning of a character whose rest did not come. */
  reset(): void {
    this.#held = NOTHING;
  }
}

/** How many bytes a character with this first byte has; 0: no character begins so. */
function lengthFrom(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** How many continuation bytes follow the one at `at`, at most `most`. */
function continuations(bytes: Buffer, at: number, most: number): number {
  let count = 0;
  while (count < most && isContinuation(bytes[at + 1 + count])) count += 1;
  return count;
}

function unfinishedAtEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (!isContinuation(byte)) return lengthFrom(byte) > back ? back : 0;
  }
  return 0;
}

function lenient(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const length = lengthFrom(byte);
    const end = at + 1 + continuations(bytes, at, Math.max(0, length - 1));
    const piece = bytes.subarray(at, end);
    if (piece.length === length && isUtf8(piece)) text += piece.toString('utf8');
    else text += byte >= 0x80 && byte <= 0x9f ? String.fromCharCode(byte) : '\ufffd';
    at = end;
  }
  return text;
}
