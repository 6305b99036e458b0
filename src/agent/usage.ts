/**
 * Counts the session's tokens, from what the server measured.
 *
 * Invariants: numbers come only from finished requests; nothing is estimated. Notices a prompt that became shorter
 * although the history only grew, which means that something between us and the model cut it.
 * Does not: decide budgets.
 */
import type { ModelTurn } from '../model/stream.ts';
import type { TokenUsage } from '../protocol.ts';

const NONE: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };

export class UsageMeter {
  total: TokenUsage = NONE;
  last: TokenUsage = NONE;
  #lastUserItems = 0;

  /** What comes next has nothing to be compared with: the history was cut, or another model reads it. */
  forget(): void {
    this.#lastUserItems = -1;
  }

  /** Counts a request beside the conversation. */
  add(turn: ModelTurn): void {
    this.total = {
      ...NONE,
      inputTokens: this.total.inputTokens + turn.promptTokens,
      outputTokens: this.total.outputTokens + turn.evalTokens,
    };
  }

  /**
   * @param userItems how many items in the user's role the request had. Many templates leave out the thinking
   * before the last of them, so only requests with the same number can be compared.
   * @returns a warning if the server lost context, else undefined.
   */
  record(turn: ModelTurn, userItems: number): string | undefined {
    const before = userItems === this.#lastUserItems ? this.last.inputTokens : 0;
    this.#lastUserItems = userItems;
    this.last = { ...NONE, inputTokens: turn.promptTokens, outputTokens: turn.evalTokens };
    this.add(turn);
    return turn.promptTokens > 0 && turn.promptTokens < before
      ? `Ollama read ${turn.promptTokens} tokens after ${before} the time before: a part of the conversation was lost on the server`
      : undefined;
  }
}
