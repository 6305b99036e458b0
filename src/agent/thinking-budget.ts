/**
 * How long the model of a session may think before an answer: as configured, or by what it has needed so far, in this session and in
 * earlier ones.
 *
 * A thinking that was stopped counts as one of that length, so that a model which really needs more gets twice as much the next time,
 * up to its share of the answer.
 */

import { leastThinking } from '../model/least-thinking.ts';
import type { ModelMeasures } from '../model/measures.ts';
import type { ChatSettings } from '../model/server.ts';
import { thinkingCap, withLength } from '../model/thinking-cap.ts';
import type { AgentModel } from './conversation.ts';

/** For one model. */
export interface Thinking {
  /** Tokens. */
  readonly most: number;
  /** What is sent after a thinking that was stopped. Unchanged where another value would change the head of the prompt. */
  readonly after: ChatSettings['think'];
  /** Called with the length of each thinking, finished or stopped. */
  readonly learned: (tokens: number) => void;
}

interface Learned {
  readonly model: string;
  /** As `think` has it; empty: the model has no switch. */
  readonly effort: string;
  readonly lengths: readonly number[];
}

export class ThinkingBudget {
  readonly #server: { readonly host: string };
  readonly #measures: ModelMeasures | undefined;
  /** What this session has learned, by model and effort. */
  readonly #learned = new Map<string, Learned>();

  constructor(server: { readonly host: string }, measures: ModelMeasures | undefined) {
    this.#server = server;
    this.#measures = measures;
  }

  for({ settings, facts, maxThinking }: Pick<AgentModel, 'settings' | 'facts' | 'maxThinking'>): Thinking {
    const { model, think } = settings;
    const effort = String(think ?? '');
    const key = `${effort} ${model}`;
    const lengths = (): readonly number[] =>
      this.#learned.get(key)?.lengths ?? this.#measures?.thinkingOf(this.#server.host, model, effort) ?? [];
    return {
      get most() {
        return thinkingCap(settings.numPredict, lengths(), maxThinking);
      },
      after: facts.thinkInHead ? think : leastThinking(think),
      learned: (tokens) => {
        if (tokens > 0) this.#learned.set(key, { model, effort, lengths: withLength(lengths(), tokens) });
      },
    };
  }

  /** Stores what the session has learned, for later ones. */
  keep(): void {
    for (const { model, effort, lengths } of this.#learned.values())
      this.#measures?.keepThinking(this.#server.host, model, effort, lengths);
  }
}
