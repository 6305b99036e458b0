/**
 * HTTP to the Ollama server: JSON answers and NDJSON streams, over node:http with kept-alive connections.
 *
 * Invariants: no timeout of its own ends a request, since a model may read a long prompt for minutes before the
 * first byte; every request takes an AbortSignal, and an abort closes the socket, which is how Ollama learns to
 * stop; every failure but the abort is a ModelError.
 * Does not: know what the endpoints mean (client.ts), watch for silence (stream.ts), or retry — except once, at
 * once, when a kept-alive connection turns out to have been closed by the server before it took the request.
 *
 * node:http instead of fetch: fetch gives up on a silent server after 300 s unless undici is bundled to configure
 * it, and loading either costs more time and memory at start-up than the rest of `exec` together.
 */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { JsonObject } from '../protocol.ts';
import { connectionError, httpError, ModelError } from './errors.ts';
import { isObject } from './json-object.ts';

export interface Endpoint {
  /** Base URL as parseHost gives it, perhaps with `user:password@`. */
  readonly host: string;
  readonly headers: { readonly [name: string]: string };
}

type Client = typeof import('node:http') | typeof import('node:https');

const clients = new Map<string, { readonly client: Client; readonly agent: Agent }>();

/**
 * The module for a protocol and its kept-alive connections. Not imported: as an ES module node:http evaluates all of
 * its exports, which load undici (35 ms, 14 MB), and node:https is needed by few.
 */
function clientFor(protocol: string): { readonly client: Client; readonly agent: Agent } {
  const known = clients.get(protocol);
  if (known) return known;
  const client = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
  const made = { client, agent: new client.Agent({ keepAlive: true }) };
  clients.set(protocol, made);
  return made;
}

/** How soon a connection fails that the server had closed before it took the request. */
const STALE_MS = 1000;

/** Longest error body that is read: enough for any message, whatever the server sends. */
const ERROR_BODY_LIMIT = 64 * 1024;

/** GET (no body) or POST (with one) that answers with one JSON object. `model` is for error messages. */
export async function requestJson(
  endpoint: Endpoint,
  path: string,
  body: JsonObject | undefined,
  signal: AbortSignal,
  model = '',
): Promise<JsonObject> {
  const response = await open(endpoint, path, body, signal, model);
  const chunks: Buffer[] = [];
  for await (const chunk of guarded(response, endpoint, signal)) chunks.push(chunk);
  return parseObject(Buffer.concat(chunks).toString('utf8'), path);
}

/**
 * POST that answers with a stream of JSON objects, one a line. Resolves when the headers have come, which Ollama
 * sends only with the first chunk. The stream ends without an error also when the server just closes it: whether
 * that was too early is for the reader to know.
 */
export async function requestNdjson(
  endpoint: Endpoint,
  path: string,
  body: JsonObject,
  signal: AbortSignal,
  model: string,
): Promise<AsyncIterable<JsonObject>> {
  const response = await open(endpoint, path, body, signal, model);
  return lines(response, endpoint, path, signal);
}

async function* lines(
  response: IncomingMessage,
  endpoint: Endpoint,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  for await (const chunk of guarded(response, endpoint, signal)) {
    const parts = decoder.write(chunk).split('\n');
    for (const [index, part] of parts.entries()) {
      rest.push(part);
      if (index === parts.length - 1) break;
      const line = rest.join('');
      rest = [];
      if (line.trim() !== '') yield parseObject(line, path);
    }
  }
  const last = rest.join('') + decoder.end();
  if (last.trim() !== '') yield parseObject(last, path);
}

function parseObject(text: string, path: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below, with the text.
  }
  throw new ModelError(
    `${path} sent something that is not JSON: ${JSON.stringify(text.slice(0, 80))}`,
    'retry',
  );
}

async function open(
  endpoint: Endpoint,
  path: string,
  body: JsonObject | undefined,
  signal: AbortSignal,
  model: string,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const response = await send(endpoint, path, body, signal, false);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw httpError(status, await errorText(response, endpoint, signal), model);
}

function send(
  endpoint: Endpoint,
  path: string,
  body: JsonObject | undefined,
  signal: AbortSignal,
  isSecondTry: boolean,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sentAt = performance.now();
    let request: ClientRequest;
    try {
      const url = new URL(endpoint.host + path);
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const { client, agent } = clientFor(url.protocol);
      request = client.request(url, {
        method: payload === undefined ? 'GET' : 'POST',
        agent,
        signal,
        headers: {
          accept: 'application/x-ndjson, application/json',
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': payload.length }),
          ...endpoint.headers,
        },
      });
      request.end(payload);
    } catch (error) {
      reject(connectionError(error as NodeJS.ErrnoException, endpoint.host));
      return;
    }
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      else if (request.reusedSocket && !isSecondTry && isStaleSocket(error, sentAt)) {
        send(endpoint, path, body, signal, true).then(resolve, reject);
      } else reject(connectionError(error, endpoint.host));
    });
  });
}

/** A kept-alive connection that was closed fails at once; one that is lost later was lost over this request. */
function isStaleSocket(error: NodeJS.ErrnoException, sentAt: number): boolean {
  return (error.code === 'ECONNRESET' || error.code === 'EPIPE') && performance.now() - sentAt < STALE_MS;
}

async function* guarded(
  response: IncomingMessage,
  endpoint: Endpoint,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    // A reader that stops at the last chunk it needs must not cost the connection: the rest is read away.
    for await (const chunk of response.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw connectionError(error as NodeJS.ErrnoException, endpoint.host);
  } finally {
    response.resume();
  }
}

async function errorText(
  response: IncomingMessage,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<string> {
  let text = '';
  for await (const chunk of guarded(response, endpoint, signal)) {
    text += chunk.toString('utf8');
    if (text.length > ERROR_BODY_LIMIT) break;
  }
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // A proxy's page or Ollama's plain text: shown as it is.
  }
  return text.trim().slice(0, 500) || (response.statusMessage ?? '');
}
