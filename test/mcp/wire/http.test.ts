import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { McpAuthError } from '../../../src/mcp/wire/auth-challenge.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { callBad, connectUrl, options, textOf } from './connect.ts';

interface Posted {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly message: JsonObject & { id?: number; method?: string };
}

type Answer = (response: ServerResponse, posted: Posted) => void;

/** A server of ours, which notes what it is sent. Its answers are by method of HTTP, or of MCP. */
async function serve(answers: Readonly<Record<string, Answer>>) {
  const log: Posted[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '', headers } = request;
    const posted = { method, path, headers, message: body === '' ? {} : JSON.parse(body) };
    log.push(posted);
    const answer =
      answers[String(posted.message.method ?? method)] ?? good[String(posted.message.method ?? method)];
    if (answer === undefined) response.writeHead(method === 'POST' ? 202 : 405).end();
    else answer(response, posted);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { log, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
}

const json = (response: ServerResponse, value: unknown, headers = {}, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
};
const result = (id: unknown, value: unknown) => ({ jsonrpc: '2.0', id, result: value });
const say = (text: string) => ({ content: [{ type: 'text', text }] });
const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

const initialize =
  (session?: string): Answer =>
  (response, { message }) =>
    json(
      response,
      result(message.id, {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'ours', version: '1' },
      }),
      session === undefined ? {} : { 'mcp-session-id': session },
    );

const good: Readonly<Record<string, Answer>> = {
  initialize: initialize(),
  'tools/list': (response, { message }) => json(response, result(message.id, { tools: [{ name: 'bad' }] })),
  'tools/call': (response, { message }) => json(response, result(message.id, say('fine'))),
};

test('what is sent says the version and the session, and the session is ended', async () => {
  const { log, url } = await serve({
    initialize: initialize('s1'),
    DELETE: (response) => response.writeHead(200).end(),
  });
  const connection = await connectUrl(`${url}?tenant=7`, {
    headers: { Authorization: 'Bearer t0ken', 'X-Own': 'yes' },
  });
  await connection.manifest(options);
  await connection.close();
  const sent = log.map(({ method, path, headers, message }) => [
    `${method} ${path} ${message.method ?? ''}`.trim(),
    headers['mcp-protocol-version'],
    headers['mcp-session-id'],
    headers.accept,
  ]);
  const both = 'application/json, text/event-stream';
  expect(sent.toSorted()).toEqual([
    ['DELETE /mcp?tenant=7', '2025-06-18', 's1', undefined],
    ['GET /mcp?tenant=7', '2025-06-18', 's1', 'text/event-stream'],
    ['POST /mcp?tenant=7 initialize', undefined, undefined, both],
    ['POST /mcp?tenant=7 notifications/initialized', '2025-06-18', 's1', both],
    ['POST /mcp?tenant=7 tools/list', '2025-06-18', 's1', both],
  ]);
  expect(new Set(log.map(({ headers }) => `${headers.authorization} ${headers['x-own']}`))).toEqual(
    new Set(['Bearer t0ken yes']),
  );
});

test('an answer may be a stream, with other messages and line ends in it', async () => {
  const { log, url } = await serve({
    'tools/call': (response, { message }) => {
      const { progressToken } = (message.params as { _meta: JsonObject })._meta;
      const progress = {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken, message: 'half' },
      };
      const [first, second] = JSON.stringify(result(message.id, say('a\u2028b'))).split(',"result"');
      events(response).write('\ufeff: hello\r\n\r\nevent: other\r\ndata: {"jsonrpc":"2.0"}\r\n\r\n');
      response.write(`id: 7\rdata:${JSON.stringify(progress)}\r\r`);
      response.write('data: {"jsonrpc":"2.0","id":"q","method":"ping"}\n\n');
      response.end(`event: message\ndata: ${first}\ndata: ,"result"${second}\n\ndata: no end`);
    },
  });
  const connection = await connectUrl(url);
  const told: string[] = [];
  const answer = await connection.call('bad', {}, { ...options, onProgress: (text) => told.push(text) });
  expect([textOf(answer), ...told]).toEqual(['a\u2028b', 'half']);
  await expect
    .poll(() => log.find(({ message }) => message.id !== undefined && message.method === undefined))
    .toMatchObject({
      message: { jsonrpc: '2.0', id: 'q', result: {} },
    });
});

