/**
 * The terminal's input. All of it goes to the key reader; Ink gets a stream on which nothing ever comes, with as much of
 * a terminal as it asks for (raw mode, ref, unref).
 *
 * Invariant: while held nothing is read, so that another program can read from the same terminal.
 */
import { Readable } from 'node:stream';
import type { KeyReader } from './key-reader.ts';

export class TerminalInput {
  readonly #source: NodeJS.ReadStream;
  readonly #reader: KeyReader;
  /** To be given to Ink. */
  readonly stream: NodeJS.ReadStream;

  constructor(source: NodeJS.ReadStream, reader: KeyReader) {
    this.#source = source;
    this.#reader = reader;
    this.stream = silentTerminal(source);
    source.on('data', this.#take);
    // Whoever asked the terminal before has paused it.
    source.resume();
  }

  /** Leaves the input to another program until `release`. */
  hold(): void {
    this.#source.pause();
    this.#reader.reset();
  }

  release(): void {
    this.#source.resume();
  }

  /** Lets go of the source. */
  close(): void {
    this.#source.off('data', this.#take);
    this.#source.pause();
    this.#reader.reset();
  }

  readonly #take = (chunk: Buffer | string): void => this.#reader.read(chunk);
}

function silentTerminal(source: NodeJS.ReadStream): NodeJS.ReadStream {
  const stream = Object.assign(new Readable({ read: () => undefined }), {
    isTTY: source.isTTY,
    setRawMode: (isRaw: boolean) => {
      source.setRawMode?.(isRaw);
      return stream;
    },
    ref: () => {
      source.ref?.();
      return stream;
    },
    unref: () => {
      source.unref?.();
      return stream;
    },
  });
  return stream as unknown as NodeJS.ReadStream;
}
