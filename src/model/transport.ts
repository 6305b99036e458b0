/**
 * The `fetch` that Ollama's official client is given: HTTP over node:http with kept-alive connections.
 *
 * It never times out, since a model may read a long prompt for minutes before the first byte. An abort closes the
 * socket, which is how Ollama knows to stop. Every failure except an abort is a ModelError. Every line is checked
 * before the client gets it: the client would print a warning and skip what it cannot parse. A request is sent a
 * second time only if a kept-alive connection turns out to have been closed by the server before it took the
 * request.
 *
 * node:http instead of Node's fetch: fetch gives up on a silent server after 300 s unless undici is bundled to
 * configure it, and loading it costs more time and memory at start-up than the rest of `exec` together.
 */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { JsonObject } from '../protocol.ts';
import { type TracedExchange, type TracedRequest, traceExchange } from '../system/trace.ts';
import { withoutSecrets } from '../text/secrets.ts';
import { connectionError, httpError, type ModelError, notJson, tooLongAnswer } from './errors.ts';
import { type HttpClient, hearErrors, makeClient } from './http-client.ts';
import { isObject, parseJson } from './json-object.ts';
import { type EnvProxy, proxyFor } from './proxy.ts';
import { secretsIn, secretsInQuery } from './secrets.ts';
import type { ServerWords } from './server-words.ts';

export interface Endpoint {
  /** Base URL as parseHost gives it, perhaps with `user:password@`. */
  readonly host: string;
  readonly headers: { readonly [name: string]: string };
  /** Added to every address. */
  readonly query?: { readonly [name: string]: string } | undefined;
  /** Absent: those of Ollama. */
  readonly words?: ServerWords | undefined;
  /** Of a provider whose server may be another than Ollama; absent: it is Ollama. */
  readonly api?: {
    /** Where OpenAI's API is, such as `/v1`. */
    readonly path: string;
    /** `wire_api` of the configuration. */
    readonly wire: string | undefined;
    /** Its name in the configuration. */
    readonly provider: string;
  };
}

/** The user and password of an address as the header that they mean. */
export function withoutCredentials(endpoint: Endpoint): Endpoint {
  const credentials = /^([^/]*:\/\/)([^/@]+)@/.exec(endpoint.host);
  if (credentials === null) return endpoint;
  const [, , named = ''] = credentials;
  const authorization = `Basic ${Buffer.from(decodeURIComponent(named)).toString('base64')}`;
  return {
    ...endpoint,
    host: endpoint.host.replace(`${named}@`, ''),
    headers: { authorization, ...endpoint.headers },
  };
}

/** The errors of a stream, in the words of its endpoint. */
export interface StreamErrors {
  /** A line `{"error": …}`. */
  readonly line: (text: string) => ModelError;
  /** The stream ended before its last line. */
  readonly cut: () => ModelError;
}

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** For error messages; absent if the request is not about a model. */
  readonly model?: string;
  /** Absent if the answer is one JSON object. */
  readonly stream?: StreamErrors;
  /** Called with each piece of the answer. */
  readonly onBytes?: () => void;
}

/** What is known about a server. */
export interface Contact {
  /** It has answered a request. */
  hasAnswered: boolean;
}

const clients = new Map<string, HttpClient>();

/** Its connections are kept alive, for all requests. */
function clientFor(protocol: string, proxy: EnvProxy | undefined): HttpClient {
  const key = `${protocol} ${proxy?.url ?? ''}`;
  const known = clients.get(key) ?? makeClient(protocol, proxy, true);
  clients.set(key, known);
  return known;
}

/** A connection that the server had already closed fails within this time. */
const STALE_MS = 1000;

const NO_ANSWER = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });

/** No more of an error body is read. */
const ERROR_BODY_LIMIT = 64 * 1024;

/** A line is a piece of an answer, or a whole call with its arguments. */
const LINE_LIMIT = 16 * 2 ** 20;

/** A whole answer, with the JSON around its pieces: 150 bytes a token. */
const ANSWER_LIMIT = 256 * 2 ** 20;

