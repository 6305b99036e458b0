/**
 * Delivers events to listeners: to all of them in the same order, even if a listener causes the next event while it
 * handles one. Listeners must not throw.
 */
import type { Event } from '../protocol.ts';

export class Announcer {
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #waiting: Event[] = [];
  #isEmitting = false;

  /** @param first gets every event before all others, so that what they show has been stored. */
  constructor(first?: (event: Event) => void) {
    if (first) this.subscribe(first);
  }

  /** Delivers every event from now on. @returns a function that unsubscribes. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: Event): void {
    this.#waiting.push(event);
    if (this.#isEmitting) return;
    this.#isEmitting = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        for (const listener of this.#listeners) listener(next);
      }
    } finally {
      this.#isEmitting = false;
    }
  }

  /** Removes all listeners. */
  close(): void {
    this.#listeners.clear();
  }
}
