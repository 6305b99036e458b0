/**
 * The file that takes a command's whole output.
 *
 * Invariants: written in order; nothing here throws: what went wrong is a note; created with the first byte, for the user
 * alone, and never over an existing file; a file that does not hold what it should is removed.
 * Does not: decide when a file is needed (output-capture.ts), remove old files.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { errorMessage } from '../text/error-message.ts';

/** How much output of one command is kept in files at most. */
export const SPILL_LIMIT = 2 ** 30;

/** The file with the whole output: written in order, never throwing, closed or removed at the end. */
export class SpillFile {
  readonly #nameFile: () => string;
  readonly #limit: number;
  #queue: Promise<void> = Promise.resolve();
  #path: string | undefined;
  #file: FileHandle | undefined;
  written = 0;
  #error: unknown;
  started = false;
  /** More came than it may take. */
  isFull = false;
  notes: string[] = [];

  constructor(nameFile: () => string, limit: number) {
    this.#nameFile = nameFile;
    this.#limit = limit;
  }

  write(chunk: Buffer): void | Promise<void> {
    this.started = true;
    if (this.#error !== undefined) return;
    const piece = chunk.subarray(0, this.#limit - this.written);
    if (piece.length < chunk.length) this.isFull = true;
    if (piece.length === 0) return;
    this.written += piece.length;
    this.#queue = this.#queue.then(() => this.#append(piece));
    return this.#queue;
  }

  /** The file's path, or undefined if there is none or it is not to be trusted. */
  async close(totalBytes: number): Promise<string | undefined> {
    await this.#queue;
    try {
      await this.#file?.close();
    } catch (error) {
      this.#error ??= error;
    }
    if (this.#error !== undefined) {
      // Half a file would be taken for the whole, and on a full disk it is in everyone's way.
      if (this.#file !== undefined && this.#path !== undefined) await unlink(this.#path).catch(() => {});
      this.notes.push(`The full output could not be saved: ${errorMessage(this.#error)}`);
      return undefined;
    }
    if (this.started && totalBytes > this.written) {
      this.notes.push(`The full output's file holds the first ${this.written} of ${totalBytes} bytes.`);
    }
    return this.#path;
  }

  async #append(piece: Buffer): Promise<void> {
    if (this.#error !== undefined) return;
    try {
      if (this.#file === undefined) {
        this.#path = this.#nameFile();
        this.#file = await open(this.#path, 'wx', 0o600);
      }
      await this.#file.writeFile(piece);
    } catch (error) {
      this.#error = error;
    }
  }
}
