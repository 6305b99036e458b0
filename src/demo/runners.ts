/**
 * Which models are loaded, with what, and which request may use them.
 *
 * One runner per model, one request at a time on it (OLLAMA_NUM_PARALLEL=1), in order of arrival. A different
 * window, `shift` or other launch option reloads the model, which empties its KV cache. For another model the one that expires first is
 * unloaded, if there are too many; a model that is being loaded is not listed.
 */

import type { JsonObject } from '../protocol.ts';
import type { ChatRequest } from './chat-request.ts';
import { KvCache } from './kv-cache.ts';
import { listedName, type ModelSpec, psEntry } from './models.ts';

const DEFAULT_KEEP_ALIVE_MS = 5 * 60_000;
/** The longest duration in Go, which "forever" means. */
const FOREVER_MS = 9_223_372_036_854;
const LAUNCH_DEFAULTS: JsonObject = {
  num_batch: 512,
  num_gpu: -1,
  main_gpu: 0,
  use_mmap: null,
  num_thread: 0,
  draft_num_predict: 0,
};

export interface Runner {
  readonly model: ModelSpec;
  readonly numCtx: number;
  /** Everything that reloads the model when it changes. */
  readonly launch: string;
  readonly cache: KvCache;
}

function launchKey(request: ChatRequest, numCtx: number): string {
  const asked = Object.keys(LAUNCH_DEFAULTS).map((key) => request.options[key] ?? LAUNCH_DEFAULTS[key]);
  return JSON.stringify([numCtx, request.shift, ...asked]);
}

interface Loaded {
  readonly runner: Runner;
  keepAliveMs: number;
  expiresAt: number;
}

export class Runners {
  readonly #loaded = new Map<string, Loaded>();
  readonly #lines = new Map<string, Promise<void>>();
  readonly #mostLoaded: number;

  /** @param mostLoaded OLLAMA_MAX_LOADED_MODELS. */
  constructor(mostLoaded = Number.POSITIVE_INFINITY) {
    this.#mostLoaded = mostLoaded;
  }

  /** Whether the model is loaded as the request needs it. */
  isReady(request: ChatRequest, model: ModelSpec, numCtx: number): boolean {
    return this.#live(model)?.runner.launch === launchKey(request, numCtx);
  }

  /** Waits for the model's only slot. The returned function frees it; an abort leaves the queue and throws. */
  async acquire(model: ModelSpec, signal: AbortSignal): Promise<() => void> {
    const before = this.#lines.get(listedName(model)) ?? Promise.resolve();
    const { promise: mine, resolve: release } = Promise.withResolvers<void>();
    this.#lines.set(
      listedName(model),
      before.then(() => mine),
    );
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (!signal.aborted) await Promise.race([before, aborted.promise]);
    signal.removeEventListener('abort', onAbort);
    if (signal.aborted) release();
    signal.throwIfAborted();
    return release;
  }

  /** The runner that fits the request. If there is none, `load` is awaited first; it may throw. */
  async ready(
    request: ChatRequest,
    model: ModelSpec,
    numCtx: number,
    load: () => Promise<void>,
  ): Promise<{ readonly runner: Runner; readonly reloaded: boolean }> {
    const present = this.#live(model);
    if (present && this.isReady(request, model, numCtx)) return { runner: present.runner, reloaded: false };
    this.#loaded.delete(listedName(model));
    for (const { runner } of this.#byExpiry().slice(0, this.#loaded.size + 1 - this.#mostLoaded))
      this.unload(runner.model);
    await load();
    const runner = { model, numCtx, launch: launchKey(request, numCtx), cache: new KvCache() };
    const keepAliveMs = present?.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS;
    this.#loaded.set(listedName(model), { runner, keepAliveMs, expiresAt: Date.now() + keepAliveMs });
    return { runner, reloaded: true };
  }

  /** A request is done with the model: its keep-alive restarts, and 0 unloads it. */
  touch(model: ModelSpec, keepAliveMs: number | undefined): void {
    const loaded = this.#loaded.get(listedName(model));
    if (!loaded) return;
    loaded.keepAliveMs = keepAliveMs ?? loaded.keepAliveMs;
    loaded.expiresAt = Date.now() + loaded.keepAliveMs;
    if (loaded.keepAliveMs === 0) this.unload(model);
  }

  unload(model: ModelSpec): void {
    this.#loaded.delete(listedName(model));
  }

  /** What /api/ps lists, by expiry. */
  list(): JsonObject[] {
    return this.#byExpiry()
      .filter((loaded) => this.#live(loaded.runner.model))
      .map(({ runner, expiresAt }) =>
        psEntry(runner.model, runner.numCtx, Math.min(Math.floor(expiresAt - Date.now()), FOREVER_MS)),
      );
  }

  #byExpiry(): Loaded[] {
    return [...this.#loaded.values()].sort((a, b) => a.expiresAt - b.expiresAt);
  }

  #live(model: ModelSpec): Loaded | undefined {
    const loaded = this.#loaded.get(listedName(model));
    return loaded && loaded.expiresAt > Date.now() ? loaded : undefined;
  }
}
