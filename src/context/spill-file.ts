/**
 * The file for a command's whole output. Nothing here throws: a problem becomes a note. It is created with the first
 * byte, readable only by the user, and never over an existing file; a file with incomplete content is removed.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { errorMessage } from '../text/error-message.ts';

/** The most output of one command that is kept in files. */
export const SPILL_LIMIT = 2 ** 30;

/** Written in order; closed or removed at the end. */
export class SpillFile {
  readonly #nameFile: () => string;
  readonly #limit: number;
  #queue: Promise<void> = Promise.resolve();
  #path: string | undefined;
  #file: FileHandle | undefined;
  written = 0;
  #error: unknown;
  started = false;
  /** There was more output than fits. */
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

  /** The path; undefined if there is no file, or its content is incomplete. */
  async close(totalBytes: number): Promise<string | undefined> {
    await this.#queue;
    try {
      await this.#file?.close();
    } catch (error) {
      this.#error ??= error;
    }
    if (this.#error !== undefined) {
      // Half a file would be mistaken for the whole, and takes space on a disk that may be full.
      if (this.#file !== undefined && this.#path !== undefined) await unlink(this.#path).catch(() => {});
      this.notes.push(`The full output could not be saved: ${errorMessage(this.#error)}`);
      return undefined;
    }
    if (this.started && totalBytes > this.written) {
      this.notes.push(`The full output's file holds the first ${this.written} of ${totalBytes} bytes.`);
    }
    return this.#path;
  }

  /** Removes the file, which has turned out not to be needed. */
  async discard(): Promise<undefined> {
    await this.#queue;
    await this.#file?.close().catch(() => undefined);
    if (this.#file !== undefined && this.#path !== undefined) await unlink(this.#path).catch(() => undefined);
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
