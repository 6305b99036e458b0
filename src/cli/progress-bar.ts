/** Output of a command that takes a while: results to stdout, a bar on the line where stderr's cursor is. */
import { ENDING_SIGNALS } from '../system/ending-signals.ts';

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** stderr is a terminal. */
  readonly isTerminal: boolean;
  /** Resolves on Ctrl+C, and if the process is asked to end. A second signal of the same kind ends it at once. */
  readonly interrupted: Promise<void>;
}

const BAR = 24;

/** Draws nothing where nobody would see it. */
export function createBar({ err, isTerminal }: Output): {
  readonly draw: (line: string) => void;
  readonly clear: () => void;
} {
  let isDrawn = false;
  return {
    draw(line) {
      if (!isTerminal) return;
      err(`\r\x1b[K${line}`);
      isDrawn = true;
    },
    clear() {
      if (isDrawn) err('\r\x1b[K');
      isDrawn = false;
    },
  };
}

/** `━━━━━━──────  words`. */
export function barOf(done: number, total: number, words: string): string {
  const full = total === 0 ? BAR : Math.round((done / total) * BAR);
  return `${'━'.repeat(full)}${'─'.repeat(BAR - full)}  ${words}`;
}

export function standardOutput(): Output {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    interrupted: new Promise((resolve) => {
      for (const signal of ENDING_SIGNALS) process.once(signal, () => resolve());
    }),
  };
}
