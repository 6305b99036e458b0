/**
 * How much of a prompt the server would have to read again.
 *
 * Keeps the tokens of the last prompt and answer of a loaded model, and of the conversations that others displaced. A new prompt reuses
 * the longest start that it shares with one of them; the rest is read, and at least one token. A real server keeps those that were
 * displaced in the memory of its host, as long as that lasts.
 */
export interface PromptCost {
  readonly promptTokens: number;
  /** How many tokens longer it is than the prompt and its answer that it continues; negative if it is shorter. */
  readonly newTokens: number;
  /** Tokens after the longest common prefix with what is cached. */
  readonly rereadTokens: number;
}

/** What loses more of its tokens than this share is kept. */
const DISPLACED = 0.5;
/** The memory of a host ends somewhere. */
const MOST_KEPT = 8;

export class KvCache {
  #tokens: readonly string[] = [];
  #displaced: (readonly string[])[] = [];

  /** Reads a prompt, and returns what it costs. */
  read(prompt: readonly string[]): PromptCost {
    const before = this.#tokens;
    const known = this.#longest(prompt);
    const shared = sharedStart(prompt, known);
    if (known !== before) this.#displaced = this.#displaced.filter((other) => other !== known);
    if (sharedStart(prompt, before) < before.length * DISPLACED)
      this.#displaced = [before, ...this.#displaced].slice(0, MOST_KEPT);
    this.#tokens = prompt;
    return {
      promptTokens: prompt.length,
      newTokens: prompt.length - known.length,
      rereadTokens: Math.max(1, prompt.length - shared),
    };
  }

  /** The answer follows the prompt in the cache. */
  append(generated: readonly string[]): void {
    this.#tokens = [...this.#tokens, ...generated];
  }

  /** A context shift leaves only the first tokens. */
  shift(keep: number): void {
    this.#tokens = this.#tokens.slice(0, keep);
  }

  /** Of the last conversation and the displaced ones, the one that shares most with the prompt. */
  #longest(prompt: readonly string[]): readonly string[] {
    return this.#displaced.reduce(
      (best, other) => (sharedStart(prompt, other) > sharedStart(prompt, best) ? other : best),
      this.#tokens,
    );
  }
}

function sharedStart(prompt: readonly string[], known: readonly string[]): number {
  const different = prompt.findIndex((token, index) => token !== known[index]);
  return different === -1 ? prompt.length : different;
}
