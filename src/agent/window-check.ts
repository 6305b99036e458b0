/**
 * Once a model is loaded: does it really have the window that we count on, and does the machine hold it?
 *
 * Invariants: asked once for each model of a session; nothing of it changes this session's window. Does not: decide the
 * window (model/window.ts).
 */
import type { ChatSettings, OllamaClient } from '../model/client.ts';
import type { ModelMeasures } from '../model/measures.ts';
import { isSpilled, type LoadedModel } from '../model/window.ts';
import { groupDigits } from '../text/digits.ts';

export class WindowCheck {
  readonly #client: Pick<OllamaClient, 'loaded' | 'host'>;
  readonly #measures: ModelMeasures | undefined;
  readonly #warn: (message: string) => void;
  #asked: Promise<void> | undefined;

  constructor(
    client: Pick<OllamaClient, 'loaded' | 'host'>,
    measures: ModelMeasures | undefined,
    warn: (message: string) => void,
  ) {
    this.#client = client;
    this.#measures = measures;
    this.#warn = warn;
  }

  /** Called when the model is loaded. Resolves when the answer is there; never rejects. */
  run(settings: ChatSettings, signal: AbortSignal): Promise<void> {
    this.#asked ??= this.#client.loaded(settings.model, signal).then(
      (loaded) => loaded && this.#judge(settings, loaded),
      // The check is a service: a server that does not answer it will fail the next request, with its own message.
      () => undefined,
    );
    return this.#asked;
  }

  /** What the session has learned of its model. */
  keepRate({ model }: ChatSettings, bytesPerToken: number): void {
    this.#measures?.keepRate(this.#client.host, model, bytesPerToken);
  }

  /** Another model is used from now on. */
  again(): void {
    this.#asked = undefined;
  }

  #judge({ model, numCtx }: ChatSettings, loaded: LoadedModel): void {
    if (loaded.numCtx !== numCtx) {
      this.#warn(`Ollama loaded ${model} with a window of ${loaded.numCtx} tokens instead of ${numCtx}`);
      return;
    }
    this.#measures?.keepLoad(this.#client.host, model, loaded);
    if (!isSpilled(loaded)) return;
    const part = Math.round((1 - loaded.sizeVram / loaded.size) * 100);
    this.#warn(
      `${part}% of ${model} runs on the CPU with a window of ${groupDigits(numCtx)} tokens. ` +
        '`oagent doctor` says which window fits',
    );
  }
}
