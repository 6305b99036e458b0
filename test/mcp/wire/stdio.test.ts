import { describe, expect, test } from 'vitest';
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

describe('a bad start', () => {
  test.each([
    ['silent', 'The server has not answered in 0.5 s.'],
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
    const startupTimeoutMs = mode === 'silent' ? 500 : 30_000;
    await expect(connectFake(mode, { startupTimeoutMs })).rejects.toEqual(
      expect.objectContaining({ name: 'McpError', message }),
    );
  });
});
