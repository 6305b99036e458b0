/**
 * Paths that are not UTF-8, which a repository or a command can create: bytes that no character has stand in the string as lone
 * surrogates (0xDC80 and up), which no decoded name contains, so that no two names become one.
 */
import { isUtf8 } from 'node:buffer';

/** For Node's functions on files. */
export function rawPath(file: string): string | Buffer {
  return file.isWellFormed() ? file : bytesOf(file);
}

export function bytesOf(text: string): Buffer {
  const parts = text.split(/([\u{DC80}-\u{DCFF}])/u);
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) % 0x100))),
  );
}

/** A name as its folder lists it. */
export function nameOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
}
