/**
 * Logs in to a server that is reached by HTTP, in the user's browser: authorization code with PKCE, the answer on a loopback address.
 *
 * Invariants: the address that is opened is https, or leads to this machine if the server does; the answer must have our state and come
 * from who was asked; tokens are asked for this server alone (RFC 8707).
 */
import * as oauth from 'oauth4webapi';
import { unlessAborted } from '../../system/within.ts';
import { McpAuthError } from '../wire/auth-challenge.ts';
import { connectHttp } from '../wire/http.ts';
import { shownUrl } from '../wire/http-exchange.ts';
import { McpError, quoted } from '../wire/mcp-error.ts';
import { authUrl, isLoopback } from './auth-url.ts';
import { type Discovered, discover } from './discovery.ts';
import { authFailure, clientAuth, requestOptions, withTokens } from './oauth.ts';
import { RedirectServer } from './redirect-server.ts';
import type { LoginClient, TokenStore } from './token-store.ts';

const PROBE_MS = 30_000;

export interface LoginOptions {
  readonly url: string;
  /** Sent to the server with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the user wants to be asked for; undefined: what the server says. */
  readonly scopes?: readonly string[] | undefined;
  /** Of a client that the user has registered; undefined: oagent registers one. */
  readonly clientId?: string | undefined;
  readonly store: TokenStore;
  readonly signal: AbortSignal;
  /** Of oagent. */
  readonly version: string;
  /** Shows the user where to log in. */
  readonly open: (url: string) => void;
}

/** Resolves when the tokens are kept. @throws McpError; the reason of the signal. */
export async function login(options: LoginOptions): Promise<void> {
  const { store, signal } = options;
  const url = serverUrl(options.url);
  const isLocal = isLoopback(url);
  const asked = await challenge(options);
  const found = await discover(url, { resourceMetadata: asked?.resourceMetadata, isLocal, signal });
  if (found === undefined) throw noLogin(url, asked !== undefined);
  const state = oauth.generateRandomState();
  const redirect = await RedirectServer.open(state);
  try {
    const scope = (options.scopes ?? asked?.scope?.split(' ') ?? found.scopes).join(' ');
    const client = await clientOf(found, { options, redirect, scope, isLocal });
    store.write(await tokens(found, { options, redirect, scope, isLocal, client, state }));
  } finally {
    redirect.close();
  }
}

function serverUrl(text: string): URL {
  const url = new URL(text);
  url.hash = '';
  return authUrl(url.href, isLoopback(url));
}

function noLogin(url: URL, isAsked: boolean): McpError {
  return new McpError(
    isAsked
      ? `The server at ${shownUrl(url)} asks for a token, but does not say where one can be had.\nSet bearer_token_env_var, if you can get one.`
      : `The server at ${shownUrl(url)} asks for no login: it can be used as it is.`,
  );
}

/** What the server says to a stranger; undefined: nothing. */
async function challenge({ url, headers, signal, version }: LoginOptions): Promise<McpAuthError | undefined> {
  try {
    const connection = await connectHttp({ url, headers }, { signal, version, startupTimeoutMs: PROBE_MS });
    await connection.close();
    return undefined;
  } catch (error) {
    if (error instanceof McpAuthError) return error;
    throw error;
  }
}

interface Flow {
  readonly options: LoginOptions;
  readonly redirect: RedirectServer;
  readonly scope: string;
  readonly isLocal: boolean;
}

async function clientOf(
  { server }: Discovered,
  { options, redirect, scope, isLocal }: Flow,
): Promise<LoginClient> {
  const { clientId, signal } = options;
  if (clientId !== undefined) return { client_id: clientId };
  if (server.registration_endpoint === undefined)
    throw new McpError(
      `${quoted(server.issuer)} lets no program register itself.\nRegister one there with the redirect address http://127.0.0.1/callback, and set its id as oauth_client_id.`,
    );
  const metadata = {
    client_name: 'oagent',
    redirect_uris: [redirect.uri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    ...(scope !== '' && { scope }),
  };
  try {
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      metadata,
      requestOptions(isLocal, signal),
    );
    const client = await oauth.processDynamicClientRegistrationResponse(response);
    const { client_id, client_secret: secret, token_endpoint_auth_method: method } = client;
    return {
      client_id,
      ...(typeof secret === 'string' && { client_secret: secret }),
      ...(typeof method === 'string' && { token_endpoint_auth_method: method }),
    };
  } catch (error) {
    signal.throwIfAborted();
    throw authFailure(`oagent could not be registered at ${quoted(server.issuer)}`, error);
  }
}

async function tokens(
  { server, resource }: Discovered,
  {
    options,
    redirect,
    scope,
    isLocal,
    client,
    state,
  }: Flow & { readonly client: LoginClient; readonly state: string },
) {
  const { signal } = options;
  const verifier = oauth.generateRandomCodeVerifier();
  const address = authUrl(server.authorization_endpoint, isLocal);
  const parameters = {
    ...{ response_type: 'code', client_id: client.client_id, redirect_uri: redirect.uri, state, resource },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    ...(scope !== '' && { scope }),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  options.open(address.href);
  const answer = await unlessAborted(redirect.arrived, signal);
  try {
    const callback = oauth.validateAuthResponse(server, client, answer, state);
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, client, clientAuth(client), callback, redirect.uri, verifier] as const),
      { ...requestOptions(isLocal, signal), additionalParameters: { resource } },
    );
    const given = await oauth.processAuthorizationCodeResponse(server, client, response);
    const { issuer, token_endpoint = '', revocation_endpoint } = server;
    const login = { issuer, tokenEndpoint: token_endpoint, revocationEndpoint: revocation_endpoint };
    return withTokens({ ...login, client, resource, scope: scope === '' ? undefined : scope }, given);
  } catch (error) {
    signal.throwIfAborted();
    const secrets = [answer.searchParams.get('code') ?? '', verifier, client.client_secret ?? ''];
    throw authFailure('The login has failed', error, secrets);
  }
}
