/**
 * What a scripted model says: the types of a script, and turns that show a known failure of a real server.
 *
 * Only a request that reaches the model consumes a turn; one that the server refuses first (unknown model, too long,
 * wrong types) leaves the script where it is.
 */

import type { JsonObject } from '../protocol.ts';
import type { ChatRequest } from './chat-request.ts';

export interface ScriptedCall {
  readonly name: string;
  readonly arguments: JsonObject;
  /** If absent, the server makes one in the form of the model's path. */
  readonly id?: string;
}

/**
 * What goes wrong, after `after` chunks of the turn. By default a fault of the connection comes before the headers, a fault of
 * the body after the turn's last chunk.
 *
 * - `status`: an HTTP error, an object as JSON, a string as plain text; after a chunk, when the status has been sent, an
 *   `{"error"}` line.
 * - `destroy`: the socket is cut.
 * - `stall`: nothing more comes; the connection stays open.
 * - `error_line`: the stream ends in `{"error"}`; without a chunk before it the server answers 500.
 * - `no_done`: the stream ends as if complete, without a done chunk.
 * - `garbage`: `line` is sent as it is, then the turn continues.
 * - `endless`: words without end, until the client goes away.
 */
export type Fault = ConnectionFault | BodyFault;

export type ConnectionFault = { readonly after?: number } & (
  | { readonly kind: 'status'; readonly status: number; readonly body: string | JsonObject }
  | { readonly kind: 'destroy' }
  | { readonly kind: 'stall' }
);

type BodyFault = { readonly after?: number } & (
  | { readonly kind: 'error_line'; readonly error: string }
  | { readonly kind: 'no_done' }
  | { readonly kind: 'garbage'; readonly line: string }
  | { readonly kind: 'endless' }
);

/** One answer of the model. */
export interface Turn {
  readonly content?: string;
  /** Left out when the request or the model does not think. */
  readonly thinking?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /**
   * Said instead of `content` and calls if the request has a `format`, which forbids them. It must fit the schema. A turn
   * without it is that of a server that does not know formats.
   */
  readonly json?: JsonObject;
  /** How `content` is split on the wire; joined, they are the content. By default, a chunk for each token. */
  readonly chunks?: readonly string[];
  /** How fast the chunks come. By default, as fast as the connection takes them, or by the server's `chunkDelayMs`. */
  readonly chunksPerSecond?: number;
  readonly doneReason?: string;
  /** By default, the tokens of everything that was said, and one for the end. */
  readonly evalCount?: number;
  readonly fault?: Fault;
  /** The model waits until this settles. */
  readonly waitFor?: Promise<unknown>;
  /** Chunks that are sent before `waitFor` is awaited. By default 0: it waits before the headers. */
  readonly waitAfter?: number;
}

/** The turns in order, or a function of the request and the number of turns before it. */
export type Script = readonly Turn[] | ((request: ChatRequest, index: number) => Turn);

/** The turn for the request number `index` (from 0) that reached the model. */
export function turnFor(script: Script, request: ChatRequest, index: number): Turn {
  if (typeof script === 'function') return script(request, index);
  return script[index] ?? httpFault(500, `the script has no turn ${index + 1}`);
}

/** A turn that is an HTTP error with Ollama's JSON body. */
export function httpFault(status: number, error: string): Turn {
  return { fault: { kind: 'status', status, body: { error } } };
}

/** The parser silently dropped the call: one empty line, although tokens were generated. */
export function swallowedCall(): Turn {
  return { content: '', evalCount: 4 };
}

/** The same token until the server's repeat guard ends the stream without a done chunk (rendered path). */
export function repeatAbort(text = 'la'): Turn {
  return { chunks: Array.from({ length: 40 }, () => text) };
}

/** The load queue is full. */
export function serverBusy(): Turn {
  return httpFault(503, 'server busy, please try again.  maximum pending requests exceeded');
}
