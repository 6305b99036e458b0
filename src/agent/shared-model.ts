/**
 * A model that other clients of the server use too. What they do to it is looked at between turns only, and only once something has shown
 * that they are there: the server had to load the model again.
 *
 * If they have loaded it with a window that is enough, that one is used from then on: what the server had read is lost anyway. If theirs is
 * too small, ours stays, and it is said what that costs. Within a turn the window never changes.
 */
import type { ChatSettings, ModelServer } from '../model/server.ts';
import type { Event } from '../protocol.ts';

/** The server was not only asked for a model that it had. */
const LOAD_MS = 250;

export interface SharedModelDeps {
  readonly client: Pick<ModelServer, 'loaded' | 'host'>;
  /** oagent's own folder, in which others see what is in use; absent: they do not. */
  readonly home: string | undefined;
  readonly warn: (message: string) => void;
}

export class SharedModel {
  readonly #deps: SharedModelDeps;
  #requests = 0;
  #isContested = false;
  /** The window of the others that the user knows to be too small. */
  #said: number | undefined;
  #leave: Promise<() => void> | undefined;

  constructor(deps: SharedModelDeps) {
    this.#deps = deps;
  }

  readonly hear = (event: Event): void => {
    if (event.type !== 'token_count' || event.timing === undefined) return;
    this.#requests += 1;
    if (this.#requests > 1 && event.timing.loadMs >= LOAD_MS) this.#isContested = true;
  };

  /** Another model, or another server. */
  again(): void {
    this.#requests = 0;
    this.#isContested = false;
    this.#said = undefined;
    this.close();
  }

  /** Others do not load the model with another window from now on, if they are oagents of this user. */
  enter({ model }: ChatSettings): void {
    const { home, client } = this.#deps;
    if (home === undefined || this.#leave !== undefined) return;
    const use = { server: client.host, model };
    this.#leave = import('../model/live-use.ts').then(({ enterUse }) => enterUse(home, use));
  }

  close(): void {
    void this.#leave?.then((leave) => leave());
    this.#leave = undefined;
  }

  /**
   * Before a turn. Undefined: there is nothing to look at, and nothing to wait for.
   *
   * @param used tokens of the next request. @returns whether another window is used from now on.
   */
  look(settings: ChatSettings, used: () => number, signal: AbortSignal): Promise<boolean> | undefined {
    if (!this.#isContested || settings.adopt === undefined) return undefined;
    return import('./others-window.ts').then(async ({ followWindow }) => {
      const following = { ...this.#deps, said: this.#said, settings, used };
      const { hasMoved, tooSmall } = await followWindow(following, signal);
      this.#said = tooSmall ?? this.#said;
      return hasMoved;
    });
  }
}
