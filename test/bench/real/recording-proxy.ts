/**
 * Stands between any agent and a server, passes everything on as it comes, and remembers the answers of models.
 *
 * Invariants: bytes are not changed in either direction, nor held back; a client that goes away ends its request at
 * the server as well. Does not: understand an answer (answer-counts.ts) or write files (recordings.ts).
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as open,
  type Server,
  type ServerResponse,
} from 'node:http';

/** One request that asks a model for an answer, and what came back. */
export interface Exchange {
  readonly path: string;
  /** The request as it was sent. */
  readonly body: string;
  /** 0 if no answer began. */
  readonly status: number;
  /** The answer's bytes, as far as they came. */
  readonly raw: Buffer;
  /** The client went away before the end. */
  readonly isCut: boolean;
}

export interface RecordingProxy {
  /** `http://127.0.0.1:port` */
  readonly host: string;
  /** The exchanges since the last call, in the order of their requests, once all of them are over. */
  readonly take: () => Promise<readonly Exchange[]>;
  readonly close: () => Promise<void>;
}

const ANSWERS = ['/api/chat', '/api/generate', '/v1/chat/completions', '/v1/completions', '/v1/responses'];

/** @param target base URL of the server, without a slash at the end. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  let exchanges: Promise<Exchange>[] = [];
  const server = createServer((incoming, outgoing) => {
    const exchange = passOn(target, incoming, outgoing);
    if (ANSWERS.includes(pathOf(incoming))) exchanges.push(exchange);
  });
  const port = await listen(server);
  return {
    host: `http://127.0.0.1:${port}`,
    take: async () => {
      const taken = exchanges;
      exchanges = [];
      return await Promise.all(taken);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Settles when both sides are done; never rejects, because a failure is an exchange as well. */
async function passOn(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Exchange> {
  const sent: Buffer[] = [];
  const came: Buffer[] = [];
  let status = 0;
  const end = Promise.withResolvers<void>();
  const url = new URL(target + (incoming.url ?? '/'));
  const upstream = open(url, {
    method: incoming.method,
    headers: { ...withoutConnection(incoming.headers), host: url.host },
    agent: false,
  });
  incoming.on('data', (chunk: Buffer) => sent.push(chunk));
  incoming.on('error', () => upstream.destroy());
  incoming.pipe(upstream);
  upstream.on('response', (response) => {
    status = response.statusCode ?? 0;
    outgoing.writeHead(status, withoutConnection(response.headers));
    response.on('data', (chunk: Buffer) => came.push(chunk));
    response.on('error', () => outgoing.destroy());
    response.pipe(outgoing);
  });
  // Before its answer began, a server that is gone looks to the client as it would without us: a lost connection.
  upstream.on('error', () => outgoing.destroy());
  outgoing.on('close', () => {
    upstream.destroy();
    end.resolve();
  });
  await end.promise;
  const isCut = !outgoing.writableFinished;
  const body = Buffer.concat(sent).toString('utf8');
  return { path: pathOf(incoming), body, status, raw: Buffer.concat(came), isCut };
}

/** These two are about one of our connections, not about the message. */
function withoutConnection(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, 'keep-alive': __, ...others } = headers;
  return others;
}

function pathOf(incoming: IncomingMessage): string {
  return new URL(incoming.url ?? '/', 'http://127.0.0.1').pathname;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}
