/** A terminal that has another size at any byte, before the painter knows: nothing printed is lost or doubled. */
import { EventEmitter } from 'node:events';
import { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Size } from '../../../src/tui/ports.ts';
import type { Frame, PrintedCell } from '../../../src/tui/screen/frame.ts';
import { Painter } from '../../../src/tui/term/painter.ts';
import { TerminalOutput } from '../../../src/tui/term/terminal-output.ts';

/** `flow`: words of a line that is still being written; `row`: its next row; `resize`: the terminal's; `know`: the signal that tells of it. `caret`: its row from the end; absent: it waits. */
type Step =
  | { readonly do: 'print'; readonly words: number }
  | { readonly do: 'flow'; readonly words: number }
  | { readonly do: 'live'; readonly rows: number; readonly caret: number | undefined }
  | { readonly do: 'resize'; readonly columns: number; readonly rows: number; readonly at: number }
  | { readonly do: 'row' | 'know' | 'repaint' | 'erase' };

const COLUMNS = 40;
const ROWS = 20;
/** Enough that the region is at the bottom of the screen. */
const BEFORE: readonly Step[] = Array.from({ length: 25 }, () => ({ do: 'print', words: 3 }));

/** The size changes in the first; in the second it is not known yet. */
const LATE: readonly Step[] = [
  { do: 'flow', words: 3 },
  { do: 'row' },
  { do: 'flow', words: 1 },
  { do: 'know' },
];

class Harness {
  readonly #terminal = new Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: 10_000,
    allowProposedApi: true,
    convertEol: true,
  });
  readonly #stdout = Object.assign(new EventEmitter(), {
    columns: COLUMNS,
    rows: ROWS,
    write: (bytes: string) => this.#write(bytes),
  });
  readonly #painter: Painter;
  readonly #printed: PrintedCell[] = [];
  #live: readonly string[] = [];
  /** Words of lines that were written word by word. */
  #flowed = 0;
  /** Cells of the row that is still being written. */
  #open = 0;
  #caret: Frame['cursor'];
  /** A resize that happens in the middle of the next write. */
  #pending: { readonly size: Size; readonly at: number } | undefined;

  constructor(wrapsAgain: boolean) {
    const output = new TerminalOutput(this.#stdout as unknown as NodeJS.WriteStream);
    this.#painter = new Painter(output, wrapsAgain, () => 0);
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'print') {
      const id = this.#printed.length + 1;
      const word = step.words % 2 === 0 ? ' word' : ' 字字';
      this.#printed.push({ id, lines: [`<${id}>${word.repeat(step.words)}`] });
    }
    if (step.do === 'print' || step.do === 'repaint' || step.do === 'erase') this.#open = 0;
    if (step.do === 'flow') this.#flow(step.words);
    if (step.do === 'row') this.#row();
    if (step.do === 'live') {
      const { columns } = this.#stdout;
      this.#live = Array.from({ length: step.rows }, (_, row) =>
        row === 0 && step.rows % 2 === 0 ? '' : `live ${row} `.repeat(9).slice(0, columns - 1),
      );
      this.#caret =
        step.caret === undefined ? undefined : { x: 2, y: Math.max(0, step.rows - 1 - step.caret) };
    }
    if (step.do === 'resize') {
      if (this.#pending !== undefined) this.#resize();
      this.#pending = { size: { columns: step.columns, rows: step.rows }, at: step.at };
    }
    if (step.do === 'know') {
      this.#resize();
      await new Promise<void>((resolve) => this.#terminal.write('', resolve));
      Object.assign(this.#stdout, { columns: this.#terminal.cols, rows: this.#terminal.rows });
    }
    if (step.do === 'repaint') this.#painter.repaint();
    if (step.do === 'erase') this.#painter.erase();
    this.#paint();
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
  }

  /** Ends the view. @returns all lines but the blank ones, as the scrollback and the screen have them. */
  async ended(): Promise<string[]> {
    this.#live = [];
    this.#caret = undefined;
    this.#paint();
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { normal } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let y = 0; y < normal.length; y += 1) {
      const row = normal.getLine(y);
      const text = row?.translateToString(false) ?? '';
      if (row?.isWrapped) lines[lines.length - 1] += text;
      else lines.push(text);
    }
    return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  }

  get flowed(): string[] {
    return Array.from({ length: this.#flowed }, (_, word) => `+${word + 1}`);
  }

  /** As an answer does it: rows that fit, the last of which may be continued. */
  #flow(words: number): void {
    const { columns } = this.#stdout;
    const lines: string[] = [];
    let joined = '';
    for (let word = 0; word < words; word += 1) {
      this.#flowed += 1;
      const text = `+${this.#flowed}`;
      const continues = this.#open > 0 && this.#open + 1 + text.length < columns;
      if (continues && lines.length > 0) lines.push(`${lines.pop()} ${text}`);
      else if (continues) joined += ` ${text}`;
      else lines.push(text);
      this.#open = continues ? this.#open + 1 + text.length : text.length;
    }
    const id = this.#printed.length + 1;
    this.#printed.push({
      id,
      lines: joined === '' ? lines : [joined.trim(), ...lines],
      flow: { columns, joined: joined === '' ? undefined : joined, isOpen: true },
    });
  }

  /** As an answer does it: full but for its last words, behind the blanks that fill the row before. */
  #row(): void {
    const { columns } = this.#stdout;
    const words = Array.from({ length: Math.floor(columns / 6) }, () => {
      this.#flowed += 1;
      return `+${this.#flowed}`;
    });
    const text = words.join(' ');
    const joined = this.#open === 0 ? undefined : ' '.repeat(Math.max(1, columns - this.#open)) + text;
    this.#open = text.length;
    const flow = { columns, joined, isOpen: true };
    this.#printed.push({ id: this.#printed.length + 1, lines: [text], flow });
  }

  get all(): string[] {
    return this.#printed.flatMap(({ lines }) => lines);
  }

  #paint(): void {
    const { columns, rows } = this.#stdout;
    const size = { columns, rows };
    const live = this.#live.map((row) => row.slice(0, columns - 1));
    this.#painter.paint({ printed: [...this.#printed], cursor: this.#caret, size }, live);
  }

  #write(bytes: string): boolean {
    const at = Math.floor((this.#pending?.at ?? 0) * bytes.length);
    this.#terminal.write(bytes.slice(0, at));
    this.#resize();
    this.#terminal.write(bytes.slice(at));
    return true;
  }

  #resize(): void {
    if (this.#pending === undefined) return;
    const { columns, rows } = this.#pending.size;
    this.#pending = undefined;
    // A write is taken later, a size at once.
    this.#terminal.write('', () => this.#terminal.resize(columns, rows));
  }
}

