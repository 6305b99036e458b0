/**
 * An answer that is being written: finished blocks go to the history as they end, and of one that is not what can no
 * longer change, word by word.
 *
 * Invariants: nothing is handed over twice; at the end everything in the completed item has been handed over, unless
 * the item was corrected after part of it had been shown: then the corrected part follows.
 */
import { assistantLines } from '../lines/message.ts';
import { MarkdownStream } from '../lines/stream.ts';
import type { LineContext } from '../lines/style.ts';
import type { Taken } from '../lines/taken.ts';

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
  take(ctx: LineContext): Taken {
    return this.#marked(this.#stream.take(ctx), ctx);
  }

  /** What can no longer change of the block that is being written. */
  flow(ctx: LineContext, isStill = false): Taken {
    return this.#marked(this.#stream.flow(ctx, isStill), ctx);
  }

  /** Ends the answer with its whole text, or with what has arrived, and gives the rest of its lines. */
  finish(whole: string | undefined, ctx: LineContext): Taken {
    if (whole !== undefined) this.#stream = this.#stream.restOf(whole)?.stream ?? this.#stream;
    this.#stream.finish();
    return this.take(ctx);
  }

  #marked(taken: Taken, ctx: LineContext): Taken {
    if (taken.lines.length === 0) return taken;
    const lines = assistantLines(taken.lines, ctx, { isFirst: !this.#hasPrinted });
    this.#hasPrinted = true;
    return { ...taken, lines };
  }
}
