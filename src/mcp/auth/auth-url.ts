/** Which addresses take part in a login: https, or for a server on this machine its own loopback. */
import { shownUrl } from '../wire/http-exchange.ts';
import { McpError, quoted } from '../wire/mcp-error.ts';

/** @throws McpError */
export function authUrl(text: unknown, isLocal: boolean): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new McpError(`${quoted(String(text))}, which takes part in the login, is not an address.`);
  if (url.username === '' && url.password === '') {
    if (url.protocol === 'https:' || (isLocal && isLoopback(url))) return url;
  }
  throw new McpError(
    `${quoted(/^https?:$/.test(url.protocol) ? shownUrl(url) : url.protocol)} is not used for a login: tokens are sent only to https addresses without a user, or within this machine.`,
  );
}

/** It leads to this machine, without encryption. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
