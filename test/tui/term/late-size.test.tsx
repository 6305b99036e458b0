/** A terminal that is resized before Ink knows: nothing that was printed is painted over. */
import { PassThrough } from 'node:stream';
import { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { type Instance, render } from 'ink';
import { expect, test } from 'vitest';
import type { Frame, ViewModel } from '../../../src/tui/screen/frame.ts';
import { joinOutput } from '../../../src/tui/term/joined-output.ts';
import { View } from '../../../src/tui/View.tsx';

/** `resize`: the terminal's; `know`: the signal that tells of it. `below`: rows below the caret. */
type Step =
  | { readonly do: 'print' | 'know' }
  | { readonly do: 'live'; readonly rows: number; readonly below: number }
  | { readonly do: 'resize'; readonly rows: number };

const COLUMNS = 40;
const ROWS = 20;
/** Enough that the region is at the bottom of the screen. */
const BEFORE: readonly Step[] = Array.from({ length: 25 }, () => ({ do: 'print' }));

class Model implements ViewModel {
  readonly #listeners = new Set<() => void>();
  #frame: Frame = { printed: [], live: ['live', '> ', 'footer'], cursor: { x: 2, y: 1 } };

  readonly frame = () => this.#frame;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(change: Partial<Frame>): void {
    this.#frame = { ...this.#frame, ...change };
    for (const listener of this.#listeners) listener();
  }

  print(): void {
    const { printed } = this.#frame;
    const id = printed.length + 1;
    this.change({ printed: [...printed, { id, lines: [`line ${id}.`] }] });
  }
}

class Screen {
  readonly model = new Model();
  readonly #terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  readonly #stdout = Object.assign(new PassThrough(), { columns: COLUMNS, rows: ROWS, isTTY: true });
  readonly #ink: Instance;

  constructor() {
    // As the terminal's driver does, which ends lines with both.
    this.#stdout.on('data', (bytes) => this.#terminal.write(String(bytes).replaceAll('\n', '\r\n')));
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: () => undefined,
      ref: () => undefined,
      unref: () => undefined,
    });
    this.#ink = render(<View model={this.model} onMounted={() => undefined} />, {
      stdout: joinOutput(this.#stdout as unknown as NodeJS.WriteStream).stream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      interactive: true,
      incrementalRendering: true,
      maxFps: 1000,
      patchConsole: false,
      kittyKeyboard: { mode: 'disabled' },
    });
  }

  async step(step: Step): Promise<void> {
    if (step.do === 'print') this.model.print();
    if (step.do === 'live') {
      const live = Array.from({ length: step.rows }, (_, row) => `live ${row} of ${step.rows}`);
      this.model.change({ live, cursor: { x: 2, y: Math.max(0, step.rows - 1 - step.below) } });
    }
    if (step.do === 'resize') this.#terminal.resize(COLUMNS, step.rows);
    if (step.do === 'know') {
      Object.assign(this.#stdout, { rows: this.#terminal.rows });
      this.#stdout.emit('resize');
    }
    await this.#ink.waitUntilRenderFlush();
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
  }

  /** Ends the view. @returns what was printed, as the scrollback and the screen have it. */
  printed(): string[] {
    this.#ink.unmount();
    const { normal } = this.#terminal.buffer;
    const lines = Array.from({ length: normal.length }, (_, y) => normal.getLine(y)?.translateToString(true));
    return lines.filter((line) => line !== undefined).filter((line) => line.startsWith('line'));
  }
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('print', 'know') }),
    fc.record({
      do: fc.constant('live'),
      rows: fc.integer({ min: 1, max: 7 }),
      below: fc.integer({ min: 0, max: 3 }),
    }),
    fc.record({ do: fc.constant('resize'), rows: fc.integer({ min: 9, max: 24 }) }),
  ),
  { maxLength: 14 },
);

test('every printed line is there once, in order, whenever the size becomes known', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (some) => {
      const all = [...BEFORE, ...some, { do: 'know' } as const];
      const screen = new Screen();
      for (const step of all) await screen.step(step);
      const count = all.filter((step) => step.do === 'print').length;
      expect(screen.printed()).toEqual(Array.from({ length: count }, (_, index) => `line ${index + 1}.`));
    }),
    { numRuns: 40 },
  );
}, 60_000);
