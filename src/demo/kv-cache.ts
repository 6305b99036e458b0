/**
 * How much of a prompt the server would have to read again.
 *
 * Keeps the tokens of the last prompt and answer of one loaded model; what a new prompt shares with their start
 * is reused, all behind it is read anew. Stricter than a real server, which may also find an older conversation
 * in its host cache.
 * Invariants: at least one token is always read. Does not: know why a prompt changed.
 */
export interface PromptCost {
  readonly promptTokens: number;
  /** Longer than the last prompt and its answer by so many tokens; negative if it is shorter. */
  readonly newTokens: number;
  /** Tokens behind the longest common prefix with what is cached. */
  readonly rereadTokens: number;
}

export class KvCache {
  #tokens: readonly string[] = [];

  /** Takes the prompt in and says what it costs. */
  read(prompt: readonly string[]): PromptCost {
    const different = prompt.findIndex((token, index) => token !== this.#tokens[index]);
    const shared = different === -1 ? prompt.length : different;
    const cost = {
      promptTokens: prompt.length,
      newTokens: prompt.length - this.#tokens.length,
      rereadTokens: Math.max(1, prompt.length - shared),
    };
    this.#tokens = prompt;
    return cost;
  }

  /** The answer follows the prompt in the cache. */
  append(generated: readonly string[]): void {
    this.#tokens = [...this.#tokens, ...generated];
  }

  /** A context shift leaves only the first tokens. */
  shift(keep: number): void {
    this.#tokens = this.#tokens.slice(0, keep);
  }
}
