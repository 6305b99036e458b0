/**
 * Counts the tokens of a session as the server measured them; only those of a thinking that was stopped are estimated. Notices a
 * prompt that became shorter although the history only grew: something between oagent and the model has cut it.
 */
import type { ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { TokenUsage } from '../protocol/requests.ts';

const NONE: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };

export class UsageMeter {
  total: TokenUsage = NONE;
  last: TokenUsage = NONE;
  #lastUserItems = 0;

  /** The next prompt cannot be compared: the history was cut, or the model is another one. */
  forget(): void {
    this.#lastUserItems = -1;
  }

  /** Counts a request that is not part of the conversation. */
  add(turn: ModelTurn): void {
    this.total = {
      ...NONE,
      inputTokens: this.total.inputTokens + turn.promptTokens,
      cachedInputTokens: this.total.cachedInputTokens + (turn.cachedTokens ?? 0),
      outputTokens: this.total.outputTokens + turn.evalTokens,
    };
  }

  /**
   * @param userItems how many items in the user's role the request had. Many templates drop the thinking before the
   * last of them, so only requests with the same number can be compared.
   * @returns a warning if the server lost context.
   */
  record(turn: ModelTurn, userItems: number): string | undefined {
    const before = userItems === this.#lastUserItems ? this.last.inputTokens : 0;
    this.#lastUserItems = userItems;
    this.last = {
      ...NONE,
      inputTokens: turn.promptTokens,
      cachedInputTokens: turn.cachedTokens ?? 0,
      outputTokens: turn.evalTokens,
    };
    this.add(turn);
    return turn.promptTokens > 0 && turn.promptTokens < before
      ? `the server read ${turn.promptTokens} tokens, but ${before} the time before: part of the conversation was lost on the server`
      : undefined;
  }
}

/**
 * The server for a question beside the conversation: each answer counts, also one that is of no use. What is asked when the
 * session is over, such as for memories, is counted where it is asked.
 */
export function counted(
  client: Pick<ModelServer, 'chat'>,
  usage: Pick<UsageMeter, 'add'>,
): Pick<ModelServer, 'chat'> {
  return {
    chat: async (...asked) => {
      const turn = await client.chat(...asked);
      usage.add(turn);
      return turn;
    },
  };
}
