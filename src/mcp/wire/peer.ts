/**
 * JSON-RPC with a server: requests and whose answer is whose, in any order.
 *
 * Invariants: each request is settled once, by its first answer, an abort, silence or the end of the connection. Whatever comes besides is
 * dropped: second answers, late ones, those that nobody waits for. Nothing that a server sends makes `receive` throw.
 */
import { isObject } from '../../model/json-object.ts';
import { isTooDeep } from '../../model/nesting.ts';
import type { JsonObject } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { McpRequestOptions } from '../connection.ts';
import type { Carrier, Outgoing } from './carrier.ts';
import { McpError, McpRefusal, quoted } from './mcp-error.ts';
import { PendingRequest } from './pending-request.ts';

export const METHOD_NOT_FOUND = -32601;

interface PeerListener {
  readonly onNotification: (method: string, params: JsonObject) => void;
  /** The result of a request of the server; undefined if there is no such method. */
  readonly answer: (method: string, params: JsonObject) => JsonObject | undefined;
}

interface RequestOptions extends McpRequestOptions {
  /** The server is told when nobody waits any more; it is not of the first request. */
  readonly isCancellable?: boolean;
}

export class Peer {
  readonly #carrier: Carrier;
  readonly #listener: PeerListener;
  readonly #pending = new Map<string, PendingRequest>();
  #lastId = 0;
  #end: McpError | undefined;
  /** The last answer that fitted no request, for the error of one that got none. */
  #strayId: string | undefined;

  constructor(carrier: Carrier, listener: PeerListener) {
    this.#carrier = carrier;
    this.#listener = listener;
  }

  /** @throws McpError; the reason of the signal */
  async request(method: string, params: JsonObject, options: RequestOptions): Promise<JsonObject> {
    const { signal, timeoutMs, onProgress, isCancellable = true } = options;
    signal.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    if (isTooDeep(params)) throw new McpError('What the server was to be sent is nested too deeply.');
    this.#lastId += 1;
    const id = this.#lastId;
    const pending = new PendingRequest(timeoutMs, onProgress, () => this.#silence(timeoutMs));
    this.#pending.set(String(id), pending);
    const onAbort = (): void => pending.fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    const message: Outgoing = { jsonrpc: '2.0', id, method, params: withToken(params, id, onProgress) };
    void this.#carrier.carry(message, AbortSignal.any([signal, pending.silence])).then(
      (isOver) => isOver && pending.fail(new McpError('The server has ended its answer without a result.')),
      (error: unknown) => pending.fail(error),
    );
    try {
      return await pending.answer;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#pending.delete(String(id));
      if (isCancellable && (signal.aborted || pending.silence.aborted)) {
        this.notify('notifications/cancelled', { requestId: id, reason: 'the user or a time limit' });
      }
    }
  }

  /** Nobody hears whether it has arrived. */
  notify(method: string, params?: JsonObject): void {
    const message: Outgoing = { jsonrpc: '2.0', method, ...(params && { params }) };
    this.#carrier.carry(message, new AbortController().signal).catch(() => undefined);
  }

  /** @returns whether it was a message, or several in an array. */
  receive(value: unknown): boolean {
    if (Array.isArray(value)) return value.map((one) => isObject(one) && this.#take(one)).includes(true);
    return isObject(value) && this.#take(value);
  }

  /**
   * A message that is not read fails the request that it answers.
   * @param side its beginning or its end; without it it can only be told if there is one request.
   * @returns whether it is known which one that is
   */
  refuse(error: McpError, side?: string): boolean {
    const pending = side === undefined ? this.#onlyOne() : this.#pending.get(idIn(side) ?? '');
    pending?.fail(error);
    return pending !== undefined;
  }

  /** Every request fails, now and later. */
  end(error: McpError): void {
    this.#end ??= error;
    for (const pending of this.#pending.values()) pending.fail(this.#end);
  }

  #take(message: JsonObject): boolean {
    const { id, method, params } = message;
    if (typeof method === 'string') {
      const known = isObject(params) ? params : {};
      if (typeof id === 'string' || typeof id === 'number') this.#asked(id, method, known);
      else this.#told(method, known);
      return true;
    }
    if (!('result' in message || 'error' in message)) return false;
    // Without an id it answers a request that the server could not read.
    const pending = id === undefined || id === null ? this.#onlyOne() : this.#pending.get(String(id));
    if (pending === undefined) this.#strayId = quoted(String(id));
    else settle(pending, message);
    return true;
  }

  #onlyOne(): PendingRequest | undefined {
    const [first, second] = this.#pending.values();
    return second === undefined ? first : undefined;
  }

  #asked(id: string | number, method: string, params: JsonObject): void {
    const result = this.#listener.answer(method, params);
    const error = { code: METHOD_NOT_FOUND, message: 'Method not found' };
    const message: Outgoing = { jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) };
    this.#carrier.carry(message, new AbortController().signal).catch(() => undefined);
  }

  #told(method: string, params: JsonObject): void {
    if (method === 'notifications/progress')
      this.#pending.get(String(params.progressToken))?.progress(params);
    else this.#listener.onNotification(method, params);
  }

  #silence(timeoutMs: number): McpError {
    const stray = this.#strayId;
    const other =
      stray === undefined ? '' : `\nIt answered a request that was never made or is over: id ${stray}.`;
    return new McpError(`The server has not answered in ${timeoutMs / 1_000} s.${other}`);
  }
}

/** The id is the first or the last member, but for the version, of what all libraries write. */
function idIn(side: string): string | undefined {
  const version = String.raw`"jsonrpc"\s*:\s*"2\.0"`;
  const id = String.raw`"id"\s*:\s*"?(\d{1,9})"?`;
  const first = new RegExp(String.raw`^\s*\{\s*(?:${version}\s*,\s*)?${id}\s*,`).exec(side);
  const last = new RegExp(String.raw`,\s*${id}\s*(?:,\s*${version}\s*)?\}\s*$`).exec(side);
  return first?.[1] ?? last?.[1];
}

function settle(pending: PendingRequest, { result, error }: JsonObject): void {
  if (error !== undefined && error !== null) pending.fail(refusalOf(error));
  else if (isTooDeep(result))
    pending.fail(new McpError('The server sent an answer that is nested too deeply.'));
  else if (isObject(result)) pending.succeed(result);
  else pending.fail(new McpError('The server sent an answer whose result is not an object.'));
}

/** The error of an answer. */
export function refusalOf(error: unknown): McpError {
  if (!isObject(error)) return new McpRefusal(0, errorMessage(error), undefined);
  const { code, message, data } = error;
  return new McpRefusal(
    Number.isInteger(code) ? Number(code) : 0,
    typeof message === 'string' ? message : '',
    data,
  );
}

function withToken(params: JsonObject, id: number, onProgress: McpRequestOptions['onProgress']): JsonObject {
  if (onProgress === undefined) return params;
  return { ...params, _meta: { ...(isObject(params._meta) && params._meta), progressToken: id } };
}
