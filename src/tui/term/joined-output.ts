/**
 * A terminal output whose writes of one tick leave as one write.
 *
 * Ink writes a frame in three to five pieces; a terminal that draws between them flickers. Invariants: bytes leave in
 * the order in which they came, steps down the screen joined; a write's callback is called after its bytes were written; while held nothing leaves.
 * Everything else (`columns`, `rows`, `isTTY`, events) is the output's own.
 * Does not: know what the bytes mean.
 */

export interface JoinedOutput {
  /** To be given to Ink. */
  readonly stream: NodeJS.WriteStream;
  /** Writes past Ink, also while held: for who owns the whole screen, or a single sequence. */
  readonly writeNow: (text: string) => void;
  /** Keeps back what Ink writes until `release`. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Writes what is left at once. */
  readonly flush: () => void;
}

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

/** Ink walks over unchanged lines one by one: a third of a frame in which one line has changed. */
function shortened(text: string): string {
  return text.replace(STEPS_DOWN, (steps) => `\x1b[${steps.length / STEP_DOWN.length}E`);
}
