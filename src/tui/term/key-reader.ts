/**
 * Bytes of a terminal, as they come, to what hears its keys; and the one place that decides how long to wait for the
 * rest of something.
 *
 * Invariants: an escape that is a key is heard after `ESCAPE_MS`; the rest of a sequence is not text, even if it comes
 * after that. While nothing is unfinished no timer runs.
 */
import type { Clock } from '../control/frame-clock.ts';
import type { Key } from './keys.ts';
import { type Pending, type TerminalEvent, TerminalParser } from './parser.ts';
import { Utf8Input } from './utf8.ts';

export interface KeyListener {
  readonly onKey: (key: Key) => void;
  readonly onPaste: (text: string) => void;
  readonly onFocus: (hasFocus: boolean) => void;
  /** The terminal has answered `keyboardQuery`. */
  readonly onKeyboard: () => void;
}

/** An escape alone is the key: over a network the bytes of one sequence are seldom further apart. */
export const ESCAPE_MS = 50;
/** What only begins a sequence may be a key with Alt; the user is not kept from typing for longer. */
const INTRODUCER_MS = 1_000;
/** What cannot have been typed is waited for as long as a network may stall. */
const REST_MS = 5_000;
/** A paste in which nothing has come for so long has lost its end: then Ctrl+C ends it. A second one in a row always does. */
const STALLED_MS = 1_000;
const INTERRUPT = '\x03';
/** A timer that is this late was held up by other work, and what came meanwhile has not been read yet. */
const LATE_MS = 10;

const WAITS: { readonly [pending in Pending]?: number } = {
  escape: ESCAPE_MS,
  introducer: INTRODUCER_MS,
  sequence: REST_MS,
};

/** What follows an escape in a sequence that came in one piece: nobody types so much between two reads. */
const REST =
  /^(?:\[(?:[\d<>=?][\d:;]*[ -/]*[$@-~]|[A-IOZ](?![ -~]))|O[A-DFHMP-S](?![ -~])|\](?:\d|[lL])|P[\d>!$+=|]|_G)/;

/** Pieces of one paste come closer together than keys. */
const PIECE_MS = 20;
/** Shorter texts with fewer line ends are keys that were typed before they were read. */
const PASTE = { lineEnds: 3, characters: 256 };

export class KeyReader {
  readonly #listener: KeyListener;
  readonly #clock: Clock;
  readonly #utf8 = new Utf8Input();
  readonly #parser = new TerminalParser();
  #cancel: (() => void) | undefined;
  /** What was read last was a paste without marks, or a piece of one. */
  #isInPaste = false;
  #lastRead = Number.NEGATIVE_INFINITY;
  /** What was read last was Ctrl+C, and nothing else. */
  #hasInterrupted = false;
  /** When an escape was taken for the key. */
  #escapeAt = Number.NEGATIVE_INFINITY;

  constructor(listener: KeyListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
  }

  read(chunk: Buffer | string): void {
    this.#stopWaiting();
    const now = this.#clock.now();
    this.#tell(this.#eventsOf(this.#utf8.decode(chunk), now));
    this.#lastRead = now;
    this.#wait();
  }

  /** Forgets what is unfinished: another program reads the rest. */
  reset(): void {
    this.#stopWaiting();
    this.#utf8.reset();
    this.#parser.expire();
    this.#escapeAt = Number.NEGATIVE_INFINITY;
  }

  #eventsOf(text: string, now: number): TerminalEvent[] {
    const isAfterEscape = now - this.#escapeAt < INTRODUCER_MS;
    if (text !== '') this.#escapeAt = Number.NEGATIVE_INFINITY;
    const { pending } = this.#parser;
    const isAgain = this.#hasInterrupted && text === INTERRUPT;
    this.#hasInterrupted = text === INTERRUPT;
    const hasLostEnd = isAgain || now - this.#lastRead >= STALLED_MS;
    if (pending === 'paste' && text === INTERRUPT && hasLostEnd) return this.#parser.expire();
    if (pending !== 'nothing') return this.#parser.push(text);
    if (isAfterEscape && REST.test(text)) return this.#parser.push(`\x1b${text}`);
    this.#isInPaste = isUnmarkedPaste(text, this.#isInPaste && now - this.#lastRead < PIECE_MS);
    return this.#isInPaste ? [{ type: 'paste', text }] : this.#parser.push(text);
  }

  #wait(): void {
    const ms = this.#waitMs();
    if (ms === undefined) return;
    const due = this.#clock.now() + ms;
    this.#cancel = this.#clock.schedule(() => {
      if (this.#clock.now() - due <= LATE_MS) this.#expire();
      else this.#cancel = this.#clock.schedule(this.#expire, 1);
    }, ms);
  }

  #waitMs(): number | undefined {
    const { pending } = this.#parser;
    if (pending === 'paste') return undefined;
    return WAITS[pending] ?? (this.#utf8.isPending ? REST_MS : undefined);
  }

  readonly #expire = (): void => {
    this.#cancel = undefined;
    if (this.#parser.pending === 'escape') this.#escapeAt = this.#clock.now();
    this.#utf8.reset();
    this.#tell(this.#parser.expire());
  };

  #stopWaiting(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tell(events: readonly TerminalEvent[]): void {
    for (const event of events) {
      if (event.type === 'key') this.#listener.onKey(event.key);
      else if (event.type === 'paste') this.#listener.onPaste(event.text);
      else if (event.type === 'focus') this.#listener.onFocus(event.hasFocus);
      else if (event.type === 'other' && isKeyboardAnswer(event)) this.#listener.onKeyboard();
    }
  }
}

function isKeyboardAnswer({ kind, body }: { readonly kind: string; readonly body: string }): boolean {
  return kind === 'csi' && /^\?\d+u$/.test(body);
}

/**
 * Whether a text that came in one read is a paste in a terminal that does not mark pastes: more lines than one can type
 * between reads, or what comes immediately after such a text.
 */
function isUnmarkedPaste(text: string, isNext: boolean): boolean {
  if (text === '' || /[\x1b\x80-\x9f]/.test(text)) return false;
  if (isNext && !text.includes('\x03')) return true;
  const inner = text.match(/[\r\n](?=[^\r\n])/g)?.length ?? 0;
  return inner >= PASTE.lineEnds || (inner > 0 && text.length >= PASTE.characters);
}