test('what the server says unasked is heard', async () => {
  let stream: ServerResponse | undefined;
  const { url } = await serve({
    GET: (response) => {
      stream = events(response);
      stream.flushHeaders();
    },
  });
  const connection = await connectUrl(url);
  const changed = new Promise<void>((resolve) => connection.onToolsChanged(resolve));
  await expect.poll(() => stream).toBeDefined();
  stream?.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
  await changed;
});

describe('a session that the server has forgotten', () => {
  test.each([
    [404, 'Not Found'],
    [
      400,
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}',
    ],
  ])('is begun again once (%i)', async (status, text) => {
    let sessions = 0;
    const { log, url } = await serve({
      initialize: (response, posted) => {
        sessions += 1;
        initialize(`s${sessions}`)(response, posted);
      },
      'tools/call': (response, posted) => {
        if (posted.headers['mcp-session-id'] === 's1') response.writeHead(status).end(text);
        else good['tools/call']?.(response, posted);
      },
    });
    const connection = await connectUrl(url);
    const calls = [callBad(connection), callBad(connection)];
    expect(await Promise.all(calls)).toEqual(['fine', 'fine']);
    expect(log.filter(({ message }) => message.method === 'initialize')).toHaveLength(2);
  });

  test('and not twice', async () => {
    const { log, url } = await serve({
      initialize: initialize('s1'),
      'tools/call': (response) => response.writeHead(404).end(),
    });
    const connection = await connectUrl(url);
    await expect(callBad(connection)).rejects.toThrow('The server has forgotten the session.');
    expect(log.filter(({ message }) => message.method === 'initialize')).toHaveLength(2);
  });
});

describe('a login', () => {
  test.each([
    [
      401,
      'Bearer realm="x", error="invalid_token", error_description="expired", resource_metadata="https://a.example/.well-known/oauth-protected-resource", scope="read write"',
      {},
      'The server asks for a login (HTTP 401): expired.\nSet the variable with its token as bearer_token_env_var.',
      { resourceMetadata: 'https://a.example/.well-known/oauth-protected-resource', scope: 'read write' },
    ],
    [
      403,
      'Bearer error=insufficient_scope, scope=admin',
      { authorization: 'Bearer t0ken' },
      'The server does not accept the token (HTTP 403): insufficient_scope.\nRenew the token of bearer_token_env_var.',
      { resourceMetadata: undefined, scope: 'admin' },
    ],
    [
      401,
      '',
      {},
      'The server asks for a login (HTTP 401).\nSet the variable with its token as bearer_token_env_var.',
      { resourceMetadata: undefined, scope: undefined },
    ],
  ])('is asked for (%i %s)', async (status, challenge, headers, message, fields) => {
    const { url } = await serve({
      initialize: (response) =>
        response.writeHead(status, challenge === '' ? {} : { 'www-authenticate': challenge }).end(),
    });
    const error = await connectUrl(url, { headers }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(McpAuthError);
    expect(error).toMatchObject({ name: 'McpAuthError', message, ...fields });
  });
});

describe('a redirect', () => {
  test('is followed on the same server', async () => {
    const { log, url } = await serve({
      initialize: (response, posted) => {
        if (posted.path === '/mcp') response.writeHead(307, { location: '/mcp/' }).end();
        else initialize()(response, posted);
      },
    });
    await connectUrl(url, { headers: { Authorization: 'Bearer t0ken' } });
    expect(log.slice(0, 2).map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/mcp', 'Bearer t0ken'],
      ['/mcp/', 'Bearer t0ken'],
    ]);
  });

  test('takes nothing elsewhere, not even to another port', async () => {
    const other = await serve({});
    const { url } = await serve({
      initialize: (response) => response.writeHead(307, { location: other.url }).end(),
    });
    await expect(connectUrl(url, { headers: { Authorization: 'Bearer t0ken' } })).rejects.toThrow(
      `The server sends on to ${other.url}, which is not followed: the token might reach a stranger.\nIf you trust that address, set it as the url.`,
    );
    expect(other.log).toEqual([]);
  });

  test('does not go in circles', async () => {
    const { log, url } = await serve({
      initialize: (response) => response.writeHead(308, { location: '/mcp' }).end(),
    });
    await expect(connectUrl(url)).rejects.toThrow('The server sends on to /mcp');
    expect(log).toHaveLength(4);
  });
});

