/** How long the longest function of a WebAssembly module is, in bytes of its code; 0 for what has none, or is no module. */
export function largestFunction(module: Uint8Array): number {
  const reader = new Reader(module);
  reader.skip(HEADER_BYTES);
  while (!reader.isAtEnd()) {
    const id = reader.number();
    const size = reader.number();
    if (id === CODE_SECTION) return largestBody(reader);
    reader.skip(size);
  }
  return 0;
}

/** `\0asm` and the version (https://webassembly.github.io/spec/core/binary/modules.html). */
const HEADER_BYTES = 8;
const CODE_SECTION = 10;

function largestBody(reader: Reader): number {
  let largest = 0;
  for (let left = reader.number(); left > 0 && !reader.isAtEnd(); left -= 1) {
    const size = reader.number();
    largest = Math.max(largest, size);
    reader.skip(size);
  }
  return largest;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  /** Seven bits a byte, the lowest first. */
  number(): number {
    let value = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && !this.isAtEnd(); shift += 7) {
      byte = this.#bytes[this.#at] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      this.#at += 1;
    }
    return value;
  }
}
