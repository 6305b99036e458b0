/** Where the next character of a text stands: in code, at the start of a line, after the end of a sentence. */

const SENTENCE_END = /[.!?…:)\]}"'。！？`*]/;
/** Markdown takes a line that is indented further for code. */
const CODE_INDENT = 4;

export class TextPlace {
  /** Nothing has come but white space. */
  isBlank = true;
  isLineBlank = true;
  /** The last character, and the last one that is not white space. */
  last = '\n';
  #lastVisible = '';
  #firstVisible = '';
  #indent = 0;
  #isFenced = false;
  #isSpan = false;
  /** Backticks at the start of this line. */
  #ticks = 0;
  #isValue = false;
  #mentions = 0;

  /** In a code span, a fence, or the value of a call's argument. */
  get isCode(): boolean {
    return this.#isFenced || this.#isSpan || this.#isValue || (!this.isBlank && this.#isIndented);
  }

  get #isIndented(): boolean {
    return this.isLineBlank && this.#indent >= CODE_INDENT;
  }

  get isJson(): boolean {
    return this.#firstVisible === '{' || this.#firstVisible === '[';
  }

  get isAfterSentence(): boolean {
    return SENTENCE_END.test(this.#lastVisible);
  }

  get isAfterSpace(): boolean {
    return /\s/.test(this.last);
  }

  value(isOpen: boolean): void {
    if (!this.#isFenced && !this.#isSpan) this.#isValue = isOpen;
  }

  /** An opening mark that is talked about; the closing one may follow. */
  mention(): void {
    if (!this.#isFenced) this.#mentions += 1;
  }

  /** @returns whether a closing mark belongs to an opening one that is talked about. */
  isMentioned(): boolean {
    if (this.#mentions === 0) return false;
    this.#mentions -= 1;
    return true;
  }

  take(piece: string): void {
    for (const char of piece) {
      if (char === '\n') this.#newLine();
      else if (char === '`') this.#tick();
      else if (char === ' ' || char === '\t' || char === '\r')
        this.#indent += this.isLineBlank ? (char === '\t' ? CODE_INDENT : 1) : 0;
      else this.isLineBlank = false;
      if (char.trim() !== '') this.#visible(char);
      this.last = char;
    }
  }

  #newLine(): void {
    this.isLineBlank = true;
    this.#indent = 0;
    this.#ticks = 0;
    this.#isSpan = false;
  }

  #tick(): void {
    if (this.isLineBlank || this.#ticks > 0) this.#ticks += 1;
    if (this.#ticks === 3) this.#isFenced = !this.#isFenced;
    this.#isSpan = this.#ticks < 3 && !this.#isSpan && !this.#isFenced;
    this.isLineBlank = false;
  }

  #visible(char: string): void {
    if (char !== '`') this.#ticks = 0;
    this.#lastVisible = char;
    if (this.isBlank) this.#firstVisible = char;
    this.isBlank = false;
  }
}
