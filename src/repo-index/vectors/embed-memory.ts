/**
 * Whether the embedding model may be used now without pushing the chat model out of the server's memory.
 *
 * The server says only what is loaded, so this goes by what can be seen: two models that were loaded at once fit together; a chat
 * model that is gone after the embedding model was loaded did not. Invariant: while the chat model works, the embedding model is
 * loaded only if both were seen together.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sameModel } from '../../model/capabilities.ts';
import type { EmbedClient } from './embed-call.ts';
import { loadedModels } from './embed-models.ts';

export interface MemoryOptions {
  /** The chat model is at work. Default: never. */
  readonly isChatBusy?: () => boolean;
  /** The chat model's name, once there is one. */
  readonly chatModel?: () => string | undefined;
}

const POLL_MS = 200;
/** Where only one model fits, the embedding model is unloaded soon after its work, and the chat model comes back sooner. */
const SHORT_KEEP_ALIVE = '15s';
/** How long an answer of /api/ps counts. */
const FRESH_MS = 3000;

export class EmbedMemory {
  readonly #client: Pick<EmbedClient, 'running'>;
  readonly #model: string;
  readonly #options: MemoryOptions;
  /** Undefined: not known yet. */
  #fitsBoth: boolean | undefined;
  #chatWasLoaded = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLoaded = false;

  constructor(client: Pick<EmbedClient, 'running'>, model: string, options: MemoryOptions) {
    this.#client = client;
    this.#model = model;
    this.#options = options;
  }

  /** For the next request; undefined: the server's own. */
  get keepAlive(): string | undefined {
    return this.#fitsBoth === false ? SHORT_KEEP_ALIVE : undefined;
  }

  /** Resolves when a batch may be embedded; `onWait` is called once if it has to wait. */
  async waitForTurn(signal: AbortSignal, onWait: () => void): Promise<void> {
    let hasWaited = false;
    for (;;) {
      signal.throwIfAborted();
      const isBusy = this.#options.isChatBusy?.() ?? false;
      if (!isBusy || (await this.#bothFit(signal))) return;
      if (!hasWaited) onWait();
      hasWaited = true;
      await delay(POLL_MS, undefined, { signal });
    }
  }

  /** Whether one short text may be embedded now. Where it is not known whether both fit, it is tried once. */
  async mayAsk(signal: AbortSignal): Promise<boolean> {
    if (await this.#bothFit(signal)) return true;
    if (this.#isLoaded) return true;
    if (this.#options.isChatBusy?.() ?? false) return false;
    return !this.#chatWasLoaded || this.#fitsBoth === undefined;
  }

  /** The embedding model has just answered: the moment to see whether the chat model is still loaded. */
  async learn(signal: AbortSignal): Promise<void> {
    if (this.#fitsBoth !== true) await this.#look(signal);
  }

  async #bothFit(signal: AbortSignal): Promise<boolean> {
    if (performance.now() - this.#lookedAt > FRESH_MS) await this.#look(signal);
    return this.#fitsBoth === true;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const loaded = await loadedModels(this.#client, signal);
    const chatModel = this.#options.chatModel?.();
    const isChat = (name: string): boolean =>
      chatModel === undefined ? !sameModel(name, this.#model) : sameModel(name, chatModel);
    this.#isLoaded = loaded.some((name) => sameModel(name, this.#model));
    const isChatLoaded = loaded.some(isChat);
    if (this.#isLoaded && isChatLoaded) this.#fitsBoth = true;
    else if (this.#isLoaded && this.#chatWasLoaded) this.#fitsBoth = false;
    this.#chatWasLoaded = isChatLoaded;
    this.#lookedAt = performance.now();
  }
}
