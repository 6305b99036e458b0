/**
 * The terminal's input without the reports that are not keys (focus, keyboard protocol), and with Shift+Enter in the
 * one form that Ink knows.
 *
 * Invariants: every other byte passes in order and unchanged, and a report that arrives in two pieces is still one;
 * as much of a terminal as Ink asks for (raw mode, ref, unref); while held it reads nothing, so that another program
 * can read from the same terminal.
 */
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const REPORT = /\x1b\[[IO]/g;
/** The answer to `keyboardQuery`. */
const KEYBOARD = /\x1b\[\?\d+u/g;
/** Enter with modifiers as xterm sends it by modifyOtherKeys, and as the kitty protocol does. */
const MODIFIED_ENTER = /\x1b\[27;(\d+);13~/g;

export class FilteredInput extends Readable {
  readonly #source: NodeJS.ReadStream;
  readonly #onFocus: (hasFocus: boolean) => void;
  readonly #onKeyboard: () => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly isTTY: boolean;
  #held = '';
  #isOnHold = false;

  constructor(
    source: NodeJS.ReadStream,
    onFocus: (hasFocus: boolean) => void,
    onKeyboard: () => void = () => undefined,
  ) {
    super({ encoding: 'utf8' });
    this.#source = source;
    this.#onFocus = onFocus;
    this.#onKeyboard = onKeyboard;
    this.isTTY = source.isTTY;
    source.on('data', this.#take);
    source.once('end', this.#finish);
    source.once('close', this.#finish);
  }

  override _read(): void {
    if (!this.#isOnHold) this.#source.resume();
  }

  /** Leaves the input to another program until `release`. */
  hold(): void {
    this.#isOnHold = true;
    this.#source.pause();
  }

  release(): void {
    this.#isOnHold = false;
    this.#source.resume();
  }

  setRawMode(isRaw: boolean): this {
    this.#source.setRawMode?.(isRaw);
    return this;
  }

  ref(): this {
    this.#source.ref?.();
    return this;
  }

  unref(): this {
    this.#source.unref?.();
    return this;
  }

  /** Lets go of the source. */
  close(): void {
    this.#source.off('data', this.#take);
    this.#source.off('end', this.#finish);
    this.#source.off('close', this.#finish);
    this.#source.pause();
  }

  readonly #finish = (): void => {
    this.push(null);
  };

  readonly #take = (chunk: Buffer | string): void => {
    const text = this.#held + (typeof chunk === 'string' ? chunk : this.#decoder.write(chunk));
    // Only the two bytes that begin a report are held back: a lone escape is a key.
    this.#held = text.endsWith('\x1b[') ? '\x1b[' : '';
    const keys = text
      .slice(0, text.length - this.#held.length)
      .replace(REPORT, (report) => {
        this.#onFocus(report.endsWith('I'));
        return '';
      })
      .replace(KEYBOARD, () => {
        this.#onKeyboard();
        return '';
      })
      .replace(MODIFIED_ENTER, '\x1b[13;$1u');
    if (keys !== '') this.push(keys);
  };
}
