/**
 * Walks over a rollout without parsing it: where each line is, and from its first bytes, what it is. Memory does not
 * grow with the file; an incomplete last line is ignored.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { HEAD_BYTES, headOf, type LineHead, type RolloutLine } from './lines.ts';

export interface LineRef extends LineHead {
  /** Bytes from the beginning of the file; the end excludes the newline. */
  readonly start: number;
  readonly end: number;
}

const CHUNK = 2 ** 20;

/** An open rollout. The caller closes it. */
export class RolloutReader {
  readonly #fd: number;

  /** @throws an Error if it cannot be opened, or is not a file: a pipe would be waited for. */
  constructor(file: string) {
    this.#fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(this.#fd).isFile()) return;
    this.close();
    throw new Error('it is not a regular file');
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * @param visit gets each line and its first bytes; it ends the walk with `false`.
   * @returns bytes up to the end of the last whole line that it saw.
   */
  scan(visit: (line: LineRef, head: string) => unknown): number {
    // One byte more than a small file has, so that a chunk that is not full marks its end.
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, fstatSync(this.#fd).size + 1));
    let lineStart = 0;
    let offset = 0;
    let head = '';
    for (;;) {
      const read = readSync(this.#fd, chunk, 0, chunk.length, offset);
      if (read === 0) return lineStart;
      let at = 0;
      for (;;) {
        const newline = chunk.subarray(0, read).indexOf(10, at);
        const stop = newline < 0 ? read : newline;
        if (head === '') head = chunk.toString('latin1', at, Math.min(at + HEAD_BYTES, stop));
        if (newline < 0) break;
        const end = offset + newline;
        const what = headOf(head) ?? this.#foreign(lineStart, end);
        const isEnough = visit({ ...what, start: lineStart, end }, head) === false;
        lineStart = end + 1;
        if (isEnough) return lineStart;
        at = newline + 1;
        head = '';
      }
      // A line of which too few bytes were read to recognise it is read again, with what follows.
      const isAgain = head.length < HEAD_BYTES && read === chunk.length;
      offset = isAgain ? lineStart : offset + read;
      if (isAgain) head = '';
    }
  }

  /** A line as an object; undefined if it is not one. */
  parse({ start, end }: Pick<LineRef, 'start' | 'end'>): RolloutLine | undefined {
    const bytes = Buffer.allocUnsafe(end - start);
    const read = readSync(this.#fd, bytes, 0, bytes.length, start);
    try {
      const line: unknown = JSON.parse(bytes.toString('utf8', 0, read));
      const isLine = typeof line === 'object' && line !== null && 'type' in line && 'payload' in line;
      const isWhole = isLine && typeof line.payload === 'object' && line.payload !== null;
      return isWhole ? (line as RolloutLine) : undefined;
    } catch {
      return undefined;
    }
  }

  /** For a line of another program, with its keys in another order. */
  #foreign(start: number, end: number): LineHead {
    const line = this.parse({ start, end });
    if (line === undefined) return { type: '', of: '', kind: '', number: 0 };
    const payload = line.payload as {
      type?: unknown;
      kind?: unknown;
      item_type?: unknown;
      item_id?: unknown;
    };
    return {
      type: line.type,
      of: String(payload.type ?? ''),
      kind: String(payload.kind ?? payload.item_type ?? ''),
      number: Number(/^i(\d{1,15})$/.exec(String(payload.item_id))?.[1] ?? 0),
    };
  }
}
