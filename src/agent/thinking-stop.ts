/**
 * The thinking of one answer: stopped at most once, when it is too long or repeats itself. Then the answer is asked for again without
 * thinking, after a note with the last thoughts: the next request continues the one that was stopped.
 */
import type { History } from '../context/history.ts';
import { RUNAWAY } from '../model/runaway.ts';
import type { ChatSettings } from '../model/server.ts';
import { lastThoughts } from '../model/thinking-cap.ts';
import type { Event } from '../protocol.ts';
import { isStoppedThinking, type ThoughtTurn } from './limited-chat.ts';
import { notes } from './notes.ts';
import type { Thinking } from './thinking-budget.ts';
import type { UsageMeter } from './usage.ts';

interface ThinkingDeps {
  readonly thinking: Thinking;
  readonly history: Pick<History, 'note'>;
  readonly usage: Pick<UsageMeter, 'add'>;
  readonly emit: (event: Event) => void;
}

export class AnswerThinking {
  readonly #deps: ThinkingDeps;
  #hasStopped = false;

  constructor(deps: ThinkingDeps) {
    this.#deps = deps;
  }

  /** Tokens; undefined: there is no second stop. */
  get most(): number | undefined {
    return this.#hasStopped ? undefined : this.#deps.thinking.most;
  }

  settings(settings: ChatSettings): ChatSettings {
    // What is off already, for one answer, stays off.
    if (!this.#hasStopped || settings.think === false) return settings;
    return { ...settings, think: this.#deps.thinking.after };
  }

  /** Takes each answer, and learns from it how long the model thinks. */
  heard(turn: ThoughtTurn): 'stopped' | 'whole' {
    if (this.#hasStopped) return 'whole';
    // What repeats itself has no length.
    if (turn.doneReason !== RUNAWAY) this.#deps.thinking.learned(turn.thoughtTokens);
    return isStoppedThinking(turn) ? 'stopped' : 'whole';
  }

  /** Says that it was stopped: adds the note behind which the answer is asked for. */
  askWithout(turn: ThoughtTurn): void {
    const { history, usage, emit } = this.#deps;
    this.#hasStopped = true;
    usage.add(turn);
    const isRepeated = turn.doneReason === RUNAWAY;
    const tokens = turn.thoughtTokens;
    emit({ type: 'thinking_stopped', tokens, ...(isRepeated && { isRepeated }) });
    history.note(notes.thinkingStopped(lastThoughts(turn.thinking)));
  }
}
