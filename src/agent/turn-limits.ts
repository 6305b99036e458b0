/** The limits of a turn: counts the answers of the model, its tokens and the time, and ends the turn at the first one reached. */

import type { TokenUsage } from '../protocol/requests.ts';
import type { LimitCode, TurnLimits } from '../protocol.ts';
import type { AgentOptions } from './agent-options.ts';

/** What a turn ends with instead of an answer. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly code: LimitCode;
  /** The best answer so far. */
  readonly lastMessage: string | null;

  constructor(code: LimitCode, message: string, lastMessage: string | null = null) {
    super(message);
    this.code = code;
    this.lastMessage = lastMessage;
  }

  with(lastMessage: string | null): LimitReached {
    return new LimitReached(this.code, this.message, lastMessage);
  }
}

const WORDS: { readonly [C in LimitCode]: (limits: TurnLimits) => string } = {
  max_steps: ({ maxSteps = 0 }) => `${maxSteps} step${maxSteps === 1 ? '' : 's'} (limits.max_steps)`,
  max_time: ({ maxMs = 0 }) => `${maxMs / 1_000} s (limits.max_time)`,
  max_tokens: ({ maxTokens = 0 }) => `${maxTokens} tokens (limits.max_tokens)`,
};

const TIME_SHARE = 0.75;

export class LimitWatch {
  /** Aborted with a LimitReached when the time is up, and with the turn. */
  readonly signal: AbortSignal;
  readonly #limits: TurnLimits;
  readonly #used: () => number;
  readonly #before: number;
  readonly #began = performance.now();
  readonly #clock = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #steps = 0;
  #reached: LimitReached | undefined;

  constructor(limits: TurnLimits, usage: { readonly total: TokenUsage }, signal: AbortSignal) {
    this.#limits = limits;
    this.#used = () => tokensOf(usage.total);
    this.#before = this.#used();
    this.signal = AbortSignal.any([signal, this.#clock.signal]);
    if (limits.maxMs !== undefined)
      this.#timer = setTimeout(() => this.#clock.abort(this.#reach('max_time')), limits.maxMs);
  }

  /** Why the turn ended, if it was a limit. */
  get reached(): LimitReached | undefined {
    return this.#reached;
  }

  /** For a sub-agent: of the steps its own, of the time so much that some is left to answer. */
  get left(): TurnLimits {
    const { maxSteps, maxMs, maxTokens } = this.#limits;
    return {
      maxSteps,
      maxMs: maxMs && Math.max(1, Math.floor((maxMs - (performance.now() - this.#began)) * TIME_SHARE)),
      maxTokens: maxTokens && Math.max(1, maxTokens - (this.#used() - this.#before)),
    };
  }

  /** A client that asks for nothing more once a limit is reached. An answer is a step, however it is judged. */
  guard(client: Pick<AgentOptions['client'], 'chat'>): Pick<AgentOptions['client'], 'chat'> {
    return {
      chat: async (...request) => {
        const { maxSteps = Number.POSITIVE_INFINITY, maxTokens = Number.POSITIVE_INFINITY } = this.#limits;
        if (this.#steps >= maxSteps) throw this.#reach('max_steps');
        if (this.#used() - this.#before >= maxTokens) throw this.#reach('max_tokens');
        const turn = await client.chat(...request);
        this.#steps += 1;
        return turn;
      },
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #reach(code: LimitCode): LimitReached {
    this.#reached ??= new LimitReached(code, `stopped at a limit: ${WORDS[code](this.#limits)}`);
    return this.#reached;
  }
}

/** What the line `tokens used` counts. */
export function tokensOf({ inputTokens, cachedInputTokens, outputTokens }: TokenUsage): number {
  return inputTokens - cachedInputTokens + outputTokens;
}
