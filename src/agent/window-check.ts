/**
 * Checks once a model is loaded whether it really has the window that oagent expects, and whether it fits into memory.
 * Once per model and session; the result does not change the window of this session.
 */

import type { ModelMeasures } from '../model/measures.ts';
import type { ChatSettings, ModelServer } from '../model/server.ts';
import { isSpilled, type LoadedModel } from '../model/window.ts';
import { groupDigits } from '../text/digits.ts';
import type { PromptMeter } from './prompt-meter.ts';

export class WindowCheck {
  readonly #client: Pick<ModelServer, 'loaded' | 'host'>;
  readonly #measures: ModelMeasures | undefined;
  readonly #warn: (message: string) => void;
  #asked: Promise<void> | undefined;

  constructor(
    client: Pick<ModelServer, 'loaded' | 'host'>,
    measures: ModelMeasures | undefined,
    warn: (message: string) => void,
  ) {
    this.#client = client;
    this.#measures = measures;
    this.#warn = warn;
  }

  /** Called when the model is loaded. Never rejects. */
  run(settings: ChatSettings, signal: AbortSignal): Promise<void> {
    // The server has told its window, and its memory is its own matter.
    if (settings.isWindowFixed) return Promise.resolve();
    this.#asked ??= this.#client.loaded(settings.model, signal).then(
      (loaded) => loaded && this.#judge(settings, loaded),
      // If the server does not answer, the next request fails with a better message.
      () => undefined,
    );
    return this.#asked;
  }

  /** Stores what the session has learned about its model. */
  keepRates({ model }: ChatSettings, { bytesPerToken, msPerToken }: PromptMeter): void {
    this.#measures?.keepRate(this.#client.host, model, bytesPerToken);
    if (msPerToken !== undefined) this.#measures?.keepSpeed(this.#client.host, model, msPerToken);
  }

  /** The model has changed. */
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
