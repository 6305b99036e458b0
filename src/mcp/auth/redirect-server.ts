/** Waits on this machine for the browser to come back from a login. Whoever does not know the state is sent away. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PLACE = '/callback';

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>oagent</title><p>oagent has the answer. You can close this page and go back to the terminal.';

export class RedirectServer {
  readonly uri: string;
  /** Where the browser has come to, with the answer. */
  readonly arrived: Promise<URL>;
  readonly #server: Server;

  private constructor(server: Server, uri: string, arrived: Promise<URL>) {
    this.#server = server;
    this.uri = uri;
    this.arrived = arrived;
  }

  /** @param state that the answer has. @throws a system error. */
  static async open(state: string): Promise<RedirectServer> {
    const { promise, resolve } = Promise.withResolvers<URL>();
    const { createServer } = process.getBuiltinModule('node:http');
    const server = createServer((request, response) => {
      const base = `http://127.0.0.1`;
      const url = URL.canParse(request.url ?? '', base) ? new URL(request.url ?? '', base) : undefined;
      const isAnswer =
        request.method === 'GET' && url?.pathname === PLACE && url.searchParams.get('state') === state;
      response.writeHead(isAnswer ? 200 : 404, {
        'content-type': 'text/html',
        'content-security-policy': "default-src 'none'",
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        connection: 'close',
      });
      response.end(isAnswer ? PAGE : '');
      if (isAnswer && url !== undefined) resolve(url);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new RedirectServer(server, `http://127.0.0.1:${port}${PLACE}`, promise);
  }

  /** The page that says so is still sent. */
  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }
}
