/**
 * Walks over a rollout without parsing it: where each line is, and what it is by its first bytes. Memory does not grow with the
 * file; a last line without its end is not seen.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HEAD_BYTES, headOf, type LineHead, type RolloutLine } from './lines.ts';

export interface LineRef extends LineHead {
  /** Bytes from the beginning of the file; the end is without the newline. */
  readonly start: number;
  readonly end: number;
}

const CHUNK = 2 ** 20;

/** An open rollout. To be closed. */
export class RolloutReader {
  readonly #fd: number;

  /** @throws a system error when it cannot be opened. */
  constructor(file: string) {
    this.#fd = openSync(file, 'r');
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** @returns bytes up to the end of the last whole line. */
  scan(visit: (line: LineRef) => void): number {
    // One byte more than a small file has: the end shows in the first read.
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
        visit({ ...(headOf(head) ?? this.#foreign(lineStart, end)), start: lineStart, end });
        lineStart = end + 1;
        at = newline + 1;
        head = '';
      }
      // A line whose beginning was not read far enough to be known is read again, with what follows.
      const isAgain = head.length < HEAD_BYTES && read === chunk.length;
      offset = isAgain ? lineStart : offset + read;
      if (isAgain) head = '';
    }
  }

  /** A line as an object; undefined: it is not one. */
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

  /** Another program wrote it, with its keys in another order. */
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
