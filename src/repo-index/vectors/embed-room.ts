/**
 * Whether the embedding model may be used now without taking the memory of the chat model.
 *
 * The server says only what is loaded, so this goes by what can be seen: both in memory at once have room; a chat
 * model that is gone after the embedding model was loaded had none. Invariants: while the chat model works, the embedding
 * model is loaded only if both were seen together. Does not: load or unload anything.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sameModel } from '../../model/capabilities.ts';
import type { EmbedClient } from './embed-call.ts';
import { loadedModels } from './embed-models.ts';

export interface RoomOptions {
  /** The chat model reads or writes at this moment. Default: never. */
  readonly isChatBusy?: () => boolean;
  /** The chat model's name, once there is one. */
  readonly chatModel?: () => string | undefined;
}

const POLL_MS = 200;
/** Without room the embedding model goes soon after its work, and the chat model comes back sooner. */
const SHORT_KEEP_ALIVE = '15s';
/** How long an answer of /api/ps is believed. */
const FRESH_MS = 3000;

export class Room {
  readonly #client: Pick<EmbedClient, 'running'>;
  readonly #model: string;
  readonly #options: RoomOptions;
  /** Undefined: not seen yet. */
  #fitsBoth: boolean | undefined;
  #chatWasLoaded = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLoaded = false;

  constructor(client: Pick<EmbedClient, 'running'>, model: string, options: RoomOptions) {
    this.#client = client;
    this.#model = model;
    this.#options = options;
  }

  /** For the next request; undefined: the server's own. */
  get keepAlive(): string | undefined {
    return this.#fitsBoth === false ? SHORT_KEEP_ALIVE : undefined;
  }

  /** Resolves when a batch may be embedded; `onWait` is called once if that is not now. */
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
  async hasRoom(signal: AbortSignal): Promise<boolean> {
    if (await this.#bothFit(signal)) return true;
    if (this.#isLoaded) return true;
    if (this.#options.isChatBusy?.() ?? false) return false;
    return !this.#chatWasLoaded || this.#fitsBoth === undefined;
  }

  /** The embedding model has just answered: the moment to see what became of the chat model. */
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
