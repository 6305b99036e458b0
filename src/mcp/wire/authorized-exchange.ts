/** HTTP requests to a server with what says who asks: the user's own headers, or the token of a login. */
import type { IncomingMessage } from 'node:http';
import { secretsIn } from '../../model/secrets.ts';
import type { McpAddress } from '../connection.ts';
import { authError, type McpAuthError } from './auth-challenge.ts';
import { exchange, type HttpRequest } from './http-exchange.ts';

export class AuthorizedExchange {
  readonly #url: URL;
  readonly #headers: McpAddress['headers'];
  readonly #auth: McpAddress['auth'];
  readonly #tokens = new Set<string>();

  constructor(url: URL, { headers, auth }: McpAddress) {
    this.#url = url;
    this.#headers = headers;
    this.#auth = hasAuthorization(headers) ? undefined : auth;
  }

  /** What must not be shown. */
  get secrets(): readonly string[] {
    return secretsIn({ ...this.#headers, ...Object.fromEntries([...this.#tokens].entries()) });
  }

  /** What is refused with 401 was not done: it is sent again if there is a newer token. @throws as `exchange` */
  async send({ headers, ...request }: HttpRequest): Promise<IncomingMessage> {
    const withToken = (token: string | undefined): Promise<IncomingMessage> => {
      const own: McpAddress['headers'] = token === undefined ? {} : { authorization: `Bearer ${token}` };
      if (token !== undefined) this.#tokens.add(token);
      return exchange(this.#url, { ...request, headers: { ...headers, ...this.#headers, ...own } });
    };
    const token = await this.#auth?.token(request.signal);
    const response = await withToken(token);
    if (response.statusCode !== 401 || token === undefined) return response;
    const newer = await this.#auth?.renewed(token, request.signal);
    if (newer === undefined || newer === token) return response;
    response.destroy();
    return withToken(newer);
  }

  /** The error of an answer; undefined if a login is not what it lacks. */
  error({ statusCode = 0, headers }: IncomingMessage): McpAuthError | undefined {
    const hasToken = hasAuthorization(this.#headers) || this.#tokens.size > 0;
    return authError(statusCode, headers['www-authenticate'], { hasToken, login: this.#auth?.command });
  }
}

function hasAuthorization(headers: McpAddress['headers']): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}
