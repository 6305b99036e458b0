/**
 * One HTTP request to the scripted server, and its answer.
 *
 * Headers are sent with the first chunk, not before. A client that goes away aborts `signal`, and every wait here
 * ends with it.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../protocol.ts';
import type { OpenEntry } from './request-log.ts';
import type { ConnectionFault } from './script.ts';
import { goJson, JSON_TYPE, NDJSON, TEXT_TYPE } from './wire.ts';

/** How a stream and an error look: Ollama's NDJSON, or the events of OpenAI's API. */
export interface Framing {
  readonly contentType: string;
  readonly line: (text: string) => string;
  readonly error: (status: number, message: string) => JsonObject;
}

const LINES: Framing = {
  contentType: NDJSON,
  line: (text) => `${text}\n`,
  error: (_status, message) => ({ error: message }),
};

export class Exchange {
  readonly entry: OpenEntry;
  /** Of the address. */
  readonly query: URLSearchParams;
  readonly #framing: Framing;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  /** We cut the connection ourselves. */
  #cut = false;
  /** Settles when the last line has been passed to the system. */
  #flushed: Promise<unknown> = Promise.resolve();

  constructor(
    response: ServerResponse,
    entry: OpenEntry,
    onClose: (status: number | null, aborted: boolean) => void,
    {
      query = new URLSearchParams(),
      framing = LINES,
    }: { query?: URLSearchParams; framing?: Framing | undefined } = {},
  ) {
    this.query = query;
    this.#framing = framing;
    this.#response = response;
    this.entry = entry;
    response.on('close', () => {
      const status = response.headersSent ? response.statusCode : null;
      const aborted = !response.writableFinished && !this.#cut;
      this.#gone.abort();
      onClose(status, aborted);
    });
  }

  /** Aborted when the connection is over. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** A whole answer. */
  answer(status: number, contentType: string, body: string): void {
    this.#response.writeHead(status, { 'Content-Type': contentType });
    this.#response.end(body);
  }

  json(value: unknown, status = 200): void {
    this.answer(status, JSON_TYPE, goJson(value));
  }

  /** An `{"error"}`: with its status before the headers, as the last line of the stream after them. */
  async error(status: number, message: string): Promise<void> {
    const error = this.#framing.error(status, message);
    if (!this.#response.headersSent) return this.json(error, status);
    await this.line(error);
    this.end();
  }

  /** An object of a stream; resolves when the client can take more. */
  line(value: JsonObject): Promise<void> {
    return this.rawLine(goJson(value));
  }

  async rawLine(text: string): Promise<void> {
    this.signal.throwIfAborted();
    if (!this.#response.headersSent)
      this.#response.writeHead(200, { 'Content-Type': this.#framing.contentType });
    const flushed = Promise.withResolvers<void>();
    this.#flushed = flushed.promise;
    const hasRoom = this.#response.write(this.#framing.line(text), () => flushed.resolve());
    if (!hasRoom) await once(this.#response, 'drain', { signal: this.signal });
  }

  /** Ends a stream; sends the headers if it had no line. */
  end(): void {
    if (!this.#response.headersSent)
      this.#response.writeHead(200, { 'Content-Type': this.#framing.contentType });
    this.#response.end();
  }

  /** Cuts the connection after the last line. */
  async destroy(): Promise<void> {
    await this.until(this.#flushed);
    this.#cut = true;
    this.#response.destroy();
  }

  /** Waits, but no longer than the client does; throws when it has gone. */
  async until<T>(promise: Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const gone = Promise.withResolvers<never>();
    const onGone = () => gone.reject(this.signal.reason);
    this.signal.addEventListener('abort', onGone, { once: true });
    try {
      return await Promise.race([promise, gone.promise]);
    } finally {
      this.signal.removeEventListener('abort', onGone);
    }
  }

  /** Sends nothing more until the client goes away. */
  stall(): Promise<never> {
    return this.until(Promise.withResolvers<never>().promise);
  }

  async pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.signal });
  }

  /** Ends the exchange with a fault. */
  async fail(fault: ConnectionFault): Promise<void> {
    switch (fault.kind) {
      case 'status': {
        const { status, body } = fault;
        if (this.#response.headersSent) {
          const error = typeof body === 'string' ? body : body.error;
          return this.error(status, typeof error === 'string' ? error : goJson(body));
        }
        return typeof body === 'string' ? this.answer(status, TEXT_TYPE, body) : this.json(body, status);
      }
      case 'destroy':
        return this.destroy();
      case 'stall':
        return this.stall();
      default:
        return fault satisfies never;
    }
  }
}
