/**
 * Requests to the Ollama server, through its official client.
 *
 * `num_ctx`, `num_predict`, `shift`, `truncate` and `keep_alive` are the same in every chat request of a session.
 * While a request waits for its first chunk, the phase is reported, so that a long silence is never unexplained.
 * Does not: retry (retry.ts) or repair (repair.ts).
 */
import {
  type EmbedRequest,
  type Message,
  Ollama,
  type ProgressResponse,
  type Tool,
  type ChatRequest as WireChatRequest,
} from 'ollama/browser';
import type { ModelPhase } from '../protocol.ts';
import type { AnswerDelta } from './answer/reader.ts';
import {
  factsFromShow,
  type InstalledModel,
  installedModel,
  type ModelFacts,
  sameModel,
} from './capabilities.ts';
import type { ChatMessage } from './chat.ts';
import { connectionError, cutPull, cutStream, pullError, streamError } from './errors.ts';
import { isObject } from './json-object.ts';
import { RUNAWAY } from './runaway.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer } from './server.ts';
import { idleWatchdog, type ModelTurn, readTurn } from './stream.ts';
import {
  type Contact,
  type Endpoint,
  OllamaRequest,
  type RequestOptions,
  withoutCredentials,
} from './transport.ts';
import type { LoadedModel } from './window.ts';
import type { EmbedReply, ModelEntry, PullLine } from './wire.ts';

/** How long a request may wait before we ask what the server is doing, and how often we ask after that. */
const PHASE_POLL_MS = 1000;

/** Questions that need no model are answered in milliseconds, or seconds from a cold disk. */
export const ANSWER_TIMEOUT_MS = 30_000;

export class OllamaClient implements ModelServer {
  readonly #answerTimeoutMs: number;
  #endpoint: Endpoint;
  #contact: Contact = { hasAnswered: false };

  /** @param idleTimeoutMs the user's idle limit; it also applies to questions without a model if it is shorter than ours. */
  constructor(endpoint: Endpoint, idleTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.#answerTimeoutMs = Math.min(idleTimeoutMs, ANSWER_TIMEOUT_MS);
    this.#endpoint = withoutCredentials(endpoint);
  }

  /** Its address, without credentials. */
  get host(): string {
    return this.#endpoint.host;
  }

  /** Everything from now on goes to another server. Between turns only. */
  moveTo(endpoint: Endpoint): void {
    this.#endpoint = withoutCredentials(endpoint);
    this.#contact = { hasAnswered: false };
  }

  /** The server's version, such as `0.32.1`; undefined if it does not report one. @throws ModelError */
  async version(signal: AbortSignal): Promise<string | undefined> {
    const { version } = await this.#ask((api) => api.version(), { signal });
    return typeof version === 'string' ? version : undefined;
  }

