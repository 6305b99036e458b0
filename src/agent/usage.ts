/** Counts the tokens of a session as the server measured them; only those of a thinking that was stopped are estimated. */
import type { ModelServer } from '../model/server.ts';
import type { ModelTurn } from '../model/stream.ts';
import type { TokenUsage } from '../protocol/requests.ts';

const NONE: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };

export class UsageMeter {
  total: TokenUsage = NONE;
  last: TokenUsage = NONE;

  /** Counts a request that is not part of the conversation. */
  add(turn: ModelTurn): void {
    this.total = {
      ...NONE,
      inputTokens: this.total.inputTokens + turn.promptTokens,
      cachedInputTokens: this.total.cachedInputTokens + (turn.cachedTokens ?? 0),
      outputTokens: this.total.outputTokens + turn.evalTokens,
    };
  }

  record(turn: ModelTurn): void {
    this.last = {
      ...NONE,
      inputTokens: turn.promptTokens,
      cachedInputTokens: turn.cachedTokens ?? 0,
      outputTokens: turn.evalTokens,
    };
    this.add(turn);
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
