/**
 * Leaves binary rows out of an output: from the first to the last of them there is one mark. Rows between that look like text by chance
 * belong to it; text that follows for long enough does not.
 */
import type { PrintedRow } from './terminal-text.ts';

/** UTF-16 units of text after which the binary part counts as over. */
const OVER_AFTER = 16_384;

export const BINARY_MARK = '[binary output]';

export class BinaryFilter {
  readonly #give: (text: string) => void;
  #held = '';
  #isInside = false;
  /** Something was left out. */
  hasCut = false;

  constructor(give: (text: string) => void) {
    this.#give = give;
  }

  /** UTF-16 units that have not been given out. */
  get pending(): number {
    return this.#held.length;
  }

  add({ text, isBinary }: PrintedRow): void {
    if (isBinary) this.#cut();
    else if (!this.#isInside) this.#give(text);
    else {
      this.#held += text;
      if (this.#held.length > OVER_AFTER) this.end();
    }
  }

  /** Gives out what is held. */
  end(): void {
    this.#isInside = false;
    if (this.#held !== '') this.#give(this.#held);
    this.#held = '';
  }

  #cut(): void {
    if (!this.#isInside) this.#give(`${BINARY_MARK}\n`);
    this.#isInside = true;
    this.hasCut = true;
    this.#held = '';
  }
}
