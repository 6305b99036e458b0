/**
 * Where bytes leave for the terminal, and how large it is.
 *
 * Invariants: a size is always known, and this is the only place that decides it.
 */
import type { Size } from '../ports.ts';

/**
 * The size of a terminal that was never given one (a serial line, a container's first moments): it reads as 0 x 0, and
 * Ink would open /dev/tty for every frame to ask again.
 */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

export class TerminalOutput {
  readonly #target: NodeJS.WriteStream;

  constructor(target: NodeJS.WriteStream) {
    this.#target = target;
  }

  get size(): Size {
    const { columns, rows } = this.#target;
    return { columns: columns || DEFAULT_SIZE.columns, rows: rows || DEFAULT_SIZE.rows };
  }

  /**
   * Asks the system for the size, as Node does when it hears SIGWINCH, which may still be on its way. If it differs,
   * the stream says `resize` before this returns.
   */
  refresh(): void {
    const { _refreshSize: ask } = this.#target as { _refreshSize?: () => void };
    ask?.call(this.#target);
  }

  write(text: string): void {
    if (text !== '') this.#target.write(text);
  }
}
