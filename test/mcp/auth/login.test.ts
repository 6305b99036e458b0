import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { login } from '../../../src/mcp/auth/login.ts';
import { revoked } from '../../../src/mcp/auth/refresh.ts';
import { StoredLogin } from '../../../src/mcp/auth/stored-login.ts';
import { TokenStore } from '../../../src/mcp/auth/token-store.ts';
import { connectHttp } from '../../../src/mcp/wire/http.ts';
import { type AuthServer, type AuthServerOptions, authServer } from '../../support/auth-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { options as requestOptions } from '../wire/connect.ts';

const NEVER = new AbortController().signal;

async function storeFor({ url }: AuthServer): Promise<TokenStore> {
  return new TokenStore(await tempFolder(), { name: 'guarded', url });
}

/** Logs in with a browser that says yes. @returns what the browser was asked for. */
async function logIn(
  server: AuthServer,
  store: TokenStore,
  more: {
    readonly scopes?: readonly string[];
    readonly clientId?: string;
    readonly signal?: AbortSignal;
  } = {},
) {
  let browsed: ReturnType<AuthServer['browse']> | undefined;
  await login({
    url: server.url,
    headers: {},
    store,
    signal: NEVER,
    version: '1.2.3',
    open: (address) => {
      browsed = server.browse(address);
    },
    ...more,
  });
  return browsed;
}

async function failure(options: AuthServerOptions, more = {}): Promise<string> {
  const server = await authServer(options);
  const store = await storeFor(server);
  const message = await logIn(server, store, more).then(
    () => 'it has succeeded',
    (error: Error) => error.message,
  );
  expect(store.read()).toBeUndefined();
  return message.replaceAll(server.base, 'BASE');
}

async function connect({ url }: AuthServer, store: TokenStore): Promise<string> {
  const connection = await connectHttp(
    { url, headers: {}, auth: new StoredLogin(store, 'guarded') },
    { signal: NEVER, startupTimeoutMs: 20_000, version: '1.2.3' },
  );
  const { tools } = await connection.manifest(requestOptions);
  await connection.close();
  return tools.map(({ name }) => name).join();
}

