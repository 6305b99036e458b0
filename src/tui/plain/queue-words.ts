/** What becomes of a message that the model has not got yet, said once for each. */
import type { Event, QueueEntry } from '../../protocol.ts';
import { oneLine } from '../lines/clean.ts';
import type { SessionState } from '../screen/session-state.ts';

interface Port {
  /** What the session is was said. */
  readonly hasBegun: boolean;
  readonly state: SessionState;
  readonly say: (text: string) => void;
}

export class QueueWords {
  readonly #app: Port;
  readonly #known = new Set<string>();

  constructor(app: Port) {
    this.#app = app;
  }

  handle(event: Event): void {
    // What was dropped can be sent again.
    if (event.type === 'rolled_back') this.#app.say(`It was: ${oneLine(event.text)}`);
    if (event.type === 'unqueued') this.#app.say(`Not sent: ${oneLine(event.text)}`);
    if (event.type !== 'queue_changed') return;
    for (const entry of event.entries) {
      if (this.#known.has(entry.id)) continue;
      this.#known.add(entry.id);
      if (this.#app.hasBegun) this.#app.say(this.#wordsFor(entry));
    }
  }

  #wordsFor({ kind }: QueueEntry): string {
    if (kind === 'steer') return 'The model gets this with its next request.';
    if (this.#app.state.turn === undefined) return 'This is sent when there is a model.';
    return 'This is sent when the turn has ended. /unqueue takes it back.';
  }
}
