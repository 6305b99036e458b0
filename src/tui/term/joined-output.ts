/**
 * A terminal output that writes everything from one tick at once: Ink writes a frame in three to five pieces, and a
 * terminal that draws between them flickers.
 *
 * Invariants: bytes leave in the order in which they came; a write's callback is called after its bytes were written;
 * while held nothing leaves; a size is always known, and this is the only place that decides it. Everything else (`isTTY`,
 * events) is the output's own.
 */
import type { Size } from '../ports.ts';

export interface JoinedOutput {
  /** To be given to Ink. */
  readonly stream: NodeJS.WriteStream;
  /** Writes past Ink, even while held: for the owner of the whole screen, or a single sequence. */
  readonly writeNow: (text: string) => void;
  /** Keeps back what Ink writes until `release`. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Writes the rest immediately. */
  readonly flush: () => void;
}

/**
 * The size of a terminal that was never given one (a serial line, a container's first moments): it reads as 0 x 0, and
 * Ink would open /dev/tty for every frame to ask again.
 */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

/** A step over an unchanged line, and the way from the caret to the end of the frame, which may lead back up at once. */
const STEP_DOWN = /\x1b\[E/g;
const DOWN = /\x1b\[(\d+)B/g;
const DOWN_AND_UP = /\x1b\[(\d+)B(\x1b\[1?G)?\x1b\[(\d+)A/g;

type WriteCallback = (error?: Error | null) => void;

export function joinOutput(target: NodeJS.WriteStream): JoinedOutput {
  let pieces: string[] = [];
  let callbacks: WriteCallback[] = [];
  let isScheduled = false;
  let isHeld = false;

  const flush = (): void => {
    isScheduled = false;
    if (isHeld || (pieces.length === 0 && callbacks.length === 0)) return;
    const [text, waiting] = [walked(pieces.join('')), callbacks];
    pieces = [];
    callbacks = [];
    target.write(text, (error) => {
      for (const callback of waiting) callback(error);
    });
  };
  const write = (chunk: string | Uint8Array, second?: unknown, third?: unknown): boolean => {
    pieces.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const callback = [second, third].find((value) => typeof value === 'function');
    if (callback !== undefined) callbacks.push(callback as WriteCallback);
    if (!isScheduled) {
      isScheduled = true;
      queueMicrotask(flush);
    }
    return true;
  };
  const stream = new Proxy(target, {
    get: (object, name) => {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(object, name, object);
      if (name === 'columns' || name === 'rows') return value || DEFAULT_SIZE[name];
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
  return {
    stream,
    flush,
    writeNow: (text) => {
      flush();
      target.write(text);
    },
    hold: () => {
      flush();
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      flush();
    },
  };
}

/**
 * Down by line feeds only. A terminal that has lost rows has dropped those below the caret, and Ink may not know yet: a
 * move would end at the last row, and the way up would then lead into what was printed. A line feed scrolls.
 */
function walked(text: string): string {
  return text
    .replace(DOWN_AND_UP, (_, down, home = '', up) => home + moved(Number(down) - Number(up)))
    .replace(DOWN, (_, rows) => moved(Number(rows)))
    .replace(STEP_DOWN, '\n');
}

function moved(rows: number): string {
  if (rows < 0) return `\x1b[${-rows}A`;
  return '\n'.repeat(rows);
}