/** An answer in one piece: the list of models, what one of them can do, vectors. */
const BODY_LIMIT = 32 * 2 ** 20;

const NEWLINE = 10;

/** What the client sends. */
interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly payload: Buffer | undefined;
}

/** Whole lines, up to the one at which the client stops reading or that is an error. */
interface CheckedLines {
  readonly lines: Buffer;
  readonly isEnd?: boolean;
  readonly error?: ModelError;
}

/** One request of the client and its answer. */
export class OllamaRequest {
  readonly #endpoint: Endpoint;
  readonly #signal: AbortSignal;
  readonly #model: string;
  readonly #stream: StreamErrors | undefined;
  readonly #onBytes: (() => void) | undefined;
  readonly #contact: Contact;
  readonly #secrets: readonly string[];
  #path = '';
  #proxy: EnvProxy | undefined;
  #response: IncomingMessage | undefined;
  #trace: TracedExchange | undefined;

  constructor(
    endpoint: Endpoint,
    { signal, model = '', stream, onBytes }: RequestOptions,
    contact: Contact = { hasAnswered: false },
  ) {
    this.#endpoint = endpoint;
    this.#onBytes = onBytes;
    this.#contact = contact;
    this.#secrets = [...secretsIn(endpoint.headers), ...secretsInQuery(endpoint.query)];
    this.#signal = signal;
    this.#model = model;
    this.#stream = stream;
  }

  /** Resolves with the headers, which Ollama sends only with the first chunk. */
  readonly fetch: typeof fetch = (input, init = {}) => this.#noted(this.#fetch(String(input), init));

  /**
   * The same for an answer that is not a JSON object a line: its bytes as they come, to which the limits of lines and answers do not
   * apply. What is made of them goes to `heard`.
   */
  async pieces(url: string, init: RequestInit): Promise<AsyncIterable<Buffer>> {
    const response = await this.#noted(this.#opened(url, init));
    return this.#chunks(response);
  }

  /** An object of an answer, for the trace. The server has answered as such a server does. */
  heard(value: JsonObject): void {
    this.#contact.hasAnswered = true;
    this.#trace?.line(value);
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await this.#opened(url, init);
    // What the client uses of a Response. The real class would load undici.
    const answer = {
      ok: true,
      status: response.statusCode,
      json: () => this.#noted(this.#object(response)),
      body: { getReader: () => this.#reader(response) },
    };
    return answer as unknown as Response;
  }

  /** @throws ModelError if the status is that of an error */
  async #opened(url: string, init: RequestInit): Promise<IncomingMessage> {
    this.#signal.throwIfAborted();
    const outgoing = this.#outgoing(url, init);
    this.#trace = traceExchange(() => traced(outgoing, this.#secrets));
    const response = await this.#send(outgoing);
    this.#response = response;
    const status = response.statusCode ?? 0;
    this.#trace?.answered(status);
    if (status < 200 || status > 299) throw await this.#httpError(response, status);
    return response;
  }

  /** The caller needs no more of the answer. The rest is read and dropped, so that the connection can be reused. */
  close(): void {
    this.#response?.resume();
    this.#trace?.end();
    this.#trace = undefined;
  }

