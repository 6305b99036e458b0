/**
 * Captures a command's output as it arrives: a cut text for the model, a longer one for the screen, every byte in a file.
 *
 * Invariants: memory is bounded, however much arrives and however slow the disk is, if the caller awaits what `write`
 * returns; the texts are those of `truncateText` of what a terminal would show in the end (terminal-text.ts), with a mark in place of
 * what is binary; nothing here throws: a problem with the file becomes a note. The file stays only if the model's text is cut or
 * something binary was left out; it is readable only by the user, and never over an existing file.
 */
import { BINARY_MARK, BinaryFilter } from './binary-output.ts';
import { SPILL_LIMIT, SpillFile } from './spill-file.ts';
import { TerminalText } from './terminal-text.ts';
import { cutPoints, joinCut } from './truncate.ts';
import { borderAfter, borderBefore, countCharacters, unfinishedTail } from './utf8.ts';

/** The most bytes for the screen. A little under 1 MiB, so that the marker fits as well. */
const DISPLAY_LIMIT = 2 ** 20 - 64;
const NEWLINE = 10;
/** Bytes that are kept in memory while it may turn out that no file is needed. */
const EARLY_LIMIT = 2 ** 18;

interface CaptureOptions {
  /** UTF-8 bytes for the model. */
  readonly limitBytes: number;
  /** Names the file for the whole output; called at most once, when the model's text must be cut. Absent: there is no file. */
  readonly spillPath?: () => string;
  /** The most bytes that go into the file; 1 GiB by default. */
  readonly spillLimitBytes?: number;
  /** The most bytes of `displayText`; by default a little under 1 MiB. */
  readonly displayLimitBytes?: number;
}

export interface CapturedOutput {
  readonly modelText: string;
  /** `modelText` was cut. */
  readonly truncated: boolean;
  readonly totalLines: number;
  /** Head and tail, at most 1 MiB. */
  readonly displayText: string;
  /** The file with every byte; undefined: it was not needed, or could not be written. */
  readonly path: string | undefined;
  /** Problems with the file, one sentence each. */
  readonly notes: readonly string[];
}

export class OutputCapture {
  readonly #limit: number;
  readonly #displayLimit: number;
  readonly #spill: SpillFile | undefined;
  readonly #ends: HeadAndTail;
  readonly #binary = new BinaryFilter((text) => this.#ready.push(text));
  readonly #terminal = new TerminalText((row) => this.#binary.add(row));
  #ready: string[] = [];
  /** The bytes of an incomplete character. */
  #carry: Buffer = Buffer.alloc(0);
  /** What arrived before the file was needed. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #rawBytes = 0;
  #characters = 0;
  #newlines = 0;
  #lastByte = NEWLINE;

  constructor({
    limitBytes,
    spillPath,
    spillLimitBytes = SPILL_LIMIT,
    displayLimitBytes = DISPLAY_LIMIT,
  }: CaptureOptions) {
    this.#limit = limitBytes;
    this.#displayLimit = displayLimitBytes;
    this.#spill = spillPath && new SpillFile(spillPath, spillLimitBytes);
    this.#ends = new HeadAndTail(Math.max(limitBytes, displayLimitBytes));
  }

  /** Bytes that have gone or will go into the file. */
  get spilledBytes(): number {
    return this.#spill?.written ?? 0;
  }

  /** The file is full: only the tail of what arrives now is kept. */
  get isFull(): boolean {
    return this.#spill?.isFull ?? false;
  }

