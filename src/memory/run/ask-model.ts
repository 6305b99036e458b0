/** Asks the model of a session, or another one, with the window that the server has it loaded with. */
import { type AskedServer, askJson } from '../../model/ask-json.ts';
import type { MemoryModel, MemoryQuestion } from '../model.ts';

export interface AskOptions extends AskedServer {
  /** Told how long a request has waited for those of others, in milliseconds. */
  readonly onQueued?: (ms: number) => void;
}

export class AskedModel implements MemoryModel {
  readonly #options: AskOptions;

  constructor(options: AskOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.settings.model;
  }

  get numCtx(): number {
    return this.#options.settings.numCtx;
  }

  async ask(question: MemoryQuestion, signal: AbortSignal): Promise<unknown> {
    const { onQueued } = this.#options;
    const begun = performance.now();
    const { value, turn } = await askJson(this.#options, question, signal);
    onQueued?.(performance.now() - begun - turn.loadMs - turn.promptEvalMs - turn.evalMs);
    return value;
  }
}
