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

const STEP_DOWN = '\x1b[E';
const STEPS_DOWN = /(?:\x1b\[E){2,}/g;

type WriteCallback = (error?: Error | null) => void;

export function joinOutput(target: NodeJS.WriteStream): JoinedOutput {
  let pieces: string[] = [];
  let callbacks: WriteCallback[] = [];
  let isScheduled = false;
  let isHeld = false;

  const flush = (): void => {
    isScheduled = false;
    if (isHeld || (pieces.length === 0 && callbacks.length === 0)) return;
    const [text, waiting] = [shortened(pieces.join('')), callbacks];
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

/** Ink steps over unchanged lines one by one: a third of the bytes of a frame in which one line has changed. */
function shortened(text: string): string {
  return text.replace(STEPS_DOWN, (steps) => `\x1b[${steps.length / STEP_DOWN.length}E`);
}
