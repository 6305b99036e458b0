/**
 * What a session needs of a server of models. `client.ts` is Ollama; `openai/` are the servers that speak OpenAI's chat
 * API. Their models and capabilities come in the form of Ollama's, the answers as the same turns.
 */
import type { EmbedRequest } from 'ollama/browser';
import type { ModelPhase } from '../protocol/requests.ts';
import type { JsonObject } from '../protocol.ts';
import type { AnswerDelta } from './answer/reader.ts';
import type { InstalledModel, ModelFacts } from './capabilities.ts';
import type { ChatMessage, ToolSchema } from './chat.ts';
import type { ModelTurn } from './stream.ts';
import type { Endpoint } from './transport.ts';
import type { LoadedModel } from './window.ts';
import type { EmbedReply, ModelEntry, PullLine } from './wire.ts';

/** What stays the same for a whole session. */
export interface ChatSettings {
  readonly model: string;
  readonly numCtx: number;
  readonly numPredict: number;
  /** In Ollama's form: seconds, or "30m"; negative means forever; undefined: the server decides. */
  readonly keepAlive: string | number | undefined;
  /** How long a server that is away is waited for. */
  readonly reconnectMs: number;
  /** How often a request that failed is sent again; undefined: as often as usual. */
  readonly maxRetries?: number | undefined;
  /** Only for models that think; undefined is not sent. */
  readonly think: boolean | string | undefined;
  /** Sampling options that the user has set, by Ollama's names. */
  readonly sampling: JsonObject;
  readonly idleTimeoutMs: number;
  /** The server decides about the window: none is asked for, and nothing is learned from how the model is loaded. */
  readonly isWindowFixed?: boolean;
  /**
   * Called when the model does not fit into memory with this window: halves it from now on, and for later sessions.
   * @returns the new window in tokens; undefined: it is too small already.
   */
  readonly shrink?: () => number | undefined;
  /**
   * Called when the server has silently cut a prompt that should have had space: a smaller window, from now on and for later sessions.
   * Absent: the window is no guess. @returns it, in tokens; undefined: a smaller one is of no use.
   */
  readonly lowerGuess?: (() => number | undefined) | undefined;
  /** The smallest window that is enough, if others load the model with another one. Absent: none but ours is. */
  readonly leastCtx?: number | undefined;
  /** Uses this window from now on, in tokens: the server says that it has no larger one, or, between turns, others have the model loaded with it. */
  readonly adopt?: (numCtx: number) => void;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSchema[];
  /** A JSON schema for the answer. It overrides tools: they stay in the prompt, but none can be called. */
  readonly format?: JsonObject;
}

/** How far the server has read a prompt, as it says itself. Tokens. */
export interface PromptProgress {
  /** What was not in its cache. */
  readonly newTokens: number;
  /** Of these. */
  readonly readTokens: number;
  /** Since it began to read. */
  readonly ms: number;
}

/** What is known of a phase. */
export interface PhaseFacts {
  readonly progress?: PromptProgress | undefined;
  /** How many requests are known to be before this one. */
  readonly before?: number | undefined;
}

export interface ChatListener {
  readonly onDelta: (delta: AnswerDelta) => void;
  readonly onPhase: (phase: ModelPhase, facts?: PhaseFacts) => void;
  /** The longest that reading the prompt should take, in milliseconds; absent: it is not known. */
  readonly mostReadingMs?: number | undefined;
  /** The server has refused these sampling options of the user's, and is not sent them any more. */
  readonly onLeftOut?: (names: readonly string[]) => void;
}

/** What a server is, for the user. */
export interface ServerAbout {
  /** Such as `llama.cpp`. */
  readonly name: string;
  readonly version?: string | undefined;
  /** What it can do that not every server can. */
  readonly abilities: readonly string[];
}

/** The questions throw a ModelError, or the reason of their signal. */
export interface ModelServer {
  /** Its address, without credentials. */
  readonly host: string;
  /** Everything from now on goes to another server. Between turns only. Absent: there is only this one. */
  readonly moveTo?: (endpoint: Endpoint) => void;
  /** How the configuration calls it; absent: Ollama. */
  readonly name?: string | undefined;
  /** Absent: Ollama. */
  readonly about?: (signal: AbortSignal) => Promise<ServerAbout | undefined>;
  /** Undefined: it does not report one. */
  version(signal: AbortSignal): Promise<string | undefined>;
  /** Also an error if there is no such model. */
  show(model: string, signal: AbortSignal): Promise<ModelFacts>;
  tags(signal: AbortSignal): Promise<ModelEntry[]>;
  installed(signal: AbortSignal): Promise<InstalledModel[]>;
  /** The models in memory. */
  running(signal: AbortSignal): Promise<ModelEntry[]>;
  /** Undefined: it is not loaded. */
  loaded(model: string, signal: AbortSignal): Promise<LoadedModel | undefined>;
  /** Tokens. */
  loadedWindow(model: string, signal: AbortSignal): Promise<number | undefined>;
  embed(request: EmbedRequest, timeoutMs: number, signal: AbortSignal): Promise<EmbedReply>;
  pull(model: string, signal: AbortSignal): AsyncGenerator<PullLine>;
  /** The exact number of tokens of a prompt, without reading it. Absent or undefined: it cannot be asked. */
  readonly count?: (
    settings: ChatSettings,
    request: ChatRequest,
    signal: AbortSignal,
  ) => Promise<number | undefined>;
  /** One streamed request. A model that repeats itself is stopped; see RUNAWAY. */
  chat(
    settings: ChatSettings,
    request: ChatRequest,
    listener: ChatListener,
    signal: AbortSignal,
  ): Promise<ModelTurn>;
}
