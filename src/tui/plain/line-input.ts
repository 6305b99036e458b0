/**
 * The user's lines, as the terminal's own line editing hands them over.
 *
 * Invariants: lines that come together (a paste) are handed over together, with the time at which the first one came;
 * what has been typed and not sent can be taken out of the terminal, so that it is not part of a later line.
 */
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../control/frame-clock.ts';

export interface LineListener {
  readonly onLines: (lines: readonly string[], cameAt: number) => void;
  /** Ctrl+C where the terminal did not make a signal of it. */
  readonly onInterrupt: () => void;
  /** Ctrl+D, or the terminal is gone. */
  readonly onEnd: () => void;
}

/** Nobody presses Enter twice in such a short time. */
const BURST_MS = 30;

export class LineInput {
  readonly #stdin: NodeJS.ReadStream;
  readonly #clock: Clock;
  readonly #listener: LineListener;
  readonly #decoder = new StringDecoder();
  #lines: string[] = [];
  #half = '';
  #cameAt = 0;
  #cancel: (() => void) | undefined;
  /** Something has come since the last look. */
  #hasCome = false;

  constructor(stdin: NodeJS.ReadStream, clock: Clock, listener: LineListener) {
    this.#stdin = stdin;
    this.#clock = clock;
    this.#listener = listener;
    stdin.on('data', this.#onData);
    stdin.on('end', listener.onEnd);
    // Stays: an error of a terminal that is gone must not end the process in a stack trace.
    stdin.on('error', listener.onEnd);
    // Whoever asked something before has paused it.
    stdin.resume();
  }

  /**
   * Hands over every line that was sent before now, and takes what is being typed: for a moment the terminal gives its
   * unfinished line away. @returns that text.
   */
  async takeUnfinished(): Promise<string> {
    const isTerminal = this.#stdin.isTTY && typeof this.#stdin.setRawMode === 'function';
    if (isTerminal) this.#stdin.setRawMode(true);
    try {
      await this.#quiet();
    } finally {
      if (isTerminal) this.#stdin.setRawMode(false);
    }
    this.#handOver();
    const text = this.#half;
    this.#half = '';
    return text;
  }

  close(): void {
    this.#cancel?.();
    this.#stdin.off('data', this.#onData);
    this.#stdin.off('end', this.#listener.onEnd);
    this.#stdin.pause();
    this.#stdin.unref();
  }

  /** Resolves when the loop has looked for input and there was none: a terminal gives one line at a look. */
  async #quiet(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet += 1) {
      this.#hasCome = false;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#hasCome) quiet = -1;
    }
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#hasCome = true;
    const text = this.#decoder.write(bytes);
    if (text.includes('\x03')) {
      this.#half = '';
      this.#listener.onInterrupt();
      return;
    }
    const [first = '', ...others] = text.split(/\r\n|[\r\n]/);
    const parts = [this.#half + first, ...others];
    this.#half = parts.pop() ?? '';
    if (parts.length === 0) return;
    if (this.#lines.length === 0) this.#cameAt = this.#clock.now();
    this.#lines.push(...parts);
    this.#cancel?.();
    this.#cancel = this.#clock.schedule(() => this.#handOverIfQuiet(), BURST_MS);
  };

  /** On a busy machine the time is over before the next line, which is there, has been looked for. */
  #handOverIfQuiet(): void {
    this.#hasCome = false;
    const look = setImmediate(() => {
      if (!this.#hasCome) this.#handOver();
    });
    this.#cancel = () => clearImmediate(look);
  }

  #handOver(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) this.#listener.onLines(lines, this.#cameAt);
  }
}
