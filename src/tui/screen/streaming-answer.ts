/**
 * An answer that is being written: finished blocks go to the history as they end, the rest is shown below.
 *
 * Invariants: nothing is handed over twice; at the end everything in the completed item has been handed over, unless
 * the item was corrected after part of it had been shown: then the corrected part follows.
 */
import { assistantLines } from '../lines/message.ts';
import { MarkdownStream } from '../lines/stream.ts';
import type { LineContext } from '../lines/style.ts';

export class StreamingAnswer {
  #stream = new MarkdownStream();
  #hasPrinted = false;

  /** Part of it is in the history. */
  get hasPrinted(): boolean {
    return this.#hasPrinted;
  }

  add(text: string): void {
    this.#stream.push(text);
  }

  /** The lines of the blocks that became final since the last call. */
  takeLines(ctx: LineContext): string[] {
    const lines = this.#stream.takeLines(ctx);
    if (lines.length === 0) return [];
    const marked = assistantLines(lines, ctx, { isFirst: !this.#hasPrinted });
    this.#hasPrinted = true;
    return marked;
  }

  /** The last lines of what is not final yet. */
  tailLines(ctx: LineContext, maxRows: number): string[] {
    const lines = this.#stream.tailLines(ctx, maxRows);
    return lines.length === 0 ? [] : assistantLines(lines, ctx, { isFirst: !this.#hasPrinted });
  }

  /** Ends the answer with its whole text, or with what has arrived, and gives the rest of its lines. */
  finish(whole: string | undefined, ctx: LineContext): string[] {
    if (whole !== undefined) this.#stream = this.#stream.restOf(whole)?.stream ?? this.#stream;
    this.#stream.finish();
    return this.takeLines(ctx);
  }
}
