/** A new token for an old one, and the end of a login; loaded only when that is needed. */
import * as oauth from 'oauth4webapi';
import { McpError } from '../wire/mcp-error.ts';
import { authUrl, isLoopback } from './auth-url.ts';
import { authFailure, clientAuth, isEnded, requestOptions, withTokens } from './oauth.ts';
import type { Login } from './token-store.ts';

/** Undefined: the login has ended. @throws McpError; the reason of the signal. */
export async function refreshed(login: Login, signal: AbortSignal): Promise<Login | undefined> {
  const { client, refreshToken, resource } = login;
  if (refreshToken === undefined) return undefined;
  const isLocal = isLocalLogin(login);
  const server = { issuer: login.issuer, token_endpoint: authUrl(login.tokenEndpoint, isLocal).href };
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, clientAuth(client), refreshToken, {
      ...requestOptions(isLocal, signal),
      additionalParameters: { resource },
    });
    return withTokens(login, await oauth.processRefreshTokenResponse(server, client, response));
  } catch (error) {
    signal.throwIfAborted();
    if (isEnded(error)) return undefined;
    throw authFailure('The token of the login could not be renewed', error, [refreshToken]);
  }
}

/** Tells who gave them out that the tokens are not needed any more. @returns whether it knows. */
export async function revoked(login: Login, signal: AbortSignal): Promise<boolean> {
  const { client, accessToken, refreshToken, revocationEndpoint } = login;
  if (revocationEndpoint === undefined) return false;
  const isLocal = isLocalLogin(login);
  try {
    const server = { issuer: login.issuer, revocation_endpoint: authUrl(revocationEndpoint, isLocal).href };
    for (const token of [refreshToken, accessToken]) {
      if (token === undefined) continue;
      const response = await oauth.revocationRequest(
        ...([server, client, clientAuth(client), token] as const),
        requestOptions(isLocal, signal),
      );
      await oauth.processRevocationResponse(response);
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof McpError || error instanceof oauth.ResponseBodyError) return false;
    if (error instanceof oauth.OperationProcessingError) return false;
    throw error;
  }
}

function isLocalLogin({ resource }: Login): boolean {
  return isLoopback(new URL(resource));
}