  /** @throws ModelError, also when the model is not installed. */
  async show(model: string, signal: AbortSignal): Promise<ModelFacts> {
    return factsFromShow(await this.#ask((api) => api.show({ model }), { signal, model }));
  }

  /** What /api/tags lists. @throws ModelError */
  async tags(signal: AbortSignal): Promise<ModelEntry[]> {
    return entriesIn(await this.#ask((api) => api.list(), { signal }));
  }

  /** The models in memory, as /api/ps lists them. @throws ModelError */
  async running(signal: AbortSignal): Promise<ModelEntry[]> {
    return entriesIn(await this.#ask((api) => api.ps(), { signal }));
  }

  async installed(signal: AbortSignal): Promise<InstalledModel[]> {
    return (await this.tags(signal)).map(installedModel);
  }

  /** No answer for `timeoutMs` is an error. @throws ModelError */
  embed(request: EmbedRequest, timeoutMs: number, signal: AbortSignal): Promise<EmbedReply> {
    return this.#ask((api) => api.embed(request), { signal, model: request.model }, timeoutMs);
  }

  /** Has the server download a model; its progress, line by line. There is no idle limit. @throws ModelError */
  async *pull(model: string, signal: AbortSignal): AsyncGenerator<PullLine> {
    const stream = { line: (text: string) => pullError(model, text), cut: () => cutPull(model) };
    const request = new OllamaRequest(this.#endpoint, { signal, stream }, this.#contact);
    try {
      yield* await this.#api(request).pullStream(model);
    } finally {
      request.close();
    }
  }

  /** How the model is loaded; undefined if it is not. @throws ModelError */
  async loaded(model: string, signal: AbortSignal): Promise<LoadedModel | undefined> {
    const entry = (await this.running(signal)).find(({ name, model: other }) =>
      sameModel(String(name ?? other), model),
    );
    return typeof entry?.context_length === 'number'
      ? { numCtx: entry.context_length, size: bytes(entry.size), sizeVram: bytes(entry.size_vram) }
      : undefined;
  }

  /** The actual window of a loaded model, in tokens; undefined if it is not loaded. */
  async loadedWindow(model: string, signal: AbortSignal): Promise<number | undefined> {
    return (await this.loaded(model, signal))?.numCtx;
  }

  /**
   * One streamed request. A model that repeats itself is stopped; see RUNAWAY.
   *
   * @throws ModelError; or the signal's reason once it is aborted.
   */
  async chat(
    settings: ChatSettings,
    request: ChatRequest,
    listener: ChatListener,
    signal: AbortSignal,
  ): Promise<ModelTurn> {
    const watchdog = idleWatchdog(signal, settings.idleTimeoutMs);
    const stopPolling = this.#reportPhases(settings, listener.onPhase, watchdog.signal);
    let phase: ModelPhase = 'waiting';
    const onDelta = (delta: AnswerDelta): void => {
      const next = delta.type === 'text' ? 'writing' : 'thinking';
      if (next !== phase) listener.onPhase(next);
      phase = next;
      listener.onDelta(delta);
    };
    const { model } = settings;
    const stream = { line: (text: string) => streamError(text, model), cut: cutStream };
    const options = { signal: watchdog.signal, model, stream, onBytes: watchdog.touch };
    const exchange = new OllamaRequest(this.#endpoint, options, this.#contact);
    try {
      listener.onPhase('waiting');
      const chunks = await this.#api(exchange).chat(chatBody(settings, request));
      stopPolling();
      const tools = request.tools.map((tool) => tool.function.name);
      const turn = await readTurn(chunks, onDelta, watchdog.touch, settings.numPredict, tools);
      // The server would continue until `num_predict`.
      if (turn.doneReason === RUNAWAY || turn.doneReason === 'length') watchdog.end();
      return turn;
    } finally {
      stopPolling();
      exchange.close();
      watchdog.stop();
    }
  }

  /** A request whose answer comes in one piece. */
  async #ask<T>(
    send: (api: Api) => Promise<T>,
    { signal, ...options }: RequestOptions,
    timeoutMs = this.#answerTimeoutMs,
  ): Promise<T> {
    const watchdog = idleWatchdog(signal, timeoutMs);
    const request = new OllamaRequest(this.#endpoint, { ...options, signal: watchdog.signal }, this.#contact);
    try {
      return await send(this.#api(request));
    } finally {
      request.close();
      watchdog.stop();
    }
  }

  /** A client for one request only: it takes no signal, and its abort ends everything that it has sent. */
  #api({ fetch }: OllamaRequest): Api {
    const { host } = this;
    try {
      return new Api({ host, fetch });
    } catch (error) {
      // It parses the address.
      throw connectionError(error as NodeJS.ErrnoException, { host });
    }
  }

  /** Asks /api/ps while a request waits: a model that is not listed is being loaded; otherwise the prompt is read. */
  #reportPhases(
    settings: ChatSettings,
    onPhase: (phase: ModelPhase) => void,
    signal: AbortSignal,
  ): () => void {
    let isOver = false;
    let last: ModelPhase = 'waiting';
    const poll = async (): Promise<void> => {
      // If the server is too busy to answer this, the waiting request is left alone.
      const window = await this.loadedWindow(settings.model, signal).catch(() => undefined);
      if (isOver || signal.aborted) return;
      const phase = window === undefined ? 'loading' : 'reading';
      if (phase !== last) onPhase(phase);
      last = phase;
      timer = setTimeout(poll, PHASE_POLL_MS);
    };
    let timer = setTimeout(poll, PHASE_POLL_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

class Api extends Ollama {
  /** The client's own `pull` puts the model into a field that the server calls deprecated. */
  async pullStream(model: string): Promise<AsyncIterable<ProgressResponse>> {
    const lines = await this.processStreamableRequest<ProgressResponse>('pull', { model, stream: true });
    return lines as AsyncIterable<ProgressResponse>;
  }
}

function bytes(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function entriesIn({ models }: { readonly models?: unknown }): ModelEntry[] {
  return Array.isArray(models) ? models.filter(isObject) : [];
}

/** The client's types lack `truncate` and `shift`. */
type ChatBody = WireChatRequest & { readonly stream: true; readonly truncate: false; readonly shift: false };

function chatBody(settings: ChatSettings, request: ChatRequest): ChatBody {
  return {
    model: settings.model,
    messages: request.messages.map(sendable),
    tools: request.tools.length > 0 ? (request.tools as Tool[]) : undefined,
    format: request.format,
    think: settings.think as WireChatRequest['think'],
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: settings.keepAlive,
    options: { num_ctx: settings.numCtx, num_predict: settings.numPredict, ...settings.sampling },
  };
}

/** The client replaces the images in the messages that it is given. */
function sendable(message: ChatMessage): Message {
  return (message.images === undefined ? message : { ...message }) as Message;
}
