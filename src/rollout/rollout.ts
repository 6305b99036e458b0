/**
 * Writes the file of a session.
 *
 * It exists from its first line on, mode 0600 in folders of 0700. Each line is one write at the end of the file. A line that could
 * not be written whole is taken back and written later, in order: a reader never meets a gap or half a line. A failure is reported
 * once and never reaches the turn.
 */
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { type Lock, lockRollout } from './lock.ts';

/** What cannot be written is kept up to this many bytes; then the record of the session ends. */
const MAX_WAITING_BYTES = 32 * 2 ** 20;

const BLOCK = 65_536;

export interface RolloutOptions {
  readonly file: string;
  /** Hears once that the session is not kept. */
  readonly warn: (message: string) => void;
  /** Of a session that is resumed. */
  readonly lock?: Lock;
}

export class RolloutWriter {
  readonly file: string;
  readonly #warn: (message: string) => void;
  #lock: Lock | undefined;
  #fd: number | undefined;
  #size = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #hasWarned = false;
  #isLost = false;
  #synced: Promise<void> = Promise.resolve();

  constructor({ file, warn, lock }: RolloutOptions) {
    this.file = file;
    this.#warn = warn;
    this.#lock = lock;
  }

  /** Adds a line, with its end, to the file. Never throws. */
  append(line: string): void {
    if (this.#isLost) return;
    const bytes = Buffer.from(line);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    try {
      this.#write();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  /** Starts to bring what was written to the disk. */
  sync(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#synced = this.#synced.then(() => new Promise((resolve) => fdatasync(fd, () => resolve())));
  }

  /** Resolves when the file is on the disk and free for another writer. Never rejects. */
  async close(): Promise<void> {
    try {
      if (this.#waiting.length > 0 && !this.#isLost) this.#write();
    } catch {
      // It was reported when it happened first.
    }
    this.sync();
    await this.#synced;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#isLost = true;
    if (this.#lock?.isHeld === false) this.#lock.release();
  }

  #write(): void {
    const fd = this.#open();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      this.#writeWhole(fd, next);
      this.#size += next.length;
      this.#waiting.shift();
      this.#waitingBytes -= next.length;
    }
  }

  #writeWhole(fd: number, bytes: Buffer): void {
    let written = 0;
    try {
      // One write, except on a full disk: the second one fails.
      while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch (error) {
      if (written > 0) ftruncateSync(fd, this.#size);
      throw error;
    }
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
    this.#lock ??= lockRollout(this.file);
    if (this.#lock.isHeld) throw new Error(`another process (${this.#lock.pid}) writes to it`);
    const fd = openSync(this.file, 'a+', 0o600);
    this.#size = repairEnd(fd);
    this.#fd = fd;
    return fd;
  }

  #failed(error: Error): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#warn(
        `this session cannot be kept: ${error.message}. Work continues; what is not written yet is written as soon as possible`,
      );
    }
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    this.#isLost = true;
    this.#waiting = [];
    this.#warn('the record of this session ends here: too much could not be written');
  }
}

/**
 * Cuts off a line that was not written to its end: it was never shown, because lines are written first.
 *
 * @returns the size that is left.
 */
function repairEnd(fd: number): number {
  const { size } = fstatSync(fd);
  const block = Buffer.alloc(Math.min(BLOCK, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - BLOCK);
    const read = readSync(fd, block, 0, end - start, start);
    const newline = block.subarray(0, read).lastIndexOf(10);
    if (newline >= 0) {
      const whole = start + newline + 1;
      if (whole < size) ftruncateSync(fd, whole);
      return whole;
    }
    end = start;
  }
  if (size > 0) ftruncateSync(fd, 0);
  return 0;
}
