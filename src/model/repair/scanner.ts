/**
 * A read-only view of a text that a model wrote, with a budget for reading it.
 *
 * The budget keeps every rule linear in the length of the text, whatever the text is: each step of each reader is
 * paid for, and when the budget is spent every reader fails and the text stays prose. Nothing here throws; positions
 * are UTF-16 offsets.
 */

/** How often each character may be looked at, over all rules together. */
const LOOKS_PER_CHARACTER = 30;
const LOOKS_AT_LEAST = 20_000;

export class Scanner {
  readonly text: string;
  #looks: number;
  readonly #found = new Map<string, { readonly from: number; readonly at: number }>();

  constructor(text: string) {
    this.text = text;
    this.#looks = text.length * LOOKS_PER_CHARACTER + LOOKS_AT_LEAST;
  }

  /** Pays for `looks` characters; false once the budget is spent. */
  spend(looks: number): boolean {
    this.#looks -= looks;
    return this.#looks >= 0;
  }

  get atLimit(): boolean {
    return this.#looks < 0;
  }

  startsWith(token: string, at: number): boolean {
    return this.text.startsWith(token, at);
  }

  /**
   * Where `token` comes next, at or after `from`, or -1. The last result for each token is kept, because a text with ten
   * thousand opening tags looks ten thousand times for the same missing closing tag.
   */
  find(token: string, from: number): number {
    const known = this.#found.get(token);
    if (known !== undefined && from >= known.from && (known.at === -1 || known.at >= from)) return known.at;
    if (this.atLimit) return -1;
    const at = this.text.indexOf(token, from);
    this.spend((at === -1 ? this.text.length : at) - from);
    this.#found.set(token, { from, at });
    return at;
  }

  /** The first of several tokens at or after `from`: its position, or -1. */
  findFirst(tokens: readonly string[], from: number): number {
    let first = -1;
    for (const token of tokens) {
      const at = this.find(token, from);
      if (at !== -1 && (first === -1 || at < first)) first = at;
    }
    return first;
  }

  /** The position after white space. */
  skipSpace(at: number): number {
    let end = at;
    while (end < this.text.length && isSpace(this.text.charCodeAt(end))) end++;
    this.spend(end - at + 1);
    return end;
  }

  /** The position after the longest of `tokens` at `at`, or `at` itself. */
  skipToken(tokens: readonly string[], at: number): number {
    let end = at;
    for (const token of tokens) {
      if (at + token.length > end && this.startsWith(token, at)) end = at + token.length;
    }
    this.spend(1);
    return end;
  }

  /** Matches a sticky expression at `at`. It must be bounded in length. */
  match(expression: RegExp, at: number): RegExpExecArray | null {
    if (!this.spend(1)) return null;
    expression.lastIndex = at;
    const match = expression.exec(this.text);
    this.spend(match?.[0].length ?? 0);
    return match;
  }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