  #noted<T>(work: Promise<T>): Promise<T> {
    const trace = this.#trace;
    if (trace === undefined) return work;
    return work.catch((error: unknown) => {
      trace.failed(error);
      throw error;
    });
  }

  #outgoing(url: string, { method = 'GET', headers, body }: RequestInit): Outgoing {
    this.#path = endpointIn(url);
    const payload = typeof body === 'string' ? Buffer.from(body) : undefined;
    return {
      url,
      method,
      payload,
      // Case does not matter, and the last one wins: the user's come after the client's.
      headers: {
        ...(headers as OutgoingHttpHeaders),
        ...(payload && { 'content-length': payload.length }),
        ...this.#endpoint.headers,
      },
    };
  }

  #send(outgoing: Outgoing, isSecondTry = false): Promise<IncomingMessage> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const sentAt = performance.now();
      let request: ClientRequest;
      try {
        const url = new URL(outgoing.url);
        this.#proxy = proxyFor(url, process.env);
        const { client, agent } = clientFor(url.protocol, this.#proxy);
        const { method, headers } = outgoing;
        request = client.request(url, { method, headers, agent, signal });
        request.end(outgoing.payload);
      } catch (error) {
        reject(this.#failure(error));
        return;
      }
      request.on('socket', hearErrors);
      request.on('response', resolve);
      // Neither an answer nor an error has come: a switch to another protocol, for example.
      const onClose = (): void => reject(this.#failure(NO_ANSWER));
      request.on('close', onClose);
      request.on('error', (error: NodeJS.ErrnoException) => {
        request.off('close', onClose);
        const isClosed = isClosedAtOnce(error, sentAt);
        const isStale = request.reusedSocket && !isSecondTry && isClosed;
        if (isStale && !signal.aborted) this.#send(outgoing, true).then(resolve, reject);
        else reject(this.#failure(error, isClosed));
      });
    });
  }

  /** The reader of the body: whole lines, each of which is a JSON object. */
  #reader(response: IncomingMessage): { read(): Promise<unknown>; releaseLock(): void } {
    const lines = this.#lines(response);
    return { read: () => this.#noted(lines.next()), releaseLock: () => undefined };
  }

  async *#lines(response: IncomingMessage): AsyncGenerator<Buffer, void> {
    let rest: Buffer[] = [];
    let waiting = 0;
    let total = 0;
    for await (const chunk of this.#chunks(response)) {
      total += chunk.length;
      if (total > ANSWER_LIMIT) throw this.#tooLong(response, 'an answer', ANSWER_LIMIT);
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) {
        const { lines, isEnd, error } = this.#checked(Buffer.concat([...rest, chunk.subarray(0, end)]));
        if (lines.length > 0) yield lines;
        if (error) throw error;
        if (isEnd) return;
        rest = [];
        waiting = 0;
      }
      if (end < chunk.length) rest.push(chunk.subarray(end));
      waiting += chunk.length - end;
      if (waiting > LINE_LIMIT) throw this.#tooLong(response, 'a line', LINE_LIMIT);
    }
    const { lines, isEnd, error } = this.#checked(Buffer.concat(rest));
    if (lines.length > 0) yield lines;
    if (error) throw error;
    if (!isEnd && this.#stream !== undefined) throw this.#stream.cut();
  }

  /** The lines that the client can parse. For any other, even an empty one, it would print a warning and continue. */
  #checked(bytes: Buffer): CheckedLines {
    let lines = '';
    for (const line of bytes.toString('utf8').split('\n')) {
      if (line.trim() === '') continue;
      const value = objectIn(line);
      if (value === undefined) return { lines: Buffer.from(lines), error: this.#notJson(line) };
      this.#contact.hasAnswered = true;
      this.#trace?.line(value);
      const error = errorIn(value);
      if (error !== undefined && this.#stream !== undefined) {
        return { lines: Buffer.from(lines), error: this.#stream.line(this.clean(error)) };
      }
      // To the client any `error` is one, whatever its value.
      lines += 'error' in value ? `${JSON.stringify({ ...value, error: undefined })}\n` : `${line}\n`;
      if (value.done || value.status === 'success') return { lines: Buffer.from(lines), isEnd: true };
    }
    return { lines: Buffer.from(lines) };
  }

  async *#chunks(response: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      // The connection survives a reader that stops early.
      for await (const chunk of response.iterator({ destroyOnReturn: false })) {
        this.#onBytes?.();
        yield chunk as Buffer;
      }
    } catch (error) {
      throw this.#failure(error);
    } finally {
      response.resume();
    }
  }

  async #object(response: IncomingMessage): Promise<JsonObject> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.#chunks(response)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > BODY_LIMIT) throw this.#tooLong(response, 'an answer', BODY_LIMIT);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const value = objectIn(text);
    if (value === undefined) throw this.#notJson(text);
    this.#contact.hasAnswered = true;
    this.#trace?.line(value);
    return value;
  }

  async #httpError(response: IncomingMessage, status: number): Promise<ModelError> {
    const body = await this.#errorBody(response);
    const answer = objectIn(body);
    const error = (answer && (errorIn(answer) ?? messageIn(answer))) ?? body.trim();
    return httpError({
      status,
      text: this.clean(error || (response.statusMessage ?? '')),
      model: this.#model,
      host: this.#endpoint.host,
      location: response.headers.location,
      retryAfterMs: retryAfter(response.headers['retry-after'], Date.now()),
      signinUrl: typeof answer?.signin_url === 'string' ? answer.signin_url : undefined,
      isKnown: this.#contact.hasAnswered,
      hasKey: Object.keys(this.#endpoint.headers).some((name) => /^authorization$/i.test(name)),
      // What is not in the form of such a server may be the proxy's own.
      proxy: typeof answer?.error === 'string' ? undefined : this.#proxy,
      words: this.#endpoint.words,
    });
  }

  async #errorBody(response: IncomingMessage): Promise<string> {
    let text = '';
    for await (const chunk of this.#chunks(response)) {
      text += chunk.toString('utf8');
      if (text.length <= ERROR_BODY_LIMIT) continue;
      // Otherwise the rest would be read, however long.
      response.destroy();
      break;
    }
    return text;
  }

  #failure(error: unknown, isClosedAtOnce = false): unknown {
    if (this.#signal.aborted) return this.#signal.reason;
    const { host } = this.#endpoint;
    const isKnown = this.#contact.hasAnswered;
    const place = { host, isKnown, isClosedAtOnce, proxy: this.#proxy, words: this.#endpoint.words };
    return connectionError(error as NodeJS.ErrnoException, place);
  }

  /** Ends the connection: the rest is not even read. */
  #tooLong(response: IncomingMessage, what: string, limit: number): ModelError {
    response.destroy();
    return tooLongAnswer(this.#path, what, limit);
  }

  #notJson(text: string): ModelError {
    const unknownHost = this.#contact.hasAnswered ? undefined : this.#endpoint.host;
    return notJson(this.clean(text), this.#path, unknownHost, this.#endpoint.words);
  }

  /** A text of the server, as it may be printed. */
  clean(text: string): string {
    return withoutSecrets(text, this.#secrets);
  }
}

/** The text of an error in the forms of Ollama and of the servers below and before it. */
function errorIn({ error }: JsonObject): string | undefined {
  return typeof error === 'string' ? error : isObject(error) ? messageIn(error) : undefined;
}

function messageIn({ message, detail }: JsonObject): string | undefined {
  return [message, detail].find((text): text is string => typeof text === 'string' && text !== '');
}

/** Milliseconds to wait, from seconds or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(header)) return Number(header) * 1_000;
  // A date begins with its day. Of other texts Date.parse makes dates too.
  const ms = /^\s*[A-Z][a-z]+,? /.test(header) ? Date.parse(header) - now : Number.NaN;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The client adds its own Authorization to requests to ollama.com. */
function traced({ url, method, payload, headers }: Outgoing, own: readonly string[]): TracedRequest {
  const { Authorization = '' } = headers;
  const secrets = [...own, String(Authorization)];
  return { url, method, body: payload?.toString('utf8'), secrets };
}

/** Where Ollama's API, or OpenAI's, begins in an address. */
function endpointIn(url: string): string {
  const at = url.lastIndexOf('/api/');
  return at >= 0 ? url.slice(at) : new URL(url).pathname;
}

function objectIn(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** A connection that was already closed fails at once; one that fails later was lost during this request. */
function isClosedAtOnce(error: NodeJS.ErrnoException, sentAt: number): boolean {
  return (error.code === 'ECONNRESET' || error.code === 'EPIPE') && performance.now() - sentAt < STALE_MS;
}
