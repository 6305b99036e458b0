/**
 * Streamable HTTP: each message is a POST, whose answer is JSON or a stream of events. In the older era the server may give a session and has
 * a stream of its own for what it has to say unasked.
 */
import type { IncomingMessage } from 'node:http';
import { isObject, parseJson } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { timeLimit } from '../../system/within.ts';
import { MESSAGE_LIMIT } from '../../text/line-framing.ts';
import { withoutSecrets } from '../../text/secrets.ts';
import { EventReader } from '../../text/sse.ts';
import type { McpAddress } from '../connection.ts';
import { AuthorizedExchange } from './authorized-exchange.ts';
import type { Carrier, Outgoing } from './carrier.ts';
import { connectionError, shownUrl } from './http-exchange.ts';
import { McpError, McpRefusal, quoted, SessionLost, tooLong } from './mcp-error.ts';
import { MessageHeaders } from './message-headers.ts';
import { type Peer, refusalOf } from './peer.ts';

/** No more of an error is read. */
const ERROR_LIMIT = 64 * 1024;

/** The server may take so long to forget the session. */
const FAREWELL_MS = 1_000;

export class HttpCarrier implements Carrier {
  readonly #url: URL;
  readonly #door: AuthorizedExchange;
  readonly #messageHeaders = new MessageHeaders();
  readonly #closing = new AbortController();
  #peer: Peer | undefined;
  #session: string | undefined;
  #version: string | undefined;
  #hasStream = false;

  constructor(url: URL, address: McpAddress) {
    this.#url = url;
    this.#door = new AuthorizedExchange(url, address);
  }

  get session(): string | undefined {
    return this.#session;
  }

  listen(peer: Peer): void {
    this.#peer = peer;
  }

  async carry(message: Outgoing, signal: AbortSignal): Promise<boolean> {
    const own = AbortSignal.any([signal, this.#closing.signal]);
    const isFirst = message.method === 'initialize';
    if (isFirst) this.#forget();
    const session = this.#session;
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...this.#connectionHeaders(),
      ...this.#messageHeaders.of(message),
    };
    const body = JSON.stringify(message);
    const response = await this.#door.send({ method: 'POST', headers, body, signal: own });
    const { statusCode: status = 0 } = response;
    if (status < 200 || status > 299) throw await this.#failure(response, session, isFirst);
    const given = response.headers['mcp-session-id'];
    if (isFirst && typeof given === 'string') this.#session = given;
    try {
      await this.#read(response, message);
    } catch (error) {
      if (own.aborted) throw own.reason;
      throw error instanceof McpError ? error : connectionError(this.#url, error);
    }
    return true;
  }

  /** What the server says unasked. It need not have such a stream. */
  async hear(): Promise<void> {
    if (this.#hasStream) return;
    this.#hasStream = true;
    const headers = { accept: 'text/event-stream', ...this.#connectionHeaders() };
    try {
      const response = await this.#door.send({ method: 'GET', headers, signal: this.#closing.signal });
      if (response.statusCode === 200 && kindOf(response) === 'text/event-stream')
        await this.#events(response, {});
      else response.destroy();
    } catch {
      // It is only news.
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    if (session !== undefined && !this.#closing.signal.aborted) {
      const headers = this.#connectionHeaders();
      const farewell = this.#door.send({ method: 'DELETE', headers, signal: timeLimit(FAREWELL_MS) });
      await farewell.then((response) => response.destroy()).catch(() => undefined);
    }
    this.#closing.abort(new McpError('The connection to the server is closed.'));
  }

  #forget(): void {
    this.#session = undefined;
    this.#version = undefined;
    this.#hasStream = false;
  }

  #connectionHeaders(): Record<string, string> {
    return {
      ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
      ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
    };
  }

  async #read(response: IncomingMessage, message: Outgoing): Promise<void> {
    const kind = kindOf(response);
    const isRequest = 'id' in message && 'method' in message;
    if (isRequest && kind === 'text/event-stream') await this.#events(response, message);
    else if (isRequest && kind === 'application/json') this.#take(parseJson(await textOf(response)), message);
    else response.destroy();
    if (isRequest && kind === 'text/html') {
      throw new McpError(`There is a web page at ${shownUrl(this.#url)}, not an MCP server. Check its url.`);
    }
  }

  async #events(response: IncomingMessage, message: JsonObject): Promise<void> {
    const reader = new EventReader(
      {
        onMessage: (data) => this.#take(parseJson(data), message),
        onTooLong: () => response.destroy(tooLong(MESSAGE_LIMIT)),
      },
      MESSAGE_LIMIT,
    );
    for await (const chunk of response) reader.push(chunk);
  }

  #take(value: unknown, { method, id }: JsonObject): void {
    const result = isObject(value) && value.id === id && isObject(value.result) ? value.result : {};
    if (method === 'initialize' && typeof result.protocolVersion === 'string')
      this.#version = result.protocolVersion;
    if (method === 'tools/list') this.#messageHeaders.learn(result);
    this.#peer?.receive(value);
  }

  async #failure(
    response: IncomingMessage,
    session: string | undefined,
    isFirst: boolean,
  ): Promise<McpError> {
    const { statusCode: status = 0 } = response;
    const auth = this.#door.error(response);
    const text = withoutSecrets(await textOf(response, ERROR_LIMIT).catch(() => ''), this.#door.secrets);
    if (auth !== undefined) return auth;
    // The reference server says 400 of a session that it does not know.
    const isLost = status === 404 || (status === 400 && /session/i.test(text));
    if (session !== undefined && isLost) return new SessionLost(session);
    const answer = parseJson(text);
    const error = isObject(answer) && isObject(answer.error) ? refusalOf(answer.error) : undefined;
    if (error instanceof McpRefusal && error.code !== 0) return error;
    const said = quoted(text.replace(/<[^>]*>/g, ' '));
    const hint =
      isFirst && (status === 404 || status === 405)
        ? '\nIt may know only the older SSE transport, which oagent does not: look for its streamable HTTP address, often the same with /mcp at the end.'
        : '';
    return new McpError(
      `The server answered with HTTP ${status} at ${shownUrl(this.#url)}${said && `: ${said}`}.${hint}`,
    );
  }
}

function kindOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** With a limit of its own the text is cut, else refused. */
async function textOf(response: IncomingMessage, cut?: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= (cut ?? MESSAGE_LIMIT)) continue;
    response.destroy();
    if (cut === undefined) throw tooLong(MESSAGE_LIMIT);
    break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, cut);
}
