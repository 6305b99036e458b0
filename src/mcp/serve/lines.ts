/** Lines of a stream of bytes: only a line feed ends one, for JSON texts may hold the other line ends of Unicode. */

interface Taking {
  /** Without its end, decoded as UTF-8. */
  readonly line: (line: string) => void;
  /** Called once for a line of more bytes than that, which is not kept. */
  readonly tooLong: (most: number) => void;
}

const LF = 0x0a;
const MOST_BYTES = 16 * 2 ** 20;

export class Lines {
  readonly #taking: Taking;
  readonly #most: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** The rest of a line that is too long is skipped. */
  #isSkipping = false;

  constructor(taking: Taking, most = MOST_BYTES) {
    this.#taking = taking;
    this.#most = most;
  }

  take(bytes: Buffer): void {
    let rest = bytes;
    for (let at = rest.indexOf(LF); at !== -1; at = rest.indexOf(LF)) {
      this.#add(rest.subarray(0, at));
      this.end();
      rest = rest.subarray(at + 1);
    }
    this.#add(rest);
  }

  /** The stream has ended, or the line has. */
  end(): void {
    const [parts, isSkipping, isEmpty] = [this.#parts, this.#isSkipping, this.#bytes === 0];
    this.#parts = [];
    this.#bytes = 0;
    this.#isSkipping = false;
    if (!isSkipping && !isEmpty) this.#taking.line(Buffer.concat(parts).toString('utf8'));
  }

  #add(bytes: Buffer): void {
    if (this.#isSkipping || bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#bytes > this.#most) {
      this.#parts = [];
      this.#isSkipping = true;
      this.#taking.tooLong(this.#most);
    } else this.#parts.push(bytes);
  }
}
