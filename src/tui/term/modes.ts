/**
 * The modes of the terminal while the view has it, and the way back.
 *
 * Invariants: after `giveBack` the terminal is as it was (cursor, paste mode, keyboard protocol, focus reports, title,
 * progress, screen); nothing is turned on while another program has it or after the end.
 */
import type { WholeScreen } from '../ports.ts';
import type { Painter } from './painter.ts';
import {
  bracketedPasteOn,
  enterAlternate,
  focusReportsOn,
  keyboardPush,
  leaveAlternate,
  progressSequence,
  restoreSequence,
  titlePush,
  titleSequence,
} from './sequences.ts';
import type { TerminalOutput } from './terminal-output.ts';

export class TerminalModes implements WholeScreen {
  readonly #output: TerminalOutput;
  readonly #painter: Painter;
  #isOurs = false;
  #isAlternate = false;
  #title = '';
  #progress = '';
  #isProgressShown = false;
  /** The title from before is kept by the terminal. */
  #isTitleKept = false;
  /** The terminal knows the keyboard protocol; and it was pushed. */
  #hasKeyboard = false;
  #isKeyboardPushed = false;

  constructor(output: TerminalOutput, painter: Painter) {
    this.#output = output;
    this.#painter = painter;
  }

  get isAlternate(): boolean {
    return this.#isAlternate;
  }

  /** Takes the terminal, at the start or back from another program. */
  take(): void {
    const progress = this.#isProgressShown ? this.#progress : '';
    this.#output.write(`${titlePush}${this.#title}${focusReportsOn}${bracketedPasteOn}${progress}`);
    this.#isTitleKept = true;
    this.#isOurs = true;
  }

  giveBack(): void {
    this.#isOurs = false;
    if (this.#isProgressShown) this.#output.write(progressSequence(undefined));
    this.#output.write(
      restoreSequence({
        alternate: this.#isAlternate,
        keyboard: this.#isKeyboardPushed,
        title: this.#isTitleKept,
      }),
    );
    this.#isTitleKept = false;
    this.#isKeyboardPushed = false;
  }

  /** The terminal has answered that it knows the keyboard protocol. */
  readonly keyboardKnown = (): void => {
    this.#hasKeyboard = true;
    this.pushKeyboard();
  };

  /** Turns the keyboard protocol on if the terminal knows it and it is off. */
  pushKeyboard(): void {
    if (!this.#isOurs || !this.#hasKeyboard || this.#isKeyboardPushed || this.#isAlternate) return;
    this.#isKeyboardPushed = true;
    this.#output.write(keyboardPush);
  }

  setTitle(text: string): void {
    this.#title = titleSequence(text);
    if (this.#isOurs) this.#output.write(this.#title);
  }

  setProgress(progress: Parameters<typeof progressSequence>[0]): void {
    this.#progress = progressSequence(progress);
    this.#isProgressShown = progress !== undefined;
    if (this.#isOurs) this.#output.write(this.#progress);
  }

  enter(): void {
    this.#painter.hold();
    this.#isAlternate = true;
    this.#output.write(enterAlternate);
  }

  draw(lines: readonly string[]): void {
    this.#output.write(wholeScreen(lines));
  }

  leave(): void {
    this.#isAlternate = false;
    this.#output.write(leaveAlternate);
    this.#painter.release();
    this.pushKeyboard();
  }
}

/** Every row from the top, each cleared after its text, without a line end that could scroll. */
function wholeScreen(lines: readonly string[]): string {
  const rows = lines.map((line, index) => `\x1b[${index + 1};1H\x1b[0m${line}\x1b[0m\x1b[K`);
  return `\x1b[?2026h${rows.join('')}\x1b[J\x1b[?2026l`;
}