describe('a bad start', () => {
  const sse =
    '\nIt may know only the older SSE transport, which oagent does not: look for its streamable HTTP address, often the same with /mcp at the end.';
  test.each<[string, Answer, (url: string) => string]>([
    [
      '405',
      (response) => response.writeHead(405).end(),
      (url) => `The server answered with HTTP 405 at ${url}.${sse}`,
    ],
    [
      '500',
      (response) => response.writeHead(500).end('<h1>Oops</h1> t0ken-1234 <b>gone</b>'),
      (url) => `The server answered with HTTP 500 at ${url}: Oops ******** gone.`,
    ],
    [
      'a web page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      (url) => `There is a web page at ${url}, not an MCP server. Check its url.`,
    ],
    [
      'JSON that is none',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc"'),
      () => 'The server has ended its answer without a result.',
    ],
    [
      'nothing',
      (response) => response.writeHead(200).end(),
      () => 'The server has ended its answer without a result.',
    ],
    [
      'a closed connection',
      (response) => response.socket?.destroy(),
      (url) => `The server at ${url} cannot be reached: ECONNRESET.\nCheck that it runs, and its url.`,
    ],
    [
      'an answer that breaks off',
      (response) => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
          .write('{"jsonrpc"', () => {
            response.socket?.destroy();
          });
      },
      (url) => `The server at ${url} cannot be reached: ECONNRESET.\nCheck that it runs, and its url.`,
    ],
    [
      'an error in MCP',
      (response) =>
        json(
          response,
          { jsonrpc: '2.0', id: 1, error: { code: -32600, message: 'bad t0ken-1234' } },
          {},
          400,
        ),
      () => 'The server answered with an error: bad ******** (-32600)',
    ],
    [
      'another version',
      (response, { message }) => json(response, result(message.id, { protocolVersion: '1999-01-01' })),
      () =>
        'The server speaks another version of MCP: 1999-01-01.\noagent knows 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05: update whichever of the two is older.',
    ],
  ])('%s', async (_, answer, message) => {
    const { url } = await serve({ initialize: answer });
    const headers = { Authorization: 'Bearer t0ken-1234' };
    await expect(connectUrl(url, { headers })).rejects.toMatchObject({
      name: expect.stringMatching(/^Mcp/),
      message: message(url),
    });
  });

  test('silence', async () => {
    const { url } = await serve({ initialize: () => {} });
    await expect(connectUrl(url, { startupTimeoutMs: 300 })).rejects.toThrow(
      'The server has not answered in 0.3 s.',
    );
  });

  test.each(['ftp://a.example', 'a.example/mcp', ''])('the address %j', async (url) => {
    await expect(connectUrl(url)).rejects.toThrow(
      `${url} is not the address of a server: it begins with https:// or http://.`,
    );
  });

  test('nobody there; the address is shown without what is secret in it', async () => {
    const { url } = await serve({});
    const port = Number(new URL(url).port);
    await expect(connectUrl(`http://me:secret@127.0.0.1:1/mcp?key=${port}`)).rejects.toThrow(
      'The server at http://127.0.0.1:1/mcp cannot be reached: ECONNREFUSED.\nCheck that it runs, and its url.',
    );
  });
});

describe('a proxy of the environment', () => {
  test('is used for what is not on this machine, and its failures name it', async () => {
    const { log, url } = await serve({});
    const proxy = new URL(url).origin;
    vi.stubEnv('HTTP_PROXY', proxy);
    vi.stubEnv('NO_PROXY', 'direct.invalid');
    onTestFinished(() => void vi.unstubAllEnvs());
    const connection = await connectUrl('http://mcp.invalid/mcp');
    expect(await callBad(connection)).toBe('fine');
    expect(new Set(log.map(({ path }) => path))).toEqual(new Set(['http://mcp.invalid/mcp']));
    await expect(connectUrl('http://direct.invalid/mcp')).rejects.toThrow(
      'The server at http://direct.invalid/mcp cannot be reached: ',
    );
    vi.stubEnv('HTTP_PROXY', 'http://me:secret@127.0.0.1:1');
    await expect(connectUrl('http://mcp.invalid/mcp')).rejects.toThrow(
      'The server at http://mcp.invalid/mcp cannot be reached by the proxy of HTTP_PROXY (http://127.0.0.1:1): ECONNREFUSED.\nCheck that it runs, and its url.',
    );
    vi.stubEnv('HTTP_PROXY', 'socks5://127.0.0.1:1');
    await expect(connectUrl('http://mcp.invalid/mcp')).rejects.toThrow(
      'HTTP_PROXY is not the address of an HTTP proxy.\nCorrect it, or name the server in NO_PROXY.',
    );
  });
});

