/** Where a piece of UTF-8 may be cut: character borders in bytes, without allocating or copying. */

/** True for the second and later bytes of a character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The last character border at or before `position`. `bytes` must be valid UTF-8. */
export function borderBefore(bytes: Uint8Array, position: number): number {
  let at = position;
  while (at > 0 && isContinuation(bytes[at])) at -= 1;
  return at;
}

/** The first character border at or after `position`. `bytes` must be valid UTF-8. */
export function borderAfter(bytes: Uint8Array, position: number): number {
  let at = position;
  while (at < bytes.length && isContinuation(bytes[at])) at += 1;
  return at;
}

/** Characters (code points) in valid UTF-8. */
export function countCharacters(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) count += 1;
  return count;
}

/** How many bytes at the end belong to a character that the next chunk may complete: 0 to 3. */
export function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
