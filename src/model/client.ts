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
import type { ModelPhase } from '../protocol/requests.ts';
import type { AnswerDelta } from './answer/reader.ts';
import {
  factsFromShow,
  type InstalledModel,
  installedModel,
  loadedIn,
  type ModelFacts,
} from './capabilities.ts';
import type { ChatMessage } from './chat.ts';
import { connectionError, cutPull, cutStream, pullError, streamError } from './errors.ts';
import { isObject } from './json-object.ts';
import type { PlaceInLine } from './live-use.ts';
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

/**
 * How long a request may wait before we ask what the server is doing, and how often we ask after that. One that lasts longer is entered
 * where other oagents see it.
 */
const PHASE_POLL_MS = 1000;

/** A prompt that takes this many times its reading time, and some more, is not being read: the server is busy with others. */
const BUSY_TIMES = 2;
const BUSY_MS = 5_000;

/** Questions that need no model are answered in milliseconds, or seconds from a cold disk. */
export const ANSWER_TIMEOUT_MS = 30_000;

export class OllamaClient implements ModelServer {
  readonly #answerTimeoutMs: number;
  readonly #home: string | undefined;
  #endpoint: Endpoint;
  #contact: Contact = { hasAnswered: false };

  /**
   * @param idleTimeoutMs the user's idle limit; it also applies to questions without a model if it is shorter than ours.
   * @param home oagent's own folder, in which requests are counted; absent: they are not.
   */
  constructor(endpoint: Endpoint, idleTimeoutMs = ANSWER_TIMEOUT_MS, home?: string) {
    this.#home = home;
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
    return loadedIn(await this.running(signal), model);
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
    const place = this.#enterLine(settings.model);
    const hasImages = request.messages.some(({ images }) => images !== undefined);
    const mostReadingMs = hasImages ? undefined : listener.mostReadingMs;
    const stopPolling = this.#reportPhases(settings, { ...listener, mostReadingMs, place }, watchdog.signal);
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
      place.leave();
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

  /**
   * Asks /api/ps while a request waits: a model that is not listed is being loaded; otherwise the prompt is read, unless other requests
   * are before it, or it takes too long for that.
   */
  #reportPhases(
    { model }: ChatSettings,
    {
      onPhase,
      mostReadingMs = Number.POSITIVE_INFINITY,
      place,
    }: Omit<ChatListener, 'onDelta'> & { readonly place: LatePlace },
    signal: AbortSignal,
  ): () => void {
    let isOver = false;
    let last: readonly [ModelPhase, number] = ['waiting', 0];
    let readingSince: number | undefined;
    const poll = async (): Promise<void> => {
      // If the server is too busy to answer this, the waiting request is left alone.
      const window = await this.loadedWindow(model, signal).catch(() => undefined);
      const before = window === undefined ? 0 : await place.before();
      if (isOver || signal.aborted) return;
      const now = performance.now();
      if (window === undefined || before > 0) readingSince = undefined;
      else readingSince ??= now;
      const isLate = now - (readingSince ?? now) > BUSY_TIMES * mostReadingMs + BUSY_MS;
      const phase = window === undefined ? 'loading' : before > 0 || isLate ? 'queued' : 'reading';
      if (phase !== last[0] || before !== last[1]) onPhase(phase, before === 0 ? undefined : { before });
      last = [phase, before];
      timer = setTimeout(poll, PHASE_POLL_MS);
    };
    let timer = setTimeout(poll, PHASE_POLL_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }

  /** Where this request is among those of all oagents, once it has lasted so long that others may wait for it. */
  #enterLine(model: string): LatePlace {
    const home = this.#home;
    if (home === undefined) return NO_PLACE;
    const request = { server: this.host, model, since: Date.now() };
    let hasLeft = false;
    let place: Promise<PlaceInLine | undefined> = Promise.resolve(undefined);
    const timer = setTimeout(() => {
      place = import('./live-use.ts').then(({ enterLine }) =>
        hasLeft ? undefined : enterLine(home, request),
      );
    }, PHASE_POLL_MS).unref();
    return {
      before: async () => (await place)?.before() ?? 0,
      leave: () => {
        hasLeft = true;
        clearTimeout(timer);
        void place.then((entered) => entered?.leave());
      },
    };
  }
}

interface LatePlace {
  readonly before: () => Promise<number>;
  readonly leave: () => void;
}

const NO_PLACE: LatePlace = { before: async () => 0, leave: () => undefined };

class Api extends Ollama {
  /** The client's own `pull` puts the model into a field that the server calls deprecated. */
  async pullStream(model: string): Promise<AsyncIterable<ProgressResponse>> {
    const lines = await this.processStreamableRequest<ProgressResponse>('pull', { model, stream: true });
    return lines as AsyncIterable<ProgressResponse>;
  }
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
