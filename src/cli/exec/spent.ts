/** What a run of several turns has used of its limits, which are those of all turns together. */
import { tokensOf } from '../../agent/turn-limits.ts';
import type { Event, LimitCode, TurnLimits } from '../../protocol.ts';

export class Spent {
  readonly #limits: TurnLimits | undefined;
  readonly #began = performance.now();
  #steps = 0;
  #tokens = 0;

  constructor(limits: TurnLimits | undefined) {
    this.#limits = limits;
  }

  /** To be called with each event of each turn. */
  readonly hear = (event: Event): void => {
    if (event.type !== 'token_count') return;
    this.#steps += 1;
    this.#tokens += tokensOf(event.last);
  };

  /** For the next turn. */
  get left(): TurnLimits | undefined {
    if (this.#limits === undefined) return undefined;
    const { maxSteps, maxMs, maxTokens } = this.#limits;
    return {
      maxSteps: maxSteps && Math.max(1, maxSteps - this.#steps),
      maxMs: maxMs && Math.max(1, Math.floor(maxMs - this.#ms)),
      maxTokens: maxTokens && Math.max(1, maxTokens - this.#tokens),
    };
  }

  /** Nothing is left of this one. */
  get reached(): LimitCode | undefined {
    const { maxSteps, maxMs, maxTokens } = this.#limits ?? {};
    if (maxSteps !== undefined && this.#steps >= maxSteps) return 'max_steps';
    if (maxMs !== undefined && this.#ms >= maxMs) return 'max_time';
    return maxTokens !== undefined && this.#tokens >= maxTokens ? 'max_tokens' : undefined;
  }

  get #ms(): number {
    return performance.now() - this.#began;
  }
}
