/** A model that is being downloaded: its beginning and its end are said, how far it is only on request. */
import type { Event, Op } from '../../protocol.ts';
import { formatBytes } from '../../text/digits.ts';
import { oneLine } from '../lines/clean.ts';

interface Port {
  readonly submit: (op: Op) => void;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
}

export class Downloads {
  readonly #app: Port;
  #name: string | undefined;
  #progress = '';

  constructor(app: Port) {
    this.#app = app;
  }

  get text(): string | undefined {
    return this.#name === undefined ? undefined : `downloading ${oneLine(this.#name)}${this.#progress}`;
  }

  begin(name: string): void {
    this.#name = name;
    this.#progress = '';
    this.#app.say(`Downloading ${oneLine(name)}. /status says how far it is, Ctrl+C stops it.`);
    this.#app.submit({ type: 'pull_model', name });
  }

  /** @returns false if there is none. */
  cancel(): boolean {
    if (this.#name === undefined) return false;
    this.#app.submit({ type: 'cancel_pull', name: this.#name });
    return true;
  }

  handle(event: Event): void {
    if (event.type === 'pull_progress' && event.name === this.#name) {
      const { completed = 0, total } = event;
      this.#progress = total === undefined ? '' : `, ${formatBytes(completed)} of ${formatBytes(total)}`;
    }
    if (event.type !== 'pull_ended' || event.name !== this.#name) return;
    this.#name = undefined;
    if (event.error !== undefined) return this.#app.warn(`${event.name} was not downloaded: ${event.error}`);
    this.#app.say(`${oneLine(event.name)} is there.`);
    this.#app.submit({ type: 'set_model', model: event.name });
  }
}
