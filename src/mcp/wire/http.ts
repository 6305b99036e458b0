/** Connects to a server that is reached by HTTP. */
import type { ConnectOptions, McpAddress, McpConnection } from '../connection.ts';
import { clientAnswer } from './client-answers.ts';
import { type Era, negotiate } from './era.ts';
import { HttpCarrier } from './http-carrier.ts';
import { McpError, quoted, type SessionLost } from './mcp-error.ts';
import { Peer } from './peer.ts';
import { ServerSession } from './server-session.ts';

/**
 * Waits until the server has said what it is.
 * @throws McpAuthError if it wants a login; McpError; the reason of the signal
 */
export async function connectHttp(address: McpAddress, options: ConnectOptions): Promise<McpConnection> {
  const { signal, startupTimeoutMs: timeoutMs, version } = options;
  const carrier = new HttpCarrier(urlOf(address.url), address);
  const peer: Peer = new Peer(carrier, {
    onNotification: (method) => session?.notified(method),
    answer: (method) => clientAnswer(method, undefined),
  });
  let session: ServerSession | undefined;
  carrier.listen(peer);
  const begin = async (abort: AbortSignal): Promise<Era> => {
    const era = await negotiate(peer, { signal: abort, timeoutMs, version });
    if (!era.isStateless) void carrier.hear();
    return era;
  };
  const close = async (): Promise<void> => {
    peer.end(new McpError('The connection to the server is closed.'));
    await carrier.close();
  };
  let renewing: Promise<Era> | undefined;
  const renew = async (lost: SessionLost): Promise<Era | undefined> => {
    // Another call may have noticed it before.
    if (carrier.session !== lost.session && renewing === undefined) return undefined;
    renewing ??= begin(new AbortController().signal).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
  try {
    const known = new ServerSession(peer, await begin(signal), { version, renew });
    session = known;
    known.subscribe();
    return {
      manifest: (more) => known.manifest(more),
      call: (tool, args, more) => known.call(tool, args, more),
      prompt: (name, args, more) => known.prompt(name, args, more),
      resource: (uri, more) => known.resource(uri, more),
      stderr: () => [],
      // There is nothing that could end: each request stands for itself.
      onEnd: () => {},
      onToolsChanged: (listener) => known.onToolsChanged(listener),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new McpError(`${quoted(text)} is not the address of a server: it begins with https:// or http://.`);
}
