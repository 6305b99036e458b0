/**
 * An answer that is being written: its finished blocks go to the history as they end, the rest is shown below.
 *
 * Invariants: what was handed over is never handed over again; at the end everything that the completed item says has
 * been handed over, unless the item was put right after some of it had been shown: then what is new of it follows.
 * Does not: know the screen; rows and width come with each call.
 */

import { assistantLines } from '../lines/message.ts';
import { MarkdownStream } from '../lines/stream.ts';
import type { LineContext } from '../lines/style.ts';

export class StreamingAnswer {
  #stream = new MarkdownStream();
  #hasPrinted = false;

  /** Something of it stands in the history. */
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

  /** What is not final yet, its last lines. */
  tailLines(ctx: LineContext, maxRows: number): string[] {
    const lines = this.#stream.tailLines(ctx, maxRows);
    return lines.length === 0 ? [] : assistantLines(lines, ctx, { isFirst: !this.#hasPrinted });
  }

  /** Ends the answer with its whole text, or where it is, and gives what is left of it. */
  finish(whole: string | undefined, ctx: LineContext): string[] {
    if (whole !== undefined) this.#stream = this.#stream.restOf(whole)?.stream ?? this.#stream;
    this.#stream.finish();
    return this.takeLines(ctx);
  }
}
