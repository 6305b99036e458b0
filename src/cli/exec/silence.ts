/** Reports every half minute that the model is silent. A silent command does not count. */
import type { Event } from '../../protocol.ts';

const SILENCE_MS = 30_000;

export class SilenceWatch {
  readonly #say: (seconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #isModelAtWork = false;

  constructor(say: (seconds: number) => void) {
    this.#say = say;
  }

  /** Every event ends the current silence; some begin a new one. */
  handle(event: Event): void {
    this.stop();
    if (event.type === 'model_phase') this.#isModelAtWork = event.phase !== 'hook';
    const isOther =
      event.type !== 'model_phase' && event.type !== 'item_started' && event.type !== 'item_delta';
    if (isOther || (event.type === 'item_started' && event.item.type === 'command_execution')) {
      this.#isModelAtWork = false;
    }
    if (!this.#isModelAtWork) return;
    let silentFor = 0;
    this.#timer = setInterval(() => {
      silentFor += SILENCE_MS;
      this.#say(silentFor / 1000);
    }, SILENCE_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