describe('a login', () => {
  test('gives tokens that are kept for their owner alone, and opens the server', async () => {
    const server = await authServer({ expiresIn: 3600 });
    const store = await storeFor(server);
    const browsed = await logIn(server, store);
    const { asked, status } = browsed ?? { asked: new URLSearchParams(), status: 0 };
    expect(status).toBe(200);
    const redirect = asked.get('redirect_uri') ?? '';
    expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect({ ...Object.fromEntries(asked), state: '', code_challenge: '' }).toEqual({
      response_type: 'code',
      client_id: 'client-3',
      redirect_uri: redirect,
      state: '',
      resource: server.url,
      code_challenge: '',
      code_challenge_method: 'S256',
      scope: 'read',
    });
    const [form] = server.forms;
    expect({ ...form, code_verifier: '' }).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: redirect,
      code_verifier: '',
      client_id: 'client-3',
      resource: server.url,
    });
    const { expiresAt = 0, ...kept } = store.read() ?? { expiresAt: 0 };
    expect(Math.round((expiresAt - Date.now()) / 60_000)).toBe(60);
    expect(kept).toEqual({
      issuer: server.base,
      tokenEndpoint: `${server.base}/token`,
      revocationEndpoint: `${server.base}/revoke`,
      client: { client_id: 'client-3', token_endpoint_auth_method: 'none' },
      resource: server.url,
      scope: 'read',
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
    });
    expect(statSync(store.file).mode & 0o777).toBe(0o600);
    expect(await connect(server, store)).toBe('open_door');
    expect(new Set(server.bearers)).toEqual(new Set([undefined, 'access-1']));
  });

  test('asks for what the user wants, as the client that he has registered', async () => {
    const server = await authServer();
    const browsed = await logIn(server, await storeFor(server), { scopes: ['a', 'b'], clientId: 'mine' });
    expect([browsed?.asked.get('client_id'), browsed?.asked.get('scope')]).toEqual(['mine', 'a b']);
    expect(server.log).not.toContain('POST /register');
  });

  test('finds who gives out tokens below a path, and in a server of the first version', async () => {
    const below = await authServer({ issuerPath: '/tenant' });
    await logIn(below, await storeFor(below));
    expect(below.log).toContain('GET /.well-known/oauth-authorization-server/tenant');
    const old = await authServer({ resource: () => undefined, challenge: () => 'Bearer' });
    const store = await storeFor(old);
    await logIn(old, store);
    expect(store.read()?.resource).toBe(old.url);
  });

  test('is refused where it would not be safe, with the reason', async () => {
    const said = {
      'iss of another': await failure({ answer: (answer) => answer.set('iss', 'https://evil.example') }),
      'no iss': await failure({ answer: (answer) => answer.delete('iss') }),
      denied: await failure({
        answer: (answer) => {
          answer.delete('code');
          answer.set('error', 'access_denied');
        },
      }),
      'another resource': await failure({
        resource: (base) => ({ resource: 'https://bank.example/mcp', authorization_servers: [base] }),
      }),
      'another issuer': await failure({
        metadata: (base) => ({ issuer: 'https://bank.example', token_endpoint: `${base}/token` }),
      }),
      'http elsewhere': await failure({
        resource: (base) => ({ resource: `${base}/mcp`, authorization_servers: ['http://as.example'] }),
      }),
      'no address': await failure({ challenge: () => 'Bearer resource_metadata="file:///etc/passwd"' }),
      'a page of javascript': await failure({
        metadata: (base) => ({
          issuer: base,
          authorization_endpoint: 'javascript:alert(1)',
          token_endpoint: `${base}/token`,
        }),
      }),
      'no PKCE': await failure({
        metadata: (base) => ({
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          code_challenge_methods_supported: ['plain'],
        }),
      }),
      'no registration': await failure({
        metadata: (base) => ({
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
        }),
      }),
      'no metadata': await failure({ metadata: () => undefined }),
      'nobody named': await failure({
        resource: () => undefined,
        metadata: () => undefined,
      }),
      'no tokens': await failure({
        token: (form) => ({
          status: 400,
          body: { error: 'invalid_grant', error_description: `no ${form.get('code')} here` },
        }),
      }),
      'too long': await failure({ metadata: (base) => ({ issuer: base, filler: 'x'.repeat(300_000) }) }),
      'not asked for': await failure({ isOpen: true, resource: () => undefined, metadata: () => undefined }),
    };
    expect(said).toMatchInlineSnapshot(`
      {
        "a page of javascript": "javascript: is not used for a login: tokens are sent only to https addresses without a user, or within this machine.",
        "another issuer": "What BASE says of itself cannot be used: "response" body "issuer" property does not match the expected value.",
        "another resource": "The server says of itself that it is https://bank.example/mcp, not BASE/mcp: a token for the one is not sent to the other.
      Check its url.",
        "denied": "The login has failed: access_denied.",
        "http elsewhere": "http://as.example/ is not used for a login: tokens are sent only to https addresses without a user, or within this machine.",
        "iss of another": "The login has failed: unexpected "iss" (issuer) response parameter value.",
        "no PKCE": "BASE does not know PKCE with S256, without which a login is not safe.
      Set bearer_token_env_var, if you can get a token otherwise.",
        "no address": "file: is not used for a login: tokens are sent only to https addresses without a user, or within this machine.",
        "no iss": "The login has failed: response parameter "iss" (issuer) missing.",
        "no metadata": "BASE, where the server says that its tokens are given out, does not say how.
      Set bearer_token_env_var, if you can get a token otherwise.",
        "no registration": "BASE lets no program register itself.
      Register one there with the redirect address http://127.0.0.1/callback, and set its id as oauth_client_id.",
        "no tokens": "The login has failed: invalid_grant: no ******** here.",
        "nobody named": "The server at BASE/mcp asks for a token, but does not say where one can be had.
      Set bearer_token_env_var, if you can get one.",
        "not asked for": "The server at BASE/mcp asks for no login: it can be used as it is.",
        "too long": "BASE answered with more than 256 kB, far more than a login needs.",
      }
    `);
  });

  test('is not ended by who does not know the state', async () => {
    const server = await authServer();
    const store = await storeFor(server);
    await login({
      url: server.url,
      headers: {},
      store,
      signal: NEVER,
      version: '1.2.3',
      open: async (address) => {
        const asked = new URL(address).searchParams;
        const wrong = await fetch(
          `${asked.get('redirect_uri')}?code=code-9&state=guessed&iss=${server.base}`,
        );
        expect(wrong.status).toBe(404);
        await server.browse(address);
      },
    });
    expect(store.read()?.accessToken).toBe('access-1');
  });

  test('can be given up', async () => {
    const server = await authServer();
    const stop = new AbortController();
    const waiting = login({
      url: server.url,
      headers: {},
      store: await storeFor(server),
      signal: stop.signal,
      version: '1.2.3',
      open: () => stop.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('a token that has run out', () => {
  test('is renewed once, whoever asks, and the new refresh token is kept', async () => {
    const server = await authServer({ expiresIn: 1 });
    const store = await storeFor(server);
    await logIn(server, store);
    const first = store.read();
    const all = await Promise.all(
      [1, 2, 3].map(() => new StoredLogin(store, 'guarded').renewed('access-1', NEVER)),
    );
    expect(all).toEqual(['access-2', 'access-2', 'access-2']);
    expect(server.forms.filter(({ grant_type }) => grant_type === 'refresh_token')).toEqual([
      {
        grant_type: 'refresh_token',
        refresh_token: 'refresh-1',
        client_id: first?.client.client_id,
        resource: server.url,
      },
    ]);
    expect(store.read()?.refreshToken).toBe('refresh-2');
  });

  test('is kept when nobody waits for it any more: the old refresh token counts no longer', async () => {
    const stop = new AbortController();
    const server = await authServer({
      expiresIn: 1,
      token: (form) => {
        if (form.get('grant_type') === 'refresh_token') stop.abort(new Error('enough'));
        return undefined;
      },
    });
    const store = await storeFor(server);
    await logIn(server, store);
    await new StoredLogin(store, 'guarded').token(stop.signal).catch(() => undefined);
    expect(store.read()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });

  test('that the server refuses is replaced in the middle of a session', async () => {
    const server = await authServer();
    const store = await storeFor(server);
    await logIn(server, store);
    server.valid.clear();
    server.valid.add('another');
    server.bearers.length = 0;
    expect(await connect(server, store)).toBe('open_door');
    expect(server.bearers.slice(0, 2)).toEqual(['access-1', 'access-2']);
  });

  test('that cannot be renewed ends the login, which is said with what to do', async () => {
    const server = await authServer({
      token: (form) =>
        form.get('grant_type') === 'refresh_token'
          ? { status: 400, body: { error: 'invalid_grant' } }
          : undefined,
    });
    const store = await storeFor(server);
    await logIn(server, store);
    server.valid.clear();
    await expect(connect(server, store)).rejects.toThrow(
      'The server does not accept the token (HTTP 401).\nLog in again by `oagent mcp login guarded`, or set bearer_token_env_var.',
    );
    expect(store.read()).toBeUndefined();
    await expect(connect(server, store)).rejects.toThrow(
      'The server asks for a login (HTTP 401).\nLog in by `oagent mcp login guarded`, or set bearer_token_env_var.',
    );
  });
});

test('a login is for one address: a file that is damaged, or of another, is none', async () => {
  const home = await tempFolder();
  const server = await authServer();
  const store = new TokenStore(home, { name: 'guarded', url: server.url });
  await logIn(server, store);
  expect(new TokenStore(home, { name: 'guarded', url: `${server.url}/other` }).read()).toBeUndefined();
  const whole = readFileSync(store.file, 'utf8');
  const broken = ['', '{', '[]', '{"client":{}}', whole.replace('"access-1"', '7'), whole.slice(0, -2)];
  for (const text of broken) {
    writeFileSync(store.file, text);
    expect(store.read()).toBeUndefined();
  }
});

test('a logout tells who gave out the tokens', async () => {
  const server = await authServer();
  const store = await storeFor(server);
  await logIn(server, store);
  const login = store.read();
  expect(login && (await revoked(login, NEVER))).toBe(true);
  expect(server.forms.slice(1).map(({ token }) => token)).toEqual(['refresh-1', 'access-1']);
});
