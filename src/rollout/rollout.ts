/**
 * The file of a session while it is written.
 *
 * Invariants: it appears together with its first line, mode 0600 in folders of 0700; each line is one write at its end;
 * a line that could not be written completely is taken back and written later, in order, so that a reader never finds a
 * gap or half a line.
 */
import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import type { Lock } from '../system/process-lock.ts';
import { lockRollout } from './lock.ts';

/** Lines that cannot be written are kept up to this many bytes; beyond it the record of the session ends. */
const MAX_WAITING_BYTES = 32 * 2 ** 20;

const BLOCK = 65_536;

export interface RolloutOptions {
  readonly file: string;
  /** Called once when writing fails, and again if the record of the session has to end. */
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

  /** Appends a line, which includes its line break. Never throws. */
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

  /** Starts to flush what was written to the disk. */
  sync(): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#synced = this.#synced.then(() => new Promise((resolve) => fdatasync(fd, () => resolve())));
  }

  /** Resolves when the file is on the disk and unlocked. Never rejects. */
  async close(): Promise<void> {
    try {
      if (this.#waiting.length > 0 && !this.#isLost) this.#write();
    } catch {
      // It was reported when it first happened.
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
      // One write, unless the disk is full: then the second one throws.
      while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch (error) {
      if (written > 0) ftruncateSync(fd, this.#size);
      throw error;
    }
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    makeFolder(path.dirname(this.file));
    this.#lock ??= lockRollout(this.file);
    if (this.#lock.isHeld) throw new Error(`another process (${this.#lock.pid}) is writing to it`);
    const fd = openSync(this.file, 'a+', 0o600);
    this.#size = repairEnd(fd);
    this.#fd = fd;
    return fd;
  }

  #failed(error: Error): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#warn(
        `this session cannot be saved: ${error.message}. You can keep working; unsaved lines are written as soon as possible. OAGENT_HOME names another folder`,
      );
    }
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    this.#isLost = true;
    this.#waiting = [];
    this.#warn('the record of this session ends here: too much of it could not be written');
  }
}

/**
 * Cuts off an incomplete last line: it was never shown, because lines are written first.
 *
 * @returns the remaining size.
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
