/**
 * A clock that the test turns.
 *
 * Invariants: what is due runs in the order in which it is due, at its own time; what runs may schedule more.
 */
import type { Clock } from '../../src/tui/control/frame-clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class TestClock implements Clock {
  #time = 1_000_000;
  #timers: readonly Timer[] = [];

  readonly now = (): number => this.#time;

  readonly schedule = (callback: () => void, ms: number): (() => void) => {
    const timer = { at: this.#time + ms, callback };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** How many callbacks wait. */
  get pending(): number {
    return this.#timers.length;
  }

  pass(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#time = Math.max(this.#time, next.at);
      next.callback();
    }
    this.#time = end;
  }
}
