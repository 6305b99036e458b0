/**
 * Writes finished lines, and the prompt at which the user types.
 *
 * Invariants: a line is written once, whole, and nothing goes back over it; not one escape sequence or control
 * character but the line's end is written, whatever is said; at most one timer, for a prompt that is due.
 */
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { Clock } from '../control/frame-clock.ts';

/** What comes in such a short time belongs together: the prompt follows all of it. */
const SETTLED_MS = 50;

export class Speaker {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #prompt: () => string | undefined;
  /** The cursor is behind a prompt. */
  #isOpen = false;
  #cancel: (() => void) | undefined;

  /** @param prompt what the user is to be asked for now, if anything. */
  constructor(write: (text: string) => void, clock: Clock, prompt: () => string | undefined) {
    this.#write = write;
    this.#clock = clock;
    this.#prompt = prompt;
  }

  say(lines: readonly string[]): void {
    this.breakLine();
    if (lines.length > 0) this.#write(`${lines.map(sanitizeForTerminal).join('\n')}\n`);
    this.promptSoon();
  }

  /** Whatever stands in the line of the cursor, what follows begins in the next one. */
  breakLine(isTyped = false): void {
    if (this.#isOpen || isTyped) this.#write('\n');
    this.#isOpen = false;
  }

  /** The user has ended the line; the terminal has shown it. */
  entered(): void {
    this.#isOpen = false;
    this.promptSoon();
  }

  promptSoon(ms = SETTLED_MS): void {
    this.#cancel?.();
    this.#cancel = this.#clock.schedule(() => this.promptNow(), ms);
  }

  promptNow(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const prompt = this.#prompt();
    if (this.#isOpen || prompt === undefined) return;
    this.#isOpen = true;
    this.#write(prompt);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.breakLine();
  }
}
