/** A painter on a terminal that only records: what it wrote, and the sizes that the terminal had meanwhile. */
import { EventEmitter } from 'node:events';
import type { Frame } from '../../../src/tui/screen/frame.ts';
import { Painter } from '../../../src/tui/term/painter.ts';
import { TerminalOutput } from '../../../src/tui/term/terminal-output.ts';
import type { Recording, Seen, Size } from './recording.ts';

export class RecordedPainter {
  readonly painter: Painter;
  readonly seen: Seen[] = [];
  readonly #start: Size;
  readonly #stdout: EventEmitter & Size;
  #size: Size;
  #frame: Omit<Frame, 'size' | 'regions'> = { printed: [], live: [] };

  constructor(start: Size, wrapsAgain = true) {
    this.#start = start;
    this.#size = start;
    const write = (text: string): boolean => this.seen.push({ bytes: text.replaceAll('\n', '\r\n') }) > 0;
    this.#stdout = Object.assign(new EventEmitter(), { ...start, write });
    this.painter = new Painter(
      new TerminalOutput(this.#stdout as unknown as NodeJS.WriteStream),
      wrapsAgain,
      () => 0,
    );
  }

  get recording(): Recording {
    return { start: this.#start, seen: this.seen };
  }

  /** Everything that was written. */
  get written(): string {
    return this.seen.map((event) => ('bytes' in event ? event.bytes : '')).join('');
  }

  print(...lines: readonly string[]): void {
    const { printed } = this.#frame;
    this.#frame = { ...this.#frame, printed: [...printed, { id: printed.length + 1, lines }] };
    this.paint();
  }

  /** Words of a line that is still being written: `joined` if they continue it. */
  flow(text: string, joined?: string, isOpen = true): void {
    const { printed } = this.#frame;
    const flow = { columns: this.#stdout.columns, joined, isOpen };
    this.#frame = { ...this.#frame, printed: [...printed, { id: printed.length + 1, lines: [text], flow }] };
    this.paint();
  }

  show(live: readonly string[], cursor?: Frame['cursor']): void {
    this.#frame = { ...this.#frame, live, cursor };
    this.paint();
  }

  /** The terminal has another size; the program does not know. */
  resize(columns: number, rows: number): void {
    this.#size = { columns, rows };
    this.seen.push({ size: this.#size });
  }

  /** The program hears of it. */
  know(): void {
    Object.assign(this.#stdout, this.#size);
    this.paint();
  }

  paint(): void {
    const { columns, rows } = this.#stdout;
    // As the app does: no row is wider than the terminal that it knows.
    const live = this.#frame.live.map((row) => row.slice(0, columns - 1));
    this.painter.paint({ ...this.#frame, size: { columns, rows } }, live);
  }
}
