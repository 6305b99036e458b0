import fc from 'fast-check';
import { expect, test } from 'vitest';
import { McpServer, type ServedTool } from '../../../src/mcp/serve/mcp-server.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { LineFraming } from '../../../src/text/line-framing.ts';

const ECHO: ServedTool = {
  schema: {
    type: 'function',
    function: {
      name: 'echo',
      description: 'Say it again.',
      parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    },
  },
  isReadOnly: true,
  run: async ({ text }) => ({ ok: true, text: String(text) }),
};

const WAIT: ServedTool = {
  schema: {
    type: 'function',
    function: { name: 'wait', description: '', parameters: { type: 'object', properties: {}, required: [] } },
  },
  isReadOnly: false,
  run: (_, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ ok: false, text: 'aborted' }));
    }),
};

const BROKEN: ServedTool = {
  ...ECHO,
  schema: { ...WAIT.schema, function: { ...WAIT.schema.function, name: 'broken' } },
  run: async () => {
    throw new Error('no disk');
  },
};

function started() {
  const sent: JsonObject[] = [];
  const server = new McpServer({
    version: '1.2.3',
    instructions: 'Use it well.',
    tools: [ECHO, WAIT, BROKEN],
    send: (line) => sent.push(JSON.parse(line)),
  });
  return { server, sent, ask: (message: JsonObject) => server.take(JSON.stringify(message)) };
}

/** The answers to these messages, when all are there. */
async function answers(...messages: JsonObject[]): Promise<JsonObject[]> {
  const { server, sent, ask } = started();
  for (const message of messages) ask({ jsonrpc: '2.0', ...message });
  // A call of `wait` ends with the server, unanswered.
  await new Promise(setImmediate);
  await server.close();
  return sent;
}

const ok = (id: number, result: JsonObject) => ({ jsonrpc: '2.0', id, result });
const failed = (id: unknown, code: number, message: string) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});
const text = (said: string, isError = false) => ({ content: [{ type: 'text', text: said }], isError });

test.each([
  ['2025-11-25', '2025-11-25'],
  ['2024-11-05', '2024-11-05'],
  ['2026-07-28', '2025-11-25'],
  [7, '2025-11-25'],
])('a client of %s gets %s', async (wanted, got) => {
  expect(await answers({ id: 1, method: 'initialize', params: { protocolVersion: wanted } })).toEqual([
    ok(1, {
      protocolVersion: got,
      capabilities: { tools: {} },
      serverInfo: { name: 'oagent', version: '1.2.3' },
      instructions: 'Use it well.',
    }),
  ]);
});

test('its tools, and a call', async () => {
  const [list, call] = await answers(
    { id: 1, method: 'tools/list' },
    { id: 2, method: 'tools/call', params: { name: 'echo', arguments: { text: 'hi' } } },
  );
  expect((list as { result: { tools: unknown[] } }).result.tools[0]).toEqual({
    name: 'echo',
    description: 'Say it again.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    annotations: { readOnlyHint: true },
  });
  expect(call).toEqual(ok(2, text('hi')));
});

test.each<[string, JsonObject, JsonObject]>([
  ['an unknown method', { id: 1, method: 'x/y' }, failed(1, -32601, 'there is no method x/y')],
  [
    'an unknown tool',
    { id: 'a', method: 'tools/call', params: { name: 'nope' } },
    failed('a', -32602, 'there is no tool nope: there are echo, wait, broken'),
  ],
  [
    'arguments that are none',
    { id: 1, method: 'tools/call', params: { name: 'echo', arguments: 'x' } },
    failed(1, -32602, 'arguments is not an object'),
  ],
  [
    'a tool that throws',
    { id: 1, method: 'tools/call', params: { name: 'broken' } },
    ok(1, text('the tool failed: no disk', true)),
  ],
  ['no method', { id: 1 }, failed(1, -32600, 'method is not a text')],
  ['an id that is none', { id: null, method: 'ping' }, failed(null, -32600, 'id is not a text or a number')],
])('%s', async (_, message, answer) => {
  expect(await answers(message)).toEqual([answer]);
});

test('a missing argument is an answer that teaches, not an error of the protocol', async () => {
  const [answer] = await answers({ id: 1, method: 'tools/call', params: { name: 'echo' } });
  expect(answer).toMatchObject({ id: 1, result: { isError: true } });
  expect(JSON.stringify(answer)).toContain('text');
});

test('a notification gets no answer, nor does an answer that nobody asked for', async () => {
  expect(await answers({ method: 'notifications/initialized' }, { id: 9, result: {} })).toEqual([]);
});

test('a cancelled call gets no answer, and its id is free again', async () => {
  const { sent, ask } = started();
  ask({ id: 1, method: 'tools/call', params: { name: 'wait' } });
  ask({ id: 1, method: 'ping' });
  ask({ method: 'notifications/cancelled', params: { requestId: 1 } });
  await new Promise(setImmediate);
  ask({ id: 1, method: 'ping' });
  await new Promise(setImmediate);
  expect(sent).toEqual([failed(1, -32600, 'the id 1 is in use'), ok(1, {})]);
});

test('whatever a client sends, each line gets at most one answer, and the next request is served', async () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record(
        {
          jsonrpc: fc.constantFrom('2.0', '1.0'),
          id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
          method: fc.oneof(fc.constantFrom('ping', 'initialize', 'tools/call', 'tools/list'), fc.string()),
          params: fc.oneof(
            fc.jsonValue(),
            fc.record({ name: fc.constantFrom('echo', 'x'), arguments: fc.jsonValue() }),
          ),
        },
        { requiredKeys: [] },
      )
      .map((message) => JSON.stringify(message)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
      const { server, sent, ask } = started();
      for (const one of lines) server.take(one);
      await new Promise(setImmediate);
      await server.close();
      expect(sent.length).toBeLessThanOrEqual(lines.length);
      ask({ id: 'last', method: 'ping' });
      await new Promise(setImmediate);
      expect(sent.at(-1)).toEqual({ jsonrpc: '2.0', id: 'last', result: {} });
    }),
  );
});

/** Blank lines are no messages. */
function taking(got: string[], limit?: number): LineFraming {
  return new LineFraming(
    {
      onLine: (line) => line !== '' && got.push(line),
      onTooLong: () => got.push(`over ${limit}`),
      onTooLongEnd: () => undefined,
    },
    limit,
  );
}

test('lines come out as they went in, however the bytes are cut', () => {
  const one = fc.string({ unit: 'grapheme' }).map((said) => said.replaceAll('\n', '\u2028'));
  fc.assert(
    fc.property(fc.array(one), fc.array(fc.nat(50), { minLength: 1 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const got: string[] = [];
      const taker = taking(got);
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = 1 + (cuts[turn % cuts.length] ?? 0);
        taker.push(bytes.subarray(at, at + size));
        at += size;
      }
      taker.end();
      expect(got).toEqual(
        Buffer.from(lines.join('\n'))
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== ''),
      );
    }),
  );
});

test('a line that is too long is named once, and the next one is read', () => {
  const got: string[] = [];
  const taker = taking(got, 8);
  for (const piece of ['12345', '6789', 'more and more\nnext\n12345678\nlast'])
    taker.push(Buffer.from(piece));
  taker.end();
  expect(got).toEqual(['over 8', 'next', '12345678', 'last']);
});
