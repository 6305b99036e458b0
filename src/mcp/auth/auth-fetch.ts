/** The `fetch` of a login: over our own HTTP, with a limit for what is read, and redirects only within an origin. */
import { timeLimit } from '../../system/within.ts';
import { exchange } from '../wire/http-exchange.ts';
import { McpError } from '../wire/mcp-error.ts';

const LIMIT = 256 * 1024;
const LIMIT_MS = 20_000;

interface AuthRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** @throws McpError; the reason of the signal */
export async function authFetch(
  url: URL,
  { method, headers, body }: AuthRequest,
  signal: AbortSignal,
): Promise<Response> {
  const limited = timeLimit(LIMIT_MS, signal);
  try {
    const own = { ...headers, accept: 'application/json' };
    const request = { method, headers: own, signal: limited };
    const response = await exchange(url, body === undefined ? request : { ...request, body });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMIT) {
        response.destroy();
        throw new McpError(
          `${url.origin} answered with more than ${LIMIT / 1024} kB, far more than a login needs.`,
        );
      }
    }
    const { statusCode: status = 500 } = response;
    const isEmpty = status === 204 || status === 205 || status === 304;
    return new Response(isEmpty ? null : Buffer.concat(chunks), {
      status: Math.max(status, 200),
      headers: { 'content-type': response.headers['content-type'] ?? '' },
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (limited.aborted) throw new McpError(`${url.origin} has not answered in ${LIMIT_MS / 1000} s.`);
    throw error;
  }
}
