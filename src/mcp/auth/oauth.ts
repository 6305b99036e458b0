/** What both the login and the renewal of a token need of OAuth. The flow itself is oauth4webapi's, loaded only with this file. */
import * as oauth from 'oauth4webapi';
import { withoutSecrets } from '../../text/secrets.ts';
import { McpError, quoted } from '../wire/mcp-error.ts';
import { authFetch } from './auth-fetch.ts';
import type { Login, LoginClient } from './token-store.ts';

/** How requests are sent. @param isLocal the server runs on this machine: only then addresses without https were accepted. */
export function requestOptions(isLocal: boolean, signal: AbortSignal) {
  return {
    [oauth.allowInsecureRequests]: isLocal,
    [oauth.customFetch]: (
      url: string,
      {
        method,
        headers,
        body,
      }: oauth.CustomFetchOptions<'GET' | 'POST', URLSearchParams | string | undefined>,
    ) => authFetch(new URL(url), { method, headers, body: body?.toString() }, signal),
  };
}

/** How the client shows who it is. */
export function clientAuth({
  client_secret: secret,
  token_endpoint_auth_method: method,
}: LoginClient): oauth.ClientAuth {
  if (secret === undefined || method === 'none') return oauth.None();
  return method === 'client_secret_post' ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);
}

/** What a login is after an answer with tokens. A refresh token that is not replaced stays. */
export function withTokens(login: Omit<Login, 'accessToken'>, answer: oauth.TokenEndpointResponse): Login {
  const { access_token: accessToken, refresh_token, expires_in: seconds, scope } = answer;
  return {
    ...login,
    accessToken,
    refreshToken: refresh_token ?? login.refreshToken,
    scope: scope ?? login.scope,
    expiresAt: seconds === undefined ? undefined : Date.now() + seconds * 1000,
  };
}

/** The server of a login says that what it was given does not count any more. */
export function isEnded(error: unknown): boolean {
  return (
    error instanceof oauth.ResponseBodyError &&
    ['invalid_grant', 'invalid_client', 'unauthorized_client'].includes(error.error)
  );
}

/** An error of the flow for the user, without secrets. @param what failed, as the beginning of a sentence. */
export function authFailure(what: string, error: unknown, secrets: readonly string[] = []): Error {
  if (error instanceof McpError) return error;
  const isNamed =
    error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError;
  const known =
    isNamed ||
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.UnsupportedOperationError;
  if (!known) return error instanceof Error ? error : new McpError(what);
  const reason = isNamed ? [error.error, error.error_description].filter(Boolean).join(': ') : error.message;
  return new McpError(`${what}: ${quoted(withoutSecrets(reason, secrets))}.`);
}
