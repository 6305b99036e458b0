import { describe, expect, test } from 'vitest';
import { isAlive } from '../../tools/tool-context.ts';
import { callBad, connectFake, options, seenBy, textOf } from './connect.ts';

const said = (text: string) => ({ content: [{ type: 'text', text }], structured: undefined, isError: false });

describe('a good server', () => {
  test('is told who calls, and that it is ready', async () => {
    const connection = await connectFake('good');
    expect(textOf(await connection.call('echo', { a: 1 }, options))).toBe('{"a":1}');
    const seen = await seenBy(connection);
    expect(seen.slice(0, 3)).toEqual([
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'oagent', version: '1.2.3' },
        },
      },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: { a: 1 } } },
    ]);
  });

  test('has a manifest', async () => {
    const connection = await connectFake('good');
    const tool = (name: string) => ({
      name,
      description: '',
      inputSchema: { type: 'object' },
      isReadOnly: false,
    });
    expect(await connection.manifest(options)).toEqual({
      server: { name: 'good', version: '1' },
      protocolVersion: '2025-11-25',
      instructions: '',
      tools: ['seen', 'echo', 'bad'].map(tool),
      prompts: [],
      resources: [],
      notes: [],
    });
  });

  test('is told when nobody waits any more', async () => {
    const connection = await connectFake('late');
    const abort = new AbortController();
    const call = connection.call('bad', {}, { ...options, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    const seen = await seenBy(connection);
    expect(seen).toContainEqual({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 2, reason: 'the user or a time limit' },
    });
  });

  test('says how far it is, which gives it more time', async () => {
    const connection = await connectFake('slow');
    const told: string[] = [];
    const result = await connection.call(
      'bad',
      {},
      { ...options, timeoutMs: 20_000, onProgress: (text) => told.push(text) },
    );
    expect(result).toEqual(said('done'));
    expect(told).toEqual(['step 1', '2 of 8', 'step 3', '4 of 8', 'step 5', '6 of 8', 'step 7', '8 of 8']);
  });

  test('may ask for little', async () => {
    const connection = await connectFake('asks', { cwd: '/' });
    const refused = { code: -32601, message: 'Method not found' };
    expect(JSON.parse(await callBad(connection))).toEqual([
      {},
      { roots: [{ uri: 'file:///' }] },
      { action: 'decline' },
      refused,
    ]);
  });

  test.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('may speak %s', async (version) => {
    const connection = await connectFake(`version ${version}`);
    expect(await connection.manifest(options)).toMatchObject({ protocolVersion: version });
  });
});

test('a server that says which versions it knows is asked in one of them', async () => {
  const connection = await connectFake('supports 2024-11-05');
  expect(await connection.manifest(options)).toMatchObject({ protocolVersion: '2024-11-05' });
});

describe('a bad start', () => {
  test.each([
    ['silent', 'The server has not answered in 0.5 s.'],
    [
      'noisy-silent',
      'The server has not answered in 3 s.\nIts stdout has text that is not MCP: Welcome!\nIts last words: warning: slow disk',
    ],
    [
      'supports 2023-01-01',
      'The server speaks another version of MCP: 2023-01-01.\noagent knows 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05: update whichever of the two is older.',
    ],
    [
      'knows-nothing',
      'The server knows neither initialize nor server/discover: it does not seem to speak MCP. Check its command or url.',
    ],
    ['dies-at-start', 'The server has ended (exit code 3).\nIts last words: Error: API_KEY is missing'],
    [
      'version 2023-01-01',
      'The server speaks another version of MCP: 2023-01-01.\noagent knows 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05: update whichever of the two is older.',
    ],
    [
      'no-version',
      'The server speaks another version of MCP: no version that it names.\noagent knows 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05: update whichever of the two is older.',
    ],
    [
      'only-noise',
      'The server printed 1000 lines in a row that are not MCP and was stopped.\nIts stdout has text that is not MCP: la la',
    ],
  ])('%s', async (mode, message) => {
    const startupTimeoutMs = { silent: 500, 'noisy-silent': 3_000 }[mode] ?? 30_000;
    await expect(connectFake(mode, { startupTimeoutMs })).rejects.toEqual(
      expect.objectContaining({ name: 'McpError', message }),
    );
  });
});

