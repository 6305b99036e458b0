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

  /** @returns a warning if the server lost context, else undefined. */
  record(turn: ModelTurn): string | undefined {
    const before = this.last.inputTokens;
    this.last = { ...NONE, inputTokens: turn.promptTokens, outputTokens: turn.evalTokens };
    this.total = {
      ...NONE,
      inputTokens: this.total.inputTokens + turn.promptTokens,
      outputTokens: this.total.outputTokens + turn.evalTokens,
    };
    return turn.promptTokens > 0 && turn.promptTokens < before
      ? `Ollama read ${turn.promptTokens} tokens after ${before} the time before: a part of the conversation was lost on the server`
      : undefined;
  }
}
