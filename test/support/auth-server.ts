/** An authorization server and the MCP server that it protects, in one place: OAuth as the version of 2025-11-25 has it, with what tests want to be wrong. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';

export interface AuthServerOptions {
  /** Each replaces what is said of itself. */
  readonly resource?: (base: string) => JsonObject | undefined;
  readonly metadata?: (base: string) => JsonObject | undefined;
  /** Where the metadata are, besides their usual place. */
  readonly issuerPath?: string;
  /** Of the answer to the browser. */
  readonly answer?: (answer: URLSearchParams) => void;
  /** Seconds; absent: not said. */
  readonly expiresIn?: number;
  /** Of a request for tokens: another answer. */
  readonly token?: (
    form: URLSearchParams,
  ) => { readonly status: number; readonly body: JsonObject } | undefined;
  /** The challenge of the MCP server. */
  readonly challenge?: (base: string) => string;
  readonly isOpen?: boolean;
}

export interface AuthServer {
  readonly base: string;
  /** Of the MCP server. */
  readonly url: string;
  /** What was asked: `GET /path`, and forms. */
  readonly log: string[];
  readonly forms: Record<string, string>[];
  /** The tokens of the requests that reached the MCP server. */
  readonly bearers: (string | undefined)[];
  /** Tokens that count. */
  readonly valid: Set<string>;
  /** As a browser does: from where the user logs in to where it leads. */
  readonly browse: (address: string) => Promise<{ readonly status: number; readonly asked: URLSearchParams }>;
}

export async function authServer(options: AuthServerOptions = {}): Promise<AuthServer> {
  const { expiresIn, issuerPath = '', isOpen = false } = options;
  const log: string[] = [];
  const forms: Record<string, string>[] = [];
  const bearers: (string | undefined)[] = [];
  const valid = new Set<string>();
  const refreshTokens = new Set<string>();
  const challenges = new Map<string, string>();
  let count = 0;
  let base = '';

  const metadata = (): JsonObject | undefined =>
    options.metadata === undefined
      ? {
          issuer: `${base}${issuerPath}`,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          registration_endpoint: `${base}/register`,
          revocation_endpoint: `${base}/revoke`,
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
        }
      : options.metadata(base);
  const resource = (): JsonObject | undefined =>
    options.resource === undefined
      ? {
          resource: `${base}/mcp`,
          authorization_servers: [`${base}${issuerPath}`],
          scopes_supported: ['read'],
        }
      : options.resource(base);

  function tokens(form: URLSearchParams): { readonly status: number; readonly body: JsonObject } {
    const own = options.token?.(form);
    if (own !== undefined) return own;
    const refused = { status: 400, body: { error: 'invalid_grant', error_description: 'it does not count' } };
    if (form.get('grant_type') === 'authorization_code') {
      const challenge = challenges.get(form.get('code') ?? '');
      const verifier = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (challenge !== verifier) return refused;
    } else if (!refreshTokens.delete(form.get('refresh_token') ?? '')) return refused;
    count += 1;
    valid.clear();
    valid.add(`access-${count}`);
    refreshTokens.add(`refresh-${count}`);
    const body = { access_token: `access-${count}`, token_type: 'Bearer', refresh_token: `refresh-${count}` };
    return { status: 200, body: expiresIn === undefined ? body : { ...body, expires_in: expiresIn } };
  }

  function mcp(request: IncomingMessage, response: ServerResponse, message: JsonObject): void {
    const bearer = request.headers.authorization?.replace('Bearer ', '');
    bearers.push(bearer);
    if (!isOpen && !valid.has(bearer ?? '')) {
      const header =
        options.challenge?.(base) ??
        `Bearer resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`;
      response.writeHead(401, { 'www-authenticate': header }).end();
      return;
    }
    const results: Record<string, JsonObject> = {
      initialize: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'guarded', version: '1' },
      },
      'tools/list': { tools: [{ name: 'open_door', description: 'Opens the door.' }] },
    };
    const found = results[String(message.method)];
    if (found === undefined) response.writeHead(request.method === 'POST' ? 202 : 405).end();
    else json(response, 200, { jsonrpc: '2.0', id: message.id, result: found });
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { pathname, searchParams } = new URL(request.url ?? '', base);
    if (pathname === '/mcp') return mcp(request, response, body === '' ? {} : JSON.parse(body));
    log.push(`${request.method} ${pathname}`);
    if (pathname === '/authorize') {
      const code = `code-${challenges.size + 1}`;
      challenges.set(code, searchParams.get('code_challenge') ?? '');
      const answer = new URLSearchParams({
        code,
        state: searchParams.get('state') ?? '',
        iss: `${base}${issuerPath}`,
      });
      options.answer?.(answer);
      response.writeHead(302, { location: `${searchParams.get('redirect_uri')}?${answer}` }).end();
      return;
    }
    if (pathname === '/register')
      return json(response, 201, { ...JSON.parse(body), client_id: `client-${log.length}` });
    if (pathname === '/token' || pathname === '/revoke') {
      const form = new URLSearchParams(body);
      forms.push(Object.fromEntries(form));
      if (pathname === '/revoke') return void response.writeHead(200).end();
      const answer = tokens(form);
      return json(response, answer.status, answer.body);
    }
    const documents = new Map([
      ['/.well-known/oauth-protected-resource/mcp', resource()],
      [`/.well-known/oauth-authorization-server${issuerPath}`, metadata()],
    ]);
    const document = documents.get(pathname);
    if (document === undefined) response.writeHead(404).end();
    else json(response, 200, document);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browse = async (address: string) => {
    const { status } = await fetch(address);
    return { status, asked: new URL(address).searchParams };
  };
  return { base, url: `${base}/mcp`, log, forms, bearers, valid, browse };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