const TOO_LONG =
  'The server sent an answer of more than 16 MB, which was dropped.\nAsk for less, for example for a part of it.';

describe('a bad answer', () => {
  test.each([
    ['huge', TOO_LONG],
    ['huge-id-first', TOO_LONG],
    ['deep', 'The server sent an answer that is nested too deeply.'],
    ['refuses', 'The server answered with an error: no such tool (-32602)'],
    ['no-result', 'The server sent an answer whose result is not an object.'],
    ['no-id', 'The server answered with an error: Parse error (-32700)'],
  ])('%s: the call fails, the server is still there', async (mode, message) => {
    const connection = await connectFake(mode);
    const other = connection.call('echo', { other: true }, options);
    expect(await other).toEqual(said('{"other":true}'));
    await expect(callBad(connection)).rejects.toMatchObject({ message });
    expect(await connection.call('echo', {}, options)).toEqual(said('{}'));
  });

  test.each([
    ['late', 'The server has not answered in 0.3 s.'],
    [
      'wrong-id',
      'The server has not answered in 0.3 s.\nIt answered a request that was never made or is over: id 1002.',
    ],
  ])('%s', async (mode, message) => {
    const connection = await connectFake(mode);
    await expect(callBad(connection, 300)).rejects.toMatchObject({ message });
    expect(await connection.call('echo', {}, options)).toEqual(said('{}'));
  });

  test.each([
    ['twice', 'first'],
    ['text-id', 'as text'],
    ['batch', 'batched'],
    ['invalid-utf8', 'a\ufffd\ufffdb'],
    ['separators', 'one\u2028two\u2029three'],
    ['noisy', 'undefined'],
  ])('%s: the answer is taken', async (mode, text) => {
    const connection = await connectFake(mode);
    if (mode !== 'noisy') expect(await callBad(connection)).toBe(text);
    expect(await connection.call('echo', { b: 2 }, options)).toEqual(said('{"b":2}'));
  });

  test('arguments that are nested too deeply are not sent', async () => {
    const connection = await connectFake('good');
    let args = {};
    for (let level = 0; level < 100_000; level += 1) args = { args };
    await expect(connection.call('echo', args, options)).rejects.toMatchObject({
      name: 'McpError',
      message: 'What the server was to be sent is nested too deeply.',
    });
    expect(await connection.call('echo', {}, options)).toEqual(said('{}'));
  });

  test('a server that does not read is not sent more', async () => {
    const connection = await connectFake('deaf');
    await callBad(connection);
    const large = { text: 'x'.repeat(17 * 2 ** 20) };
    const first = connection.call('echo', large, { ...options, timeoutMs: 1_000 });
    await expect(connection.call('echo', {}, options)).rejects.toThrow(
      'The server does not read what it is sent.',
    );
    await expect(first).rejects.toThrow('The server has not answered in 1 s.');
  });

  test('a flood of notifications is told once, until the tools are asked for', async () => {
    const connection = await connectFake('flood');
    let told = 0;
    connection.onToolsChanged(() => {
      told += 1;
    });
    expect(await callBad(connection)).toBe('after the flood');
    expect(told).toBe(1);
    await connection.manifest(options);
    await callBad(connection);
    expect(told).toBe(2);
  });

  test('of two calls the one is refused whose answer is too long', async () => {
    const connection = await connectFake('huge');
    const [bad, echo] = await Promise.allSettled([callBad(connection), connection.call('echo', {}, options)]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: TOO_LONG } });
    expect(echo).toEqual({ status: 'fulfilled', value: said('{}') });
  });
});