const print = fc.record({ do: fc.constant('print'), words: fc.integer({ min: 0, max: 40 }) });
const flow = fc.record({ do: fc.constant('flow'), words: fc.integer({ min: 1, max: 12 }) });
const live = fc.record({
  do: fc.constant('live'),
  rows: fc.integer({ min: 0, max: 24 }),
  caret: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
});
const resize = fc.record({
  do: fc.constant('resize'),
  columns: fc.integer({ min: 20, max: 120 }),
  rows: fc.integer({ min: 4, max: 40 }),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});
const row = fc.constant({ do: 'row' });
const word = fc.record({ do: fc.constantFrom('know', 'repaint', 'erase') });
const steps = fc.array(fc.oneof(print, live, resize, word), { maxLength: 16 }) as fc.Arbitrary<Step[]>;

const writing = fc.array(
  fc.oneof({ weight: 3, arbitrary: flow }, { weight: 2, arbitrary: row }, print, live, resize, word),
  {
    maxLength: 16,
  },
) as fc.Arbitrary<Step[]>;

async function linesAfter(all: readonly Step[], wrapsAgain: boolean): Promise<[string[], string[]]> {
  const harness = new Harness(wrapsAgain);
  for (const step of [...BEFORE, ...all, { do: 'know' } as const]) await harness.step(step);
  return [(await harness.ended()).filter((line) => line.startsWith('<')), harness.all];
}

/** A blank can fall off the edge where a size changes within a write; a word cannot. */
const letters = (line: string): string => line.replaceAll(' ', '');

test('every printed line is there once, in order, wherever the size changes', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (some) => {
      const [found, printed] = await linesAfter(some, false);
      expect(found.map(letters)).toEqual(printed.map(letters));
    }),
    { numRuns: 100 },
  );
}, 120_000);

test('also where the rows above the cursor are known to be wrapped again, once each size was known', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (some) => {
      const known = some.flatMap((step): Step[] =>
        step.do === 'resize' ? [step, { do: 'know' } as const] : [step],
      );
      const [found, printed] = await linesAfter(known, true);
      expect(found.map(letters)).toEqual(printed.map(letters));
    }),
    { numRuns: 100 },
  );
}, 120_000);

test('every word of a line that is written word by word is there once, in order, if each size was known soon', async () => {
  await fc.assert(
    fc.asyncProperty(writing, async (some) => {
      const harness = new Harness(true);
      for (const step of [...BEFORE, { do: 'live', rows: 5, caret: 1 } as const, ...some]) {
        await harness.step(step);
        // The write in which the size changes, and another one before it is known.
        if (step.do === 'resize') for (const next of LATE) await harness.step(next);
      }
      const found = (await harness.ended()).join('\n').match(/(?<!\S)\+\d+(?!\S)/g) ?? [];
      expect(found).toEqual(harness.flowed);
    }),
    { numRuns: 80 },
  );
}, 120_000);
