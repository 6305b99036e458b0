/**
 * Who gives out tokens for a server: the metadata of the server (RFC 9728), then those of who it names (RFC 8414, or OpenID's).
 *
 * Invariants: no address is used before it was checked (auth-url.ts); what the server says it is must hold the address that the user
 * configured, and who gives out tokens must be who it was looked for as.
 */
import * as oauth from 'oauth4webapi';
import { isObject, parseJson } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { shownUrl } from '../wire/http-exchange.ts';
import { McpError, quoted } from '../wire/mcp-error.ts';
import { authFetch } from './auth-fetch.ts';
import { authUrl } from './auth-url.ts';
import { authFailure } from './oauth.ts';

export interface Discovered {
  readonly server: oauth.AuthorizationServer;
  /** What the token is asked for (RFC 8707). */
  readonly resource: string;
  readonly scopes: readonly string[];
}

export interface DiscoveryOptions {
  /** Where the server said that its metadata are. */
  readonly resourceMetadata: string | undefined;
  readonly isLocal: boolean;
  readonly signal: AbortSignal;
}

/** Undefined: the server names nobody. @throws McpError; the reason of the signal. */
export async function discover(url: URL, options: DiscoveryOptions): Promise<Discovered | undefined> {
  const { isLocal } = options;
  const metadata = await resourceMetadata(url, options);
  const { authorization_servers: servers, scopes_supported: scopes } = metadata ?? {};
  const [issuer] = Array.isArray(servers) ? servers : [];
  // Servers of the first version give out tokens themselves.
  const server = await serverMetadata(authUrl(issuer ?? url.origin, isLocal), options);
  if (server === undefined) {
    if (issuer === undefined) return undefined;
    throw new McpError(
      `${quoted(String(issuer))}, where the server says that its tokens are given out, does not say how.\nSet bearer_token_env_var, if you can get a token otherwise.`,
    );
  }
  checkEndpoints(server, isLocal);
  return {
    server,
    resource: metadata === undefined ? url.href : resourceOf(metadata, url),
    scopes: Array.isArray(scopes) ? scopes.filter((one) => typeof one === 'string') : [],
  };
}

async function resourceMetadata(url: URL, options: DiscoveryOptions): Promise<JsonObject | undefined> {
  const { resourceMetadata: told, isLocal } = options;
  const wellKnown = (place: string): URL => new URL(`/.well-known/oauth-protected-resource${place}`, url);
  const places = [
    ...(told === undefined ? [] : [authUrl(told, isLocal)]),
    ...[...new Set([url.pathname.replace(/\/$/, ''), ''])].map(wellKnown),
  ];
  for (const place of places) {
    const found = parseJson((await document(place, options))?.text ?? '');
    if (isObject(found)) return found;
  }
  return undefined;
}

/** What the token is for: the server, or all that is below an address of its. */
function resourceOf({ resource }: JsonObject, url: URL): string {
  const given = typeof resource === 'string' && URL.canParse(resource) ? new URL(resource) : undefined;
  const isAround =
    given?.origin === url.origin && `${url.pathname}/`.startsWith(`${given.pathname.replace(/\/$/, '')}/`);
  if (isAround) return String(resource);
  throw new McpError(
    `The server says of itself that it is ${quoted(String(resource))}, not ${shownUrl(url)}: a token for the one is not sent to the other.\nCheck its url.`,
  );
}

async function serverMetadata(
  issuer: URL,
  options: DiscoveryOptions,
): Promise<oauth.AuthorizationServer | undefined> {
  const path = issuer.pathname.replace(/\/$/, '');
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ];
  for (const place of new Set(places)) {
    const found = await document(new URL(place, issuer), options);
    if (found === undefined) continue;
    try {
      return await oauth.processDiscoveryResponse(issuer, jsonResponse(found.text));
    } catch (error) {
      throw authFailure(`What ${issuer.origin} says of itself cannot be used`, error);
    }
  }
  return undefined;
}

const jsonResponse = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'application/json' } });

async function document(
  place: URL,
  { signal }: DiscoveryOptions,
): Promise<{ readonly text: string } | undefined> {
  const response = await authFetch(place, { method: 'GET', headers: {} }, signal);
  const text = await response.text();
  return response.status === 200 && isObject(parseJson(text)) ? { text } : undefined;
}

/** @throws McpError */
function checkEndpoints(server: oauth.AuthorizationServer, isLocal: boolean): void {
  const { authorization_endpoint, token_endpoint, registration_endpoint, revocation_endpoint } = server;
  for (const needed of [authorization_endpoint, token_endpoint]) authUrl(needed, isLocal);
  for (const other of [registration_endpoint, revocation_endpoint])
    if (other !== undefined) authUrl(other, isLocal);
  const methods = server.code_challenge_methods_supported;
  if (methods !== undefined && !methods.includes('S256'))
    throw new McpError(
      `${quoted(server.issuer)} does not know PKCE with S256, without which a login is not safe.\nSet bearer_token_env_var, if you can get a token otherwise.`,
    );
}
