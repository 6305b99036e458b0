/**
 * A server that speaks OpenAI's chat API, as a session knows Ollama: its models in the same form, its answers as the same
 * turns. Its window is its own; what only some servers have is in their kind.
 */
import type { EmbedRequest } from 'ollama/browser';
import type { ModelPhase } from '../../protocol/requests.ts';
import type { JsonObject } from '../../protocol.ts';
import { groupDigits } from '../../text/digits.ts';
import type { AnswerDelta } from '../answer/reader.ts';
import { type InstalledModel, installedModel, type ModelFacts, sameModel } from '../capabilities.ts';
import { ANSWER_TIMEOUT_MS } from '../client.ts';
import { httpError, ModelError, streamError } from '../errors.ts';
import { isObject } from '../json-object.ts';
import { RUNAWAY } from '../runaway.ts';
import type { ChatListener, ChatRequest, ChatSettings, ModelServer, ServerAbout } from '../server.ts';
import { OLLAMA_WORDS, type ServerWords } from '../server-words.ts';
import { idleWatchdog, type ModelTurn, readTurn } from '../stream.ts';
import { type Contact, type Endpoint, OllamaRequest } from '../transport.ts';
import type { LoadedModel } from '../window.ts';
import type { EmbedReply, ModelEntry, PullLine } from '../wire.ts';
import { type Ask, asking, jsonPost, urlOf } from './ask.ts';
import { chatBody } from './chat-body.ts';
import { chunksOf } from './chunks.ts';
import { endedByServer } from './ended.ts';
import type { Doing, Kind, ServedModel } from './kind.ts';
import { samplingFields } from './sampling.ts';
import { entryOf, factsOf } from './served-model.ts';
import { UnknownFields } from './unknown-fields.ts';

/** How long a request may wait before we ask what the server is doing, and how often we ask after that. */
const PHASE_POLL_MS = 1_000;
const CHAT = '/v1/chat/completions';

interface Asked {
  readonly settings: ChatSettings;
  readonly request: ChatRequest;
  readonly listener: ChatListener;
}

export class OpenAiClient implements ModelServer {
  readonly host: string;
  readonly #endpoint: Endpoint;
  readonly #words: ServerWords;
  readonly #kind: Kind;
  readonly #contact: Contact;
  readonly #answerTimeoutMs: number;
  readonly #unknownFields = new UnknownFields();

  /** @param idleTimeoutMs the user's idle limit. */
  constructor(endpoint: Endpoint, kind: Kind, contact: Contact, idleTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.host = endpoint.host;
    this.#endpoint = endpoint;
    this.#words = endpoint.words ?? OLLAMA_WORDS;
    this.#kind = kind;
    this.#contact = contact;
    this.#answerTimeoutMs = Math.min(idleTimeoutMs, ANSWER_TIMEOUT_MS);
  }

  about = async (): Promise<ServerAbout> => {
    const { name, version, abilities } = this.#kind;
    return { name, version, abilities };
  };

  async version(signal: AbortSignal): Promise<string | undefined> {
    // Also to see whether it answers.
    await this.#models(signal);
    return this.#kind.version;
  }