test('a token that no header can hold is not shown', async () => {
  const { url } = await serve({});
  await expect(connectUrl(url, { headers: { Authorization: 'Bearer t0ken\n' } })).rejects.toThrow(
    `The server at ${url} cannot be reached: Invalid character in header content ["Authorization"].\nCheck that it runs, and its url.`,
  );
});

describe('a bad answer', () => {
  const TOO_LONG =
    'The server sent an answer of more than 16 MB, which was dropped.\nAsk for less, for example for a part of it.';
  /** Sends until nobody reads it any more. */
  const endless = (response: ServerResponse, piece: string): void => {
    const more = (): void => {
      if (!response.destroyed) response.write(piece, more);
    };
    more();
  };
  const piece = 'x'.repeat(2 ** 20);
  test.each<[string, Answer]>([
    [
      'JSON without end',
      (response) => endless(response.writeHead(200, { 'content-type': 'application/json' }), piece),
    ],
    ['a line without end', (response) => endless(events(response), piece)],
    ['an event without end', (response) => endless(events(response), `data: ${piece}\n`)],
  ])('%s is refused, the server still asked', async (_, answer) => {
    const { url } = await serve({ 'tools/call': answer });
    const connection = await connectUrl(url);
    await expect(callBad(connection)).rejects.toThrow(TOO_LONG);
    expect(await connection.manifest(options)).toMatchObject({ tools: [{ name: 'bad' }] });
  });

  test('a stream that ends early', async () => {
    const { url } = await serve({ 'tools/call': (response) => events(response).end(': nothing\n\n') });
    await expect(callBad(await connectUrl(url))).rejects.toThrow(
      'The server has ended its answer without a result.',
    );
  });

  test('one that is given up is closed, and the server is told', async () => {
    const closed = vi.fn();
    const { log, url } = await serve({
      'tools/call': (response) => events(response).on('close', closed).flushHeaders(),
    });
    const connection = await connectUrl(url);
    const abort = new AbortController();
    const call = connection.call('bad', {}, { ...options, signal: abort.signal });
    await expect.poll(() => log.some(({ message }) => message.method === 'tools/call')).toBe(true);
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect.poll(() => closed.mock.calls).toHaveLength(1);
    await expect.poll(() => log.map(({ message }) => message.method)).toContain('notifications/cancelled');
  });
});

test('a server that asks back gets the whole request again, with the answers', async () => {
  const rounds: JsonObject[] = [];
  const back = {
    resultType: 'input_required',
    requestState: 'r1',
    inputRequests: { a: { method: 'elicitation/create' } },
  };
  const { url } = await serve({
    initialize: (response, { message }) =>
      json(response, { jsonrpc: '2.0', id: message.id, error: { code: -32022, message: 'no' } }, {}, 400),
    'server/discover': (response, { message }) =>
      json(response, result(message.id, { supportedVersions: ['2026-07-28'], capabilities: {} })),
    'tools/call': (response, { message }) => {
      const { _meta, ...params } = message.params as JsonObject;
      rounds.push(params);
      const { name } = params;
      json(response, result(message.id, rounds.length === 1 || name === 'ever' ? back : say('thanks')));
    },
  });
  const connection = await connectUrl(url);
  expect(await callBad(connection)).toBe('thanks');
  const own = { name: 'bad', arguments: {} };
  expect(rounds).toEqual([own, { ...own, requestState: 'r1', inputResponses: { a: { action: 'decline' } } }]);
  await expect(connection.call('ever', {}, options)).rejects.toThrow(
    'The server keeps asking back instead of answering.',
  );
});
