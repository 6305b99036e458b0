/**
 * A server whose kind is found out by the first question to it: what a configuration calls a provider can be Ollama or another
 * program. What speaks the other's language is loaded then.
 */
import type { EmbedRequest } from 'ollama/browser';
import { ANSWER_TIMEOUT_MS, OllamaClient } from './client.ts';
import { ModelError } from './errors.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer } from './server.ts';
import { type Endpoint, withoutCredentials } from './transport.ts';

/** Sends nothing yet. @param idleTimeoutMs the user's idle limit; absent: ours. @param home as OllamaClient has it. */
export function serverAt(endpoint: Endpoint, idleTimeoutMs = ANSWER_TIMEOUT_MS, home?: string): ModelServer {
  if (endpoint.api === undefined) return new OllamaClient(endpoint, idleTimeoutMs, home);
  const open = async (signal: AbortSignal): Promise<ModelServer> => {
    const { openServer } = await import('./openai/open-server.ts');
    return openServer(endpoint, { idleTimeoutMs, home }, signal);
  };
  return new LateServer(withoutCredentials(endpoint), open);
}

type Rest<K extends keyof ModelServer> = Parameters<Extract<ModelServer[K], (...args: never) => unknown>>;

class LateServer implements ModelServer {
  readonly host: string;
  readonly name: string | undefined;
  readonly #open: (signal: AbortSignal) => Promise<ModelServer>;
  #server: ModelServer | undefined;
  #opening: Promise<ModelServer> | undefined;

  constructor({ host, words }: Endpoint, open: (signal: AbortSignal) => Promise<ModelServer>) {
    this.host = host;
    this.name = words?.name;
    this.#open = open;
  }

  about = async (signal: AbortSignal) => (await this.#opened(signal)).about?.(signal);

  count = async (settings: ChatSettings, request: ChatRequest, signal: AbortSignal) =>
    (await this.#opened(signal)).count?.(settings, request, signal);

  async version(signal: AbortSignal): ReturnType<ModelServer['version']> {
    return (await this.#opened(signal)).version(signal);
  }

  async show(...args: Rest<'show'>): ReturnType<ModelServer['show']> {
    return (await this.#opened(args[1])).show(...args);
  }

  async tags(signal: AbortSignal): ReturnType<ModelServer['tags']> {
    return (await this.#opened(signal)).tags(signal);
  }

  async installed(signal: AbortSignal): ReturnType<ModelServer['installed']> {
    return (await this.#opened(signal)).installed(signal);
  }

  async running(signal: AbortSignal): ReturnType<ModelServer['running']> {
    return (await this.#opened(signal)).running(signal);
  }

  async loaded(...args: Rest<'loaded'>): ReturnType<ModelServer['loaded']> {
    return (await this.#opened(args[1])).loaded(...args);
  }

  async loadedWindow(...args: Rest<'loadedWindow'>): ReturnType<ModelServer['loadedWindow']> {
    return (await this.#opened(args[1])).loadedWindow(...args);
  }

  async embed(
    request: EmbedRequest,
    timeoutMs: number,
    signal: AbortSignal,
  ): ReturnType<ModelServer['embed']> {
    return (await this.#opened(signal)).embed(request, timeoutMs, signal);
  }

  async *pull(...args: Rest<'pull'>): ReturnType<ModelServer['pull']> {
    yield* (await this.#opened(args[1])).pull(...args);
  }

  async chat(
    settings: ChatSettings,
    request: ChatRequest,
    listener: ChatListener,
    signal: AbortSignal,
  ): ReturnType<ModelServer['chat']> {
    return (await this.#opened(signal)).chat(settings, request, listener, signal);
  }

  /** Questions at the same time wait for the same answer; after a failure the next one finds out. */
  async #opened(signal: AbortSignal): Promise<ModelServer> {
    if (this.#server !== undefined) return this.#server;
    this.#opening ??= this.#open(signal).finally(() => {
      this.#opening = undefined;
    });
    try {
      this.#server = await this.#opening;
      return this.#server;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ModelError) throw error;
      // Whoever asked first has given up.
      return this.#opened(signal);
    }
  }
}