  async show(model: string, signal: AbortSignal): Promise<ModelFacts> {
    const found = (await this.#models(signal)).find((one) => isNamed(one, model));
    if (found === undefined) throw this.#unknown(model);
    return factsOf(await this.#described(found, signal));
  }

  async tags(signal: AbortSignal): Promise<ModelEntry[]> {
    const models = await this.#models(signal);
    return Promise.all(models.map(async (model) => entryOf(await this.#described(model, signal))));
  }

  async running(signal: AbortSignal): Promise<ModelEntry[]> {
    return (await this.#models(signal)).filter(({ isLoaded }) => isLoaded).map(entryOf);
  }

  async installed(signal: AbortSignal): Promise<InstalledModel[]> {
    return (await this.tags(signal)).map(installedModel);
  }

  async loaded(model: string, signal: AbortSignal): Promise<LoadedModel | undefined> {
    const numCtx = await this.loadedWindow(model, signal);
    return numCtx === undefined ? undefined : { numCtx, size: 0, sizeVram: 0 };
  }

  async loadedWindow(model: string, signal: AbortSignal): Promise<number | undefined> {
    const found = (await this.#models(signal)).find((one) => isNamed(one, model));
    return found?.isLoaded ? found.window : undefined;
  }

  async embed({ model, input }: EmbedRequest, timeoutMs: number, signal: AbortSignal): Promise<EmbedReply> {
    const ask = asking(this.#endpoint, this.#contact, timeoutMs, signal);
    const { data } = await ask('/v1/embeddings', { body: { model, input }, model });
    const vectors = (Array.isArray(data) ? data : []).filter(isObject);
    const ordered = vectors.toSorted((a, b) => Number(a.index) - Number(b.index));
    return { model, embeddings: ordered.map(({ embedding }) => embedding) };
  }

  // biome-ignore lint/correctness/useYield: there is nothing to tell.
  async *pull(model: string): AsyncGenerator<PullLine> {
    throw new ModelError(
      `${this.#kind.name} cannot be told to download ${model}: give it to the server`,
      'fail',
    );
  }

  count = async (
    settings: ChatSettings,
    request: ChatRequest,
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    return this.#kind.count?.(this.#ask(signal), chatBody(settings, request, this.#kind));
  };

  async chat(
    settings: ChatSettings,
    request: ChatRequest,
    listener: ChatListener,
    signal: AbortSignal,
  ): Promise<ModelTurn> {
    for (;;) {
      const body = this.#unknownFields.leftOutOf(chatBody(settings, request, this.#kind));
      try {
        return await this.#send(body, { settings, request, listener }, signal);
      } catch (error) {
        const refused = this.#unknownFields.learn(error, body);
        if (refused.length === 0) throw error;
        const wished = samplingFields(settings.sampling, this.#kind.sampling);
        const lost = refused.filter((name) => name in wished);
        if (lost.length > 0) listener.onLeftOut?.(lost);
      }
    }
  }

  async #send(
    body: JsonObject,
    { settings, request, listener }: Asked,
    signal: AbortSignal,
  ): Promise<ModelTurn> {
    const watchdog = idleWatchdog(signal, settings.idleTimeoutMs, this.#words);
    const { model } = settings;
    const exchange = new OllamaRequest(
      this.#endpoint,
      { signal: watchdog.signal, model, onBytes: watchdog.touch },
      this.#contact,
    );
    const phases = new Phases(listener);
    const stopPolling = this.#pollPhase(model, phases, watchdog.signal);
    try {
      listener.onPhase('waiting');
      const pieces = await exchange.pieces(urlOf(this.#endpoint, CHAT), jsonPost(body));
      const chunks = chunksOf(pieces, {
        onObject: (value) => exchange.heard(value),
        onProgress: (progress) => phases.doing({ phase: 'reading', progress }),
        onCallPiece: () => phases.delta({ type: 'text', text: '' }),
        errorOf: (text) => streamError(exchange.clean(text), model, this.#words),
        onEnd: (reason) => endedByServer(reason, this.#words),
        clean: (text) => exchange.clean(text),
      });
      const names = request.tools.map((tool) => tool.function.name);
      const turn = await readTurn(chunks, phases.delta, watchdog.touch, settings.numPredict, names);
      // The server would go on.
      if (turn.doneReason === RUNAWAY || turn.doneReason === 'length') watchdog.end();
      if (turn.doneReason === 'length' && turn.evalTokens < settings.numPredict)
        await this.#checkWindow(settings, signal);
      return turn;
    } finally {
      stopPolling();
      exchange.close();
      watchdog.stop();
    }
  }

  #ask(signal: AbortSignal): Ask {
    return asking(this.#endpoint, this.#contact, this.#answerTimeoutMs, signal);
  }

  async #models(signal: AbortSignal): Promise<readonly ServedModel[]> {
    const models = await this.#kind.models(this.#ask(signal));
    return models.filter(({ id }) => id !== '');
  }

  async #described(model: ServedModel, signal: AbortSignal): Promise<ServedModel> {
    const { describe } = this.#kind;
    return describe === undefined ? model : describe(this.#ask(signal), model);
  }

  /** An answer ended before it had its room: perhaps the server was started again with a smaller window. */
  async #checkWindow({ model, numCtx }: ChatSettings, signal: AbortSignal): Promise<void> {
    const window = await this.loadedWindow(model, signal).catch(() => undefined);
    if (window === undefined || window >= numCtx) return;
    const message = `the window of ${this.#kind.name} is smaller than it was: ${groupDigits(window)} tokens`;
    throw new ModelError(message, 'compact', { window });
  }

  #unknown(model: string): ModelError {
    return httpError({ status: 404, text: 'model not found', model, host: this.host, words: this.#words });
  }

  /** Asks the server what it is doing while a request waits for its first piece. */
  #pollPhase(model: string, phases: Phases, signal: AbortSignal): () => void {
    const { phase } = this.#kind;
    let isOver = false;
    const poll = async (): Promise<void> => {
      // A server that is too busy to answer this is reading.
      const now = await phase?.(this.#ask(signal), model).catch(() => undefined);
      if (isOver || signal.aborted || phases.hasBegun) return;
      phases.doing(now ?? { phase: 'reading' });
      timer = setTimeout(poll, PHASE_POLL_MS);
    };
    let timer = setTimeout(poll, PHASE_POLL_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

/** Tells each phase of an answer once; that of reading whenever the server says how far it is. */
class Phases {
  readonly #listener: ChatListener;
  #last: ModelPhase = 'waiting';
  /** The server itself says what it is doing: it is not asked any more. */
  hasBegun = false;

  constructor(listener: ChatListener) {
    this.#listener = listener;
  }

  doing({ phase, progress }: Doing): void {
    if (progress !== undefined) this.hasBegun = true;
    if (phase === this.#last && progress === undefined) return;
    this.#last = phase;
    this.#listener.onPhase(phase, { progress });
  }

  readonly delta = (delta: AnswerDelta): void => {
    this.hasBegun = true;
    const next = delta.type === 'text' ? 'writing' : 'thinking';
    if (next !== this.#last) this.#listener.onPhase(next);
    this.#last = next;
    this.#listener.onDelta(delta);
  };
}

function isNamed({ id, aliases = [] }: ServedModel, name: string): boolean {
  return [id, ...aliases].some((one) => one === name || sameModel(one, name));
}
