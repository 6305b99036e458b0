/**
 * The built program in a real terminal: a pty, with an emulator that shows what a person would see.
 *
 * Invariants: the emulator answers the program's queries as a terminal does; the program is killed with the running
 * test at the latest. Does not: build; `npm test` does that first.
 */
import pty from '@lydell/node-pty';
import { onTestFailed, onTestFinished } from 'vitest';
import { Screen } from './screen.ts';

export interface PtyOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly columns?: number;
  readonly rows?: number;
  /** Default: xterm-256color. */
  readonly term?: string;
  /** As `Screen`'s. */
  readonly isByCharacter?: boolean;
}

export interface PtyProgram {
  readonly screen: Screen;
  readonly pid: number;
  readonly type: (bytes: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when it has ended and all that it wrote is on the screen. */
  readonly ended: Promise<{ readonly code: number; readonly signal: number | undefined }>;
}

export function startInPty(file: string, args: readonly string[], options: PtyOptions): PtyProgram {
  const { columns = 100, rows = 30, term = 'xterm-256color', isByCharacter = false } = options;
  const screen = new Screen(columns, rows, { isByCharacter });
  const child = pty.spawn(file, [...args], {
    name: term,
    cols: columns,
    rows,
    cwd: options.cwd,
    env: { ...options.env, TERM: term },
  });
  let hasEnded = false;
  child.onData((bytes) => screen.feed(bytes));
  screen.onReply((bytes) => {
    if (!hasEnded) child.write(bytes);
  });
  const ended = new Promise<{ code: number; signal: number | undefined }>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      void screen.settled().then(() => resolve({ code: exitCode, signal }));
    });
  });
  onTestFailed(() => console.error(`The terminal when the test failed:\n${screen.text()}`));
  onTestFinished(() => {
    if (!hasEnded) child.kill('SIGKILL');
  });
  return {
    screen,
    pid: child.pid,
    type: (bytes) => child.write(bytes),
    resize: (newColumns, newRows) => {
      screen.resize(newColumns, newRows);
      child.resize(newColumns, newRows);
    },
    kill: (signal) => child.kill(signal),
    ended,
  };
}
