/**
 * Divides what the other side of a pipe writes into lines. Only a line feed ends one: JSON strings may hold U+2028, which Node's readline takes for an end.
 *
 * Of a line over the limit only the beginning and the end are kept: they tell whose answer it would have been.
 */
const NEWLINE = 10;

/** An answer with a large picture is a tenth of it. */
export const MESSAGE_LIMIT = 16 * 2 ** 20;

/** Kept of both sides of a line that is too long. */
const SIDE = 200;

const EMPTY = Buffer.alloc(0);

interface LineListener {
  readonly onLine: (line: string) => void;
  /** Once a line, as soon as it passes the limit. */
  readonly onTooLong: (beginning: string) => void;
  /** It has ended. */
  readonly onTooLongEnd: (end: string) => void;
}

export class LineFraming {
  readonly #listener: LineListener;
  readonly #limit: number;
  /** What has come of the line that has not ended; grows by doubling, since a server may send it byte by byte. */
  #held = EMPTY;
  /** Bytes of it. */
  #length = 0;
  /** The end of a line that is too long. */
  #tail: Buffer | undefined;

  constructor(listener: LineListener, limit: number = MESSAGE_LIMIT) {
    this.#listener = listener;
    this.#limit = limit;
  }

  /** Bytes of the line that has not ended. */
  get openLength(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#add(chunk.subarray(from));
  }

  /** The line has ended, perhaps without a line feed because nothing more comes. */
  end(): void {
    const [held, length, tail] = [this.#held, this.#length, this.#tail];
    this.#held = EMPTY;
    this.#length = 0;
    this.#tail = undefined;
    if (tail !== undefined) this.#listener.onTooLongEnd(tail.toString());
    else this.#listener.onLine(held.toString('utf8', 0, length));
  }

  #add(part: Buffer): void {
    const before = this.#length;
    this.#length += part.length;
    if (this.#tail !== undefined) {
      this.#tail = endOf(this.#tail, part);
    } else if (this.#length > this.#limit) {
      const held = this.#held.subarray(0, before);
      this.#tail = endOf(held, part);
      const beginning = Buffer.concat([held.subarray(0, SIDE), part.subarray(0, SIDE)]);
      this.#listener.onTooLong(beginning.toString('utf8', 0, SIDE));
    } else if (part.length > 0) {
      this.#hold(part, before);
    }
  }

  #hold(part: Buffer, before: number): void {
    if (this.#length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, before);
      this.#held = larger;
    }
    part.copy(this.#held, before);
  }
}

function endOf(first: Buffer, second: Buffer): Buffer {
  return Buffer.concat([first.subarray(-SIDE), second.subarray(-SIDE)]).subarray(-SIDE);
}
