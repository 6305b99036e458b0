/** Whatever a server may send: in any pieces, and any JSON. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { McpContent } from '../../../src/mcp/connection.ts';
import type { Outgoing } from '../../../src/mcp/wire/carrier.ts';
import { McpError } from '../../../src/mcp/wire/mcp-error.ts';
import { Peer } from '../../../src/mcp/wire/peer.ts';
import { ServerSession } from '../../../src/mcp/wire/server-session.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { LineFraming } from '../../../src/text/line-framing.ts';
import { EventReader } from '../../../src/text/sse.ts';
import { anyText } from '../../support/any-text.ts';
import { options } from './connect.ts';

/** The bytes in pieces, the cuts anywhere. */
function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const someCuts = fc.array(fc.nat(1_000), { maxLength: 12 });

describe('lines', () => {
  const LIMIT = 500;
  const framed = (pieces: readonly Buffer[]) => {
    const seen: string[] = [];
    const framing = new LineFraming(
      {
        onLine: (line) => seen.push(`line ${line}`),
        onTooLong: (beginning) => seen.push(`from ${beginning}`),
        onTooLongEnd: (end) => seen.push(`to ${end}`),
      },
      LIMIT,
    );
    for (const piece of pieces) framing.push(piece);
    const { openLength } = framing;
    framing.end();
    return { seen, openLength };
  };
  const line = fc.oneof(
    anyText(20).map((text) => text.replaceAll('\n', '\r\u2028')),
    fc
      .integer({ min: LIMIT - 3, max: LIMIT + 700 })
      .map((length) => 'abcdefghij'.repeat(121).slice(0, length)),
  );

  test('are the same however they come', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), someCuts, (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'));
        const expected = (lines.length === 0 ? [''] : lines).flatMap((text) => {
          const own = Buffer.from(text);
          if (own.length <= LIMIT) return [`line ${own}`];
          return [`from ${own.subarray(0, 200)}`, `to ${own.subarray(-200)}`];
        });
        expect(framed(inPieces(bytes, cuts))).toEqual({
          seen: expected,
          openLength: Buffer.byteLength(lines.at(-1) ?? ''),
        });
      }),
    );
  });

  test('byte by byte take no more memory than their bytes', () => {
    const byte = Buffer.from('x');
    const lines: number[] = [];
    const framing = new LineFraming({
      onLine: ({ length }) => lines.push(length),
      onTooLong: () => {},
      onTooLongEnd: () => {},
    });
    for (let count = 0; count < 2_000_000; count += 1) framing.push(byte);
    framing.end();
    expect(lines).toEqual([2_000_000]);
  });
});

describe('events', () => {
  const messages = (pieces: readonly Buffer[]): string[] => {
    const seen: string[] = [];
    const reader = new EventReader(
      { onMessage: (data) => seen.push(data), onTooLong: () => seen.push('too long') },
      10_000,
    );
    for (const piece of pieces) reader.push(piece);
    return seen;
  };
  const event = fc.record({
    data: anyText(30).map((text) => text.replace(/[\r\n]+/g, ' ')),
    end: fc.constantFrom('\n', '\r\n'),
    space: fc.constantFrom('', ' '),
    before: fc.constantFrom('', ': a comment', 'id: 7', 'retry: 10', 'event: message', 'data', 'nonsense'),
  });

  test('are the same however they come', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), someCuts, (sent, cuts) => {
        const text = sent.map(({ data, end, space, before }) => {
          const first = before === '' ? '' : `${before}${end}`;
          return `${first}data:${space}${data.startsWith(' ') ? 'x' : ''}${data}${end}${end}`;
        });
        const expected = sent
          .map(
            ({ data, before }) => `${before === 'data' ? '\n' : ''}${data.startsWith(' ') ? 'x' : ''}${data}`,
          )
          .filter((data) => data !== '')
          .map((data) => Buffer.from(data).toString());
        expect(messages(inPieces(Buffer.from(text.join('')), cuts))).toEqual(expected);
      }),
    );
  });

  test('that never end are over the limit, even of empty lines', () => {
    expect(messages([Buffer.from('data:\n'.repeat(10_001))])).toEqual(['too long']);
  });

  test('any bytes are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), someCuts, (bytes, cuts) => {
        messages(inPieces(Buffer.from(bytes), cuts));
      }),
    );
  });
});

