/**
 * The answers of an Ollama server, with the fields that its official client knows. Values are unchecked: look at one
 * before you use it.
 */
import type {
  ChatResponse,
  EmbedResponse,
  ModelResponse,
  ProgressResponse,
  ShowResponse,
} from 'ollama/browser';

/** The fields of a type, with values that nobody has checked. */
type Unchecked<T> = { readonly [K in keyof T]?: unknown };

/** `cached_count` is ours, for the servers that say how much of the prompt they knew. */
export type ChatChunk = Unchecked<ChatResponse & { cached_count: number }>;
export type EmbedReply = Unchecked<EmbedResponse>;
export type PullLine = Unchecked<ProgressResponse>;
/** The client's types lack `remote_host`. */
export type ShowReply = Unchecked<ShowResponse & { remote_host: string }>;

/** An entry of /api/tags or /api/ps; the client's types lack the last three. */
export type ModelEntry = Unchecked<ModelResponse> & {
  readonly capabilities?: unknown;
  readonly context_length?: unknown;
  readonly remote_host?: unknown;
};
