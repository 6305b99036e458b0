/**
 * One HTTP request to a server.
 *
 * Each has a connection of its own: a call must not be sent twice because a kept one turned out to be closed. A redirect is followed to the
 * same origin only, since headers hold the token. No time limit: who asks has one.
 */
import type { IncomingMessage } from 'node:http';
import { hearErrors, makeClient } from '../../model/http-client.ts';
import { type EnvProxy, proxyFor } from '../../model/proxy.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import { McpError, quoted } from './mcp-error.ts';

const MOST_REDIRECTS = 3;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** @throws McpError; the reason of the signal */
export async function exchange(url: URL, request: HttpRequest): Promise<IncomingMessage> {
  let target = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(target, request);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 307, 308].includes(statusCode) || headers.location === undefined) return response;
    response.destroy();
    const next = URL.canParse(headers.location, target) ? new URL(headers.location, target) : undefined;
    if (next?.origin !== url.origin || redirects === MOST_REDIRECTS) {
      throw new McpError(
        `The server sends on to ${quoted(headers.location)}, which is not followed: the token might reach a stranger.\nIf you trust that address, set it as the url.`,
      );
    }
    target = next;
  }
}

/** As it may be shown: without user, password and parameters. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function send(url: URL, { method, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const proxy = proxyFor(url, process.env);
    const fail = (error: unknown): void =>
      reject(signal.aborted ? signal.reason : connectionError(url, error, proxy));
    try {
      const { client, agent } = makeClient(url.protocol, proxy, false);
      const request = client.request(url, { method, headers, agent, signal });
      request.on('socket', hearErrors);
      request.on('response', resolve);
      request.on('error', fail);
      request.on('close', () => fail(new Error('the connection was closed')));
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

/** What went wrong between here and there. */
export function connectionError(url: URL, error: unknown, proxy?: EnvProxy): McpError {
  const code = errorCode(error) ?? '';
  if (code === 'ERR_PROXY_INVALID_CONFIG' && proxy !== undefined) {
    return new McpError(
      `${proxy.variable} is not the address of an HTTP proxy.\nCorrect it, or name the server in NO_PROXY.`,
    );
  }
  const via = proxy === undefined ? '' : ` by the proxy of ${proxy.variable} (${proxy.shown})`;
  // Node's own errors say more than their code.
  const reason = code === '' || code.startsWith('ERR_') ? errorMessage(error) : code;
  const remedy = /CERT|SIGNATURE|ISSUER/.test(code)
    ? 'Name a file with its certificate, or that of its authority, in NODE_EXTRA_CA_CERTS.'
    : 'Check that it runs, and its url.';
  return new McpError(
    `The server at ${shownUrl(url)} cannot be reached${via}: ${quoted(reason)}.\n${remedy}`,
  );
}
