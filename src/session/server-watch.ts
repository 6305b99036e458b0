/**
 * Looks for the server and its model until both are there.
 *
 * While the server is down one timer retries, and no other timer runs; an older answer never wins over a newer one.
 */
import { type ChosenModel, NoModelError } from '../model/choose.ts';
import type { ModelServer } from '../model/server.ts';
import type { Event, HostAnswer } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';

type ServerState = Extract<Event, { type: 'server_state' }>;

/** A model, and whether it is on another host than before. */
export type FoundModel = ChosenModel & { readonly hasMoved?: boolean };

export interface WatchOptions {
  readonly client: Pick<ModelServer, 'host' | 'name' | 'about'>;
  readonly retryMs: number;
  readonly closed: AbortSignal;
  readonly choose: () => Promise<FoundModel>;
  /** With a model only the server is looked for. */
  readonly hasModel: () => boolean;
  /** What each of several hosts has said. */
  readonly hosts?: () => readonly HostAnswer[] | undefined;
  readonly adopt: (model: ChosenModel) => void;
  readonly report: (state: ServerState) => void;
}

export class ServerWatch {
  readonly #options: WatchOptions;
  #state: ServerState;
  /** What it is; undefined: Ollama. */
  #name: string | undefined;
  /** The number of the attempt that counts; the answers of earlier ones are dropped. */
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#name = options.client.name;
    this.#state = { ...this.#server, state: 'connecting' };
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Never rejects. Reports the state if it is new, or if the user `asked`. */
  async look(asked = false): Promise<void> {
    const { client, closed, choose, hasModel, adopt, retryMs } = this.#options;
    const attempt = this.settle();
    try {
      const { hasMoved = false, ...chosen } = await choose();
      const about = await client.about?.(closed);
      if (attempt !== this.#attempt) return;
      this.#name = about && [about.name, about.version].filter((part) => part !== undefined).join(' ');
      if (hasModel() && !hasMoved) this.set('ready', undefined, asked);
      else adopt(chosen);
    } catch (error) {
      if (closed.aborted || attempt !== this.#attempt) return;
      if (error instanceof NoModelError) return this.set('no_model', error.message, asked);
      this.set('down', errorMessage(error), asked);
      this.#timer = setTimeout(() => void this.look(), retryMs);
    }
  }

  get #server(): Pick<ServerState, 'type' | 'host' | 'name'> {
    const { host } = this.#options.client;
    return { type: 'server_state', host, ...(this.#name !== undefined && { name: this.#name }) };
  }

  /** Drops the attempt that is on its way. @returns the number of the next one. */
  settle(): number {
    clearTimeout(this.#timer);
    this.#attempt += 1;
    return this.#attempt;
  }

  /** Reported if it is new, or `always`. */
  set(state: ServerState['state'], message?: string, always = false): void {
    const { host } = this.#options.client;
    const isSame =
      this.#state.state === state && this.#state.message === message && this.#state.host === host;
    const hosts = this.#options.hosts?.();
    const next = { ...this.#server, state, ...(hosts && { hosts }) };
    this.#state = message === undefined ? next : { ...next, message };
    if (always || !isSame) this.#options.report(this.#state);
  }
}