/** A server of which each answer is what the test says. */
function serverThat(answer: (message: Outgoing) => unknown) {
  const peer: Peer = new Peer(
    {
      carry: async (message) => {
        peer.receive(answer(message));
        return 'method' in message && 'id' in message;
      },
    },
    { onNotification: () => {}, answer: () => undefined },
  );
  const capabilities = { tools: {}, prompts: {}, resources: {} };
  const era = {
    version: '2025-11-25',
    isStateless: false,
    capabilities,
    server: { name: '', version: '' },
    instructions: '',
  };
  return { peer, session: new ServerSession(peer, era, { version: '1' }) };
}

/** JSON with the words of the protocol in it. */
const words = [
  'type',
  'text',
  'content',
  'data',
  'mimeType',
  'uri',
  'name',
  'resource',
  'blob',
  'tools',
  'prompts',
  'resources',
  'messages',
  'contents',
  'nextCursor',
  'structuredContent',
  'isError',
  'resultType',
  'inputRequests',
  'arguments',
  'error',
  'code',
  'message',
  'result',
  'id',
  'method',
  'params',
  'progressToken',
  'image',
  'input_required',
];
const { tree: anyJson } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(null, true, 0, 1, 2, '', ...words),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 6, noNullPrototype: true }),
  ),
}));
const anyObject = fc.dictionary(fc.constantFrom(...words), anyJson, { maxKeys: 6, noNullPrototype: true });

const isPart = (part: McpContent): boolean => {
  if (part.type === 'text') return typeof part.text === 'string';
  if (part.type === 'link') return typeof part.uri === 'string' && typeof part.name === 'string';
  return typeof part.data === 'string' && typeof part.mimeType === 'string';
};

describe('any JSON', () => {
  test('as a result gives a value or an McpError', async () => {
    await fc.assert(
      fc.asyncProperty(anyObject, async (result) => {
        const { session } = serverThat(({ id }) => ({ jsonrpc: '2.0', id, result }));
        const refused = (error: unknown): undefined => {
          expect(error).toBeInstanceOf(McpError);
          return undefined;
        };
        const called = await session.call('t', {}, options).catch(refused);
        expect(called?.content.every(isPart) ?? true).toBe(true);
        const read = await session.resource('u', options).catch(refused);
        expect(read?.every(isPart) ?? true).toBe(true);
        expect(typeof ((await session.prompt('p', {}, options).catch(refused)) ?? '')).toBe('string');
        const manifest = await session.manifest(options).catch(refused);
        expect(
          manifest?.tools.every(({ name, description }) => typeof `${name}${description}` === 'string') ??
            true,
        ).toBe(true);
      }),
    );
  });

  test('as a message settles a request at most once, and nothing is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJson, { maxLength: 5 }), async (messages) => {
        const { peer, session } = serverThat(({ id }) => [...messages, { jsonrpc: '2.0', id, result: {} }]);
        const outcome = await session.call('t', {}, options).catch((error: unknown) => error);
        const isResult = outcome instanceof McpError || (outcome as JsonObject).isError !== undefined;
        expect(isResult).toBe(true);
        for (const message of messages) peer.receive(message);
      }),
    );
  });
});

test('a result whose parts are all odd loses nothing of them', async () => {
  const content = [
    'plain',
    7,
    { type: 'video', frames: [1] },
    { type: 'resource', resource: { uri: 'a://b', mimeType: 'application/zip', blob: 'AAAA' } },
    { type: 'resource', resource: { uri: 'a://c', mimeType: 'image/png', blob: 'AAAA' } },
    { type: 'resource', resource: {} },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'a://d', name: 'd' },
  ];
  const { session } = serverThat(({ id }) => ({ jsonrpc: '2.0', id, result: { content } }));
  expect(await session.call('t', {}, options)).toEqual({
    content: [
      { type: 'text', text: 'plain' },
      { type: 'text', text: '7' },
      { type: 'text', text: '{"type":"video","frames":[1]}' },
      { type: 'link', uri: 'a://b', name: 'application/zip, 3 bytes' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'text', text: '{}' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'link', uri: 'a://d', name: 'd' },
    ],
    structured: undefined,
    isError: false,
  });
});
