/**
 * Once a model is loaded: does it really have the window that we count on?
 *
 * Invariants: asked once for each model of a session. Does not: decide the window (model/window.ts).
 */
import type { ChatSettings, OllamaClient } from '../model/client.ts';

export class WindowCheck {
  readonly #client: Pick<OllamaClient, 'loadedWindow'>;
  readonly #warn: (message: string) => void;
  #asked: Promise<void> | undefined;

  constructor(client: Pick<OllamaClient, 'loadedWindow'>, warn: (message: string) => void) {
    this.#client = client;
    this.#warn = warn;
  }

  /** Called when the model is loaded. Resolves when the answer is there; never rejects. */
  run({ model, numCtx }: ChatSettings, signal: AbortSignal): Promise<void> {
    this.#asked ??= this.#client.loadedWindow(model, signal).then(
      (loaded) => {
        if (loaded === undefined || loaded === numCtx) return;
        this.#warn(`Ollama loaded ${model} with a window of ${loaded} tokens instead of ${numCtx}`);
      },
      // The check is a service: a server that does not answer it will fail the next request, with its own message.
      () => undefined,
    );
    return this.#asked;
  }

  /** Another model is used from now on. */
  again(): void {
    this.#asked = undefined;
  }
}
