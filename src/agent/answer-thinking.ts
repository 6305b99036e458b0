/** The thinking of one answer: stopped at most once, when it is too long or repeats itself. What follows is in thinking-stop.ts. */

import { RUNAWAY } from '../model/runaway.ts';
import type { ChatSettings } from '../model/server.ts';
import { isStoppedThinking, type ThoughtTurn } from './limited-chat.ts';
import type { Thinking } from './thinking-budget.ts';

export class AnswerThinking {
  readonly #thinking: Thinking;
  #hasStopped = false;

  constructor(thinking: Thinking) {
    this.#thinking = thinking;
  }

  /** Tokens; undefined: there is no second stop. */
  get most(): number | undefined {
    return this.#hasStopped ? undefined : this.#thinking.most;
  }

  settings(settings: ChatSettings): ChatSettings {
    // What is off already, for one answer, stays off.
    if (!this.#hasStopped || settings.think === false) return settings;
    return { ...settings, think: this.#thinking.after };
  }

  /** Takes each answer, and learns from it how long the model thinks. */
  heard(turn: ThoughtTurn): 'stopped' | 'whole' {
    if (this.#hasStopped) return 'whole';
    // What repeats itself has no length.
    if (turn.doneReason !== RUNAWAY) this.#thinking.learned(turn.thoughtTokens);
    this.#hasStopped = isStoppedThinking(turn);
    return this.#hasStopped ? 'stopped' : 'whole';
  }
}
