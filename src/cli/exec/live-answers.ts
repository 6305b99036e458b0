/**
 * Answers and thinking as they arrive, a whole line at a time.
 *
 * Each has a heading, again whenever they alternate; an incomplete line is written when something else is printed or
 * its item ends.
 */
import { clean, type LineWriter } from './line-writer.ts';

interface LiveText {
  readonly isThinking: boolean;
  text: string;
  /** Characters of `text` that have been written. */
  shown: number;
}

export class LiveAnswers {
  readonly #out: LineWriter;
  readonly #open = new Map<string, LiveText>();
  /** The one that spoke last. */
  #speaking: LiveText | undefined;

  constructor(out: LineWriter) {
    this.#out = out;
  }

  open(id: string, isThinking: boolean): void {
    this.#open.set(id, { isThinking, text: '', shown: 0 });
  }

  add(id: string, text: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    if (this.#speaking !== open) {
      this.finishLine();
      this.#speaking = open;
      heading(this.#out, open.isThinking);
    }
    open.text += text;
    const end = open.text.lastIndexOf('\n');
    if (end < open.shown) return;
    spoken(this.#out, open.text.slice(open.shown, end), open.isThinking);
    open.shown = end + 1;
  }

  /** Writes the incomplete line, because something else is printed now. */
  finishLine(): void {
    const open = this.#speaking;
    if (!open) return;
    const rest = open.text.slice(open.shown);
    open.shown = open.text.length;
    this.#speaking = undefined;
    if (rest.trim() !== '') spoken(this.#out, rest, open.isThinking);
  }

  /** @returns false if it was not open, so that nothing of it has been shown. */
  close(id: string): boolean {
    const open = this.#open.get(id);
    if (!open) return false;
    this.#open.delete(id);
    if (this.#speaking === open) this.finishLine();
    return true;
  }
}

export function heading(out: LineWriter, isThinking: boolean): void {
  out.line(isThinking ? out.dim('thinking') : out.paint('cyan', 'oagent'));
}

export function spoken(out: LineWriter, text: string, isThinking: boolean): void {
  out.line(isThinking ? out.dim(clean(text)) : clean(text));
}
