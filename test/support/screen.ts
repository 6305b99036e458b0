/**
 * A terminal for tests: what a program writes goes through a real terminal emulator (xterm), so that what is asserted is
 * what a person would see: the screen, the scrollback, the cursor.
 *
 * Invariants: nothing polls; `until` looks again whenever the emulator has taken a write.
 */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import xterm from '@xterm/headless';

export class Screen {
  readonly #terminal: xterm.Terminal;
  readonly #output = new EventEmitter();
  readonly #input = new PassThrough();
  #looks = new Set<() => void>();
  /** All bytes that were written, as text. */
  raw = '';
  /** Writes that were not empty. */
  writes = 0;
  isRaw = false;

  /** @param isByCharacter as old terminals measure: each code point for itself, by the tables of Unicode 6. */
  constructor(columns = 100, rows = 30, { isByCharacter = false } = {}) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: 100_000,
      allowProposedApi: true,
      // As the terminal driver does, also while input is raw.
      convertEol: true,
    });
    if (!isByCharacter) this.#terminal.loadAddon(new UnicodeGraphemesAddon());
  }

  /** What a program takes for its terminal's output. */
  get stdout(): NodeJS.WriteStream {
    return Object.defineProperties(this.#output, {
      isTTY: { value: true, configurable: true },
      writable: { value: true, configurable: true },
      columns: { get: () => this.#terminal.cols, configurable: true },
      rows: { get: () => this.#terminal.rows, configurable: true },
      write: { value: this.#write, configurable: true },
    }) as unknown as NodeJS.WriteStream;
  }

  get stdin(): NodeJS.ReadStream {
    const setRawMode = (isRaw: boolean): void => {
      this.isRaw = isRaw;
    };
    return Object.assign(this.#input, {
      isTTY: true,
      setRawMode,
      ref: () => this.#input,
      unref: () => this.#input,
    }) as unknown as NodeJS.ReadStream;
  }

  /** Types bytes as a terminal would send them. */
  type(bytes: string | Buffer): void {
    this.#input.write(bytes);
  }

  paste(text: string): void {
    this.type(`\x1b[200~${text}\x1b[201~`);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#output.emit('resize');
  }

  /** The visible rows without what is blank at their ends, joined; blank rows at the end left out. */
  text(): string {
    const { baseY } = this.#terminal.buffer.active;
    return this.#rows(baseY, baseY + this.#terminal.rows);
  }

  /** The scrollback and the screen; rows that the terminal wrapped are joined again. */
  history(): string {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let y = 0; y < buffer.length; y += 1) {
      const row = buffer.getLine(y);
      const text = row?.translateToString(false) ?? '';
      if (row?.isWrapped) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    return lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** The cursor's column and row on the screen. */
  cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** In which columns of the screen this word is, from the top, as the terminal counts them. */
  columnsOf(word: string): number[] {
    const { baseY } = this.#terminal.buffer.active;
    return Array.from({ length: this.#terminal.rows }, (_, y) => {
      const row = this.#terminal.buffer.active.getLine(baseY + y);
      const cells = Array.from(
        { length: this.#terminal.cols },
        (_cell, x) => row?.getCell(x)?.getChars() ?? '',
      );
      return cells.findIndex((_cell, x) => cells.slice(x, x + word.length).join('') === word);
    }).filter((column) => column >= 0);
  }

  /** Rows of the scrollback. */
  scrolledRows(): number {
    return this.#terminal.buffer.active.baseY;
  }

  isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Waits until the screen fits. The test's own time limit ends it. */
  until(fits: string | RegExp | ((text: string) => boolean)): Promise<string> {
    const isThere = (text: string): boolean => {
      if (typeof fits === 'function') return fits(text);
      return typeof fits === 'string' ? text.includes(fits) : fits.test(text);
    };
    return new Promise((resolve) => {
      const look = (): void => {
        const text = this.text();
        if (!isThere(text)) return;
        this.#looks.delete(look);
        resolve(text);
      };
      this.#looks.add(look);
      look();
    });
  }

  /** Resolves when the emulator has taken all that was written so far. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }

  /** Feeds what another process wrote, a program in a pty say. */
  feed(bytes: string): void {
    this.#write(bytes);
  }

  /** What the emulator answers to queries of the program. */
  onReply(listener: (bytes: string) => void): void {
    this.#terminal.onData(listener);
  }

  #rows(from: number, to: number): string {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let y = from; y < to; y += 1) lines.push(buffer.getLine(y)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  }

  readonly #write = (chunk: string | Uint8Array, second?: unknown, third?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    this.raw += text;
    if (text !== '') this.writes += 1;
    this.#terminal.write(text, () => {
      for (const look of [...this.#looks]) look();
      const callback = [second, third].find((value) => typeof value === 'function');
      if (callback !== undefined) (callback as () => void)();
    });
    return true;
  };
}
