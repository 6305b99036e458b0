/**
 * Tells events to whoever listens.
 *
 * Invariants: every listener hears every event in the same order, also when one of them causes the next event while it
 * hears of the one before. Listeners must not throw.
 */
import type { Event } from '../protocol.ts';

export class Announcer {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #waiting: Event[] = [];
  #isTelling = false;

  /** @param first hears every event before all others: what they show is kept by then. */
  constructor(first?: (event: Event) => void) {
    if (first) this.subscribe(first);
  }

  /** Hears every event from now on. @returns a function that ends it. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: Event): void {
    this.#waiting.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        for (const listener of this.#listeners) listener(next);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /** Nobody listens any more. */
  close(): void {
    this.#listeners.clear();
  }
}