describe('an end', () => {
  test.each([
    ['dies', 'The server has ended (exit code 1).\nIts last words: panic: out of cheese error'],
    ['dies-silently', 'The server has ended (SIGKILL).'],
    ['closes-stdout', 'The server has closed its stdout.'],
    ['endless', 'The server sent a line of more than 128 MB and was stopped.'],
  ])('%s: every call fails, now and later, and the end is told', async (mode, message) => {
    const connection = await connectFake(mode);
    const reasons: string[] = [];
    const ended = new Promise<void>((resolve) => {
      connection.onEnd((reason) => {
        reasons.push(reason);
        resolve();
      });
    });
    const first = await callBad(connection).catch(({ message: text }) => text);
    expect(first).toBe(message);
    await ended;
    await expect(callBad(connection)).rejects.toMatchObject({ name: 'McpError', message });
    await connection.close();
    expect(reasons).toEqual([message]);
  });

  test('is told to one who asks later, too', async () => {
    const connection = await connectFake('dies-silently');
    await callBad(connection).catch(() => undefined);
    const reason = await new Promise<string>((resolve) => connection.onEnd(resolve));
    expect(reason).toBe('The server has ended (SIGKILL).');
  });

  test('a closed connection says so, and its end is not told', async () => {
    const connection = await connectFake('good');
    connection.onEnd((reason) => expect.unreachable(reason));
    const waiting = connection.call('seen', {}, options);
    const closing = connection.close();
    await expect(waiting).rejects.toThrow('The connection to the server is closed.');
    await closing;
    await connection.close();
    await expect(callBad(connection)).rejects.toThrow('The connection to the server is closed.');
  });

  test('leaves no process, not even a stubborn one or one in a session of its own', async () => {
    const connection = await connectFake('children');
    const { tools } = await connection.manifest(options);
    const pids = tools.map(({ name }) => Number(name));
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    await connection.close();
    expect(pids.map(isAlive)).toEqual([false, false, false]);
  });

  test('a start that is given up leaves no process', async () => {
    const abort = new AbortController();
    const pids: number[] = [];
    const onStatus = (text: string): void => {
      pids.push(Number(text));
      abort.abort(new Error('enough'));
    };
    await expect(connectFake('stubborn', { signal: abort.signal, onStatus })).rejects.toThrow('enough');
    expect(pids.map(isAlive)).toEqual([false]);
    await expect(connectFake('good', { signal: abort.signal })).rejects.toThrow('enough');
  });
});

test('the start is told in words of the server, and its log is kept', async () => {
  const told: string[] = [];
  await connectFake('dies-at-start', { onStatus: (text) => told.push(text) }).catch(() => undefined);
  expect(told).toEqual(['reading the key', 'Error: API_KEY is missing', '    at start (server.js:1:1)']);
});

describe('lists', () => {
  const namesOf = async (mode: string) => {
    const { tools, notes } = await (await connectFake(mode)).manifest(options);
    return { names: tools.map(({ name }) => name), notes };
  };
  const why = 'without a name that can be shown, a second time, or too many.';

  test('are asked for page by page', async () => {
    expect(await namesOf('pages')).toEqual({ names: ['t0', 't1', 't2', 't3', 't4', 't5'], notes: [] });
  });

  test('that never end do', async () => {
    const { names, notes } = await namesOf('pages 1000000 1');
    expect(names).toHaveLength(100);
    expect(notes).toEqual([
      `Of the server's tools 100 are used; 0 are left out, and more that it was not asked for: ${why}`,
    ]);
    expect(await namesOf('same-cursor')).toMatchObject({ names: ['only'] });
  });

  test('that are too long are cut', async () => {
    const { names, notes } = await namesOf('pages 1 3000');
    expect(names).toHaveLength(2_000);
    expect(notes).toEqual([`Of the server's tools 2000 are used; 1000 are left out: ${why}`]);
  });

  test('lose what is not in form', async () => {
    expect(await namesOf('odd-tools')).toEqual({
      names: ['b', 'a'],
      notes: [`Of the server's tools 2 are used; 8 are left out: ${why}`],
    });
  });
});
