/**
 * The turns of `exec`, one after the other.
 *
 * Invariants: every event of a turn is shown, and the end of the last turn is the last line: what ends later, such as a command in
 * the background, is not shown.
 */

import type { Agent } from '../../agent/agent.ts';
import type { Event, RunningSession, TurnEnd } from '../../protocol.ts';
import { isTurnEnd } from '../../text/turn-end.ts';
import type { Task } from './exec-input.ts';
import type { Sink } from './exec-sink.ts';

export class ExecTurns {
  readonly #agent: Pick<Agent, 'submit'>;
  readonly #handle: Sink['handle'];
  readonly #signal: AbortSignal;
  #hear: ((event: Event) => void) | undefined;
  #isOver = false;
  #running: readonly RunningSession[] = [];

  /** To be made before the agent starts. @param signal ends the agent, and no turn begins then. */
  constructor(agent: Pick<Agent, 'submit' | 'subscribe'>, handle: Sink['handle'], signal: AbortSignal) {
    this.#agent = agent;
    this.#handle = handle;
    this.#signal = signal;
    agent.subscribe((event) => {
      if (this.#isOver && (event.type === 'item_started' || event.type === 'item_completed')) return;
      handle(event);
      if (event.type === 'background_changed') this.#running = event.running;
      this.#hear?.(event);
    });
  }

  /** @param hear gets the events of the turn. @throws the reason of the signal */
  async run(task: Task, hear?: (event: Event) => void): Promise<TurnEnd> {
    this.#signal.throwIfAborted();
    this.#isOver = false;
    return new Promise((resolve) => {
      this.#hear = (event) => {
        hear?.(event);
        if (!isTurnEnd(event)) return;
        this.#isOver = true;
        resolve(event);
      };
      this.#agent.submit(task);
    });
  }

  /** Commands that still run: they end with oagent. */
  get running(): readonly string[] {
    return this.#running.map(({ command }) => command);
  }

  warn(message: string): void {
    this.#handle({ type: 'warning', message });
  }
}
