/** Has the memories of earlier sessions made while nobody works in this one. What makes them is loaded when the time has come. */

import { type IdleClock, IdleRun } from '../memory/run/idle-run.ts';
import type { ChosenModel } from '../model/choose.ts';
import type { Event } from '../protocol.ts';
import { trace } from '../system/trace.ts';
import type { Connection } from './connect.ts';
import type { SessionPlan } from './plan.ts';

export interface MemoriesParts {
  readonly plan: () => SessionPlan;
  /** The session's; undefined: not known yet. */
  readonly model: () => ChosenModel | undefined;
  readonly server: Connection;
  readonly isBusy: () => boolean;
  readonly emit: (event: Event) => void;
  /** Default: that of the system. */
  readonly clock?: IdleClock | undefined;
}

const MINUTE_MS = 60_000;
const TURNS: ReadonlySet<Event['type']> = new Set([
  'turn_started',
  'turn_completed',
  'turn_failed',
  'turn_aborted',
]);

export class MemoriesWhenIdle {
  readonly #run: IdleRun;

  constructor(run: IdleRun) {
    this.#run = run;
  }

  /** Undefined: the user wants none to be made. */
  static of({
    plan,
    model,
    server,
    isBusy,
    emit,
    clock = SYSTEM_CLOCK,
  }: MemoriesParts): MemoriesWhenIdle | undefined {
    const { memories } = plan().loaded.config;
    if (!memories.enabled || !memories.generate) return undefined;
    let isShown = false;
    const run = new IdleRun({
      idleMs: memories.idle_minutes * MINUTE_MS,
      clock,
      isBusy,
      begin: async (signal) => {
        const { beginMemories } = await import('./begin-memories.ts');
        const warn = (message: string): void => emit({ type: 'warning', message });
        return beginMemories({ plan: plan(), model: model(), server, warn, isForced: false }, signal);
      },
      report: (progress) => {
        if (progress === undefined && !isShown) return;
        isShown = progress !== undefined;
        emit({ type: 'memory_progress', done: progress?.done, total: progress?.total });
      },
      onStop: (reason) => trace('decision', () => ({ decision: 'memories', reason })),
    });
    return new MemoriesWhenIdle(run);
  }

  /** The user has done something. */
  active(): void {
    this.#run.active();
  }

  /** A turn counts as work from its beginning, whoever began it, to its end. */
  hear({ type }: Event): void {
    if (TURNS.has(type)) this.#run.active();
  }

  close(): Promise<void> {
    return this.#run.close();
  }
}

/** It keeps no process alive: a session that ends does not wait for it. */
const SYSTEM_CLOCK: IdleClock = {
  now: () => performance.now(),
  schedule: (callback, ms) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};
