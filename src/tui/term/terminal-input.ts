/**
 * The terminal's input. All of it goes to the key reader, each key as it is pressed (raw mode).
 *
 * Invariant: while held nothing is read and the terminal is as it was, so that another program can read from it.
 */
import type { KeyReader } from './key-reader.ts';

export class TerminalInput {
  readonly #source: NodeJS.ReadStream;
  readonly #reader: KeyReader;

  constructor(source: NodeJS.ReadStream, reader: KeyReader) {
    this.#source = source;
    this.#reader = reader;
    this.#source.ref?.();
    this.#source.setRawMode?.(true);
    source.on('data', this.#take);
    // Whoever asked the terminal before has paused it.
    source.resume();
  }

  /** Leaves the input to another program until `release`. */
  hold(): void {
    this.#source.setRawMode?.(false);
    this.#source.pause();
    this.#reader.reset();
  }

  release(): void {
    this.#source.setRawMode?.(true);
    this.#source.resume();
  }

  /** Lets go of the source. */
  close(): void {
    this.#source.off('data', this.#take);
    this.hold();
    this.#source.unref?.();
  }

  readonly #take = (chunk: Buffer | string): void => this.#reader.read(chunk);
}