  /** Removes the bytes of an incomplete character or sequence, for the capture that follows this one. */
  takeUnfinished(): Buffer {
    const carry = this.#carry;
    this.#carry = Buffer.alloc(0);
    return Buffer.concat([Buffer.from(this.#terminal.takeUnfinished()), carry]);
  }

  /** Takes the next bytes. Await the promise, if there is one, before reading more from the source. */
  write(chunk: Buffer): void | Promise<void> {
    if (chunk.length === 0) return;
    this.#rawBytes += chunk.length;
    const joined = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const whole = joined.length - unfinishedTail(joined);
    this.#carry = Buffer.from(joined.subarray(whole));
    this.#terminal.write(joined.toString('utf8', 0, whole));
    this.#takeReady();
    return this.#save(chunk);
  }

  /** Ends the capture and closes the file. Call it once, after the last `write` has settled. */
  async finish(): Promise<CapturedOutput> {
    this.#terminal.write(this.#carry.toString());
    this.#terminal.end();
    this.#binary.end();
    this.#takeReady();
    const truncated = this.#ends.total > this.#limit;
    const isNeeded = truncated || this.#binary.hasCut;
    if (isNeeded && this.#early.length > 0) await this.#startFile();
    const path = await (isNeeded ? this.#spill?.close(this.#rawBytes) : this.#spill?.discard());
    return {
      modelText: this.#marked(this.#cut(this.#limit, path), path),
      truncated,
      totalLines: this.#newlines + (this.#lastByte === NEWLINE ? 0 : 1),
      displayText: this.#marked(this.#cut(this.#displayLimit), path),
      path,
      notes: this.#spill?.notes ?? [],
    };
  }

  #marked(text: string, path: string | undefined): string {
    if (!this.#binary.hasCut) return text;
    const where = path === undefined ? '' : `: ${path}`;
    return text.replaceAll(BINARY_MARK, () => `[binary output, ${this.#rawBytes} bytes in all${where}]`);
  }

  #takeReady(): void {
    if (this.#ready.length === 0) return;
    const bytes = Buffer.from(this.#ready.join(''));
    this.#ready = [];
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === NEWLINE) this.#newlines += 1;
      if ((byte & 0xc0) !== 0x80) this.#characters += 1;
    }
    this.#lastByte = bytes[bytes.length - 1] ?? NEWLINE;
    this.#ends.add(bytes);
  }

  #save(chunk: Buffer): void | Promise<void> {
    if (this.#spill === undefined) return;
    if (this.#spill.started) return this.#spill.write(chunk);
    this.#early.push(Buffer.from(chunk));
    this.#earlyBytes += chunk.length;
    const total = this.#ends.total + this.#terminal.pending + this.#binary.pending;
    if (total > this.#limit || this.#earlyBytes > EARLY_LIMIT) return this.#startFile();
  }

  #startFile(): void | Promise<void> {
    const early = Buffer.concat(this.#early);
    this.#early = [];
    return this.#spill?.write(early);
  }

  #cut(limit: number, path?: string): string {
    const { total } = this.#ends;
    if (total <= limit) return this.#ends.slice(0, total).toString();
    const { headEnd, tailStart } = cutPoints(total, limit);
    const headBytes = this.#ends.slice(0, headEnd + 1);
    const head = headBytes.subarray(0, borderBefore(headBytes, headEnd));
    const tailBytes = this.#ends.slice(tailStart, total);
    const tail = tailBytes.subarray(borderAfter(tailBytes, 0));
    const removed = this.#characters - countCharacters(head) - countCharacters(tail);
    return joinCut(head.toString(), removed, tail.toString(), path);
  }
}

/** The first and the last bytes of a stream, up to `size` each. */
class HeadAndTail {
  readonly #size: number;
  #head: Buffer = Buffer.alloc(0);
  #headUsed = 0;
  /** A ring: the byte at stream position `p` is at `p % size`. */
  #ring: Buffer | undefined;
  total = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(bytes: Buffer): void {
    const room = Math.min(this.#size - this.#headUsed, bytes.length);
    if (room > 0) {
      this.#growHead(this.#headUsed + room);
      bytes.copy(this.#head, this.#headUsed, 0, room);
      this.#headUsed += room;
    }
    if (room < bytes.length) this.#addToRing(bytes.subarray(room), this.total + room);
    this.total += bytes.length;
  }

  /** Bytes `from` to `to` of the stream, which must have been kept. */
  slice(from: number, to: number): Buffer {
    const head = this.#head.subarray(Math.min(from, this.#headUsed), Math.min(to, this.#headUsed));
    if (to <= this.#headUsed || this.#ring === undefined) return head;
    const start = Math.max(from, this.#headUsed) % this.#size;
    const length = to - Math.max(from, this.#headUsed);
    const first = this.#ring.subarray(start, Math.min(start + length, this.#size));
    return Buffer.concat([head, first, this.#ring.subarray(0, length - first.length)]);
  }

  #growHead(needed: number): void {
    if (needed <= this.#head.length) return;
    const larger = Buffer.alloc(Math.min(this.#size, Math.max(needed, this.#head.length * 2)));
    this.#head.copy(larger, 0, 0, this.#headUsed);
    this.#head = larger;
  }

  #addToRing(bytes: Buffer, position: number): void {
    this.#ring ??= Buffer.alloc(this.#size);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#size));
    const start = (position + bytes.length - kept.length) % this.#size;
    const first = kept.copy(this.#ring, start);
    kept.copy(this.#ring, 0, first);
  }
}
