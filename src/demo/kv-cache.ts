/**
 * How much of a prompt the server would have to read again.
 *
 * Keeps the tokens of the last prompt and answer of a loaded model. A new prompt reuses the start that it shares
 * with them; the rest is read, and at least one token. Stricter than a real server, which may also find an older
 * conversation in its host cache.
 */
export interface PromptCost {
  readonly promptTokens: number;
  /** How many tokens longer it is than the last prompt and its answer; negative if it is shorter. */
  readonly newTokens: number;
  /** Tokens after the longest common prefix with what is cached. */
  readonly rereadTokens: number;
}

export class KvCache {
  #tokens: readonly string[] = [];

  /** Reads a prompt, and returns what it costs. */
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
