/** What terminals send, whole, cut and broken. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chordOf } from '../../../src/tui/term/keys.ts';
import { KEPT, PASTE_PIECE, type TerminalEvent, TerminalParser } from '../../../src/tui/term/parser.ts';
import { Utf8Input } from '../../../src/tui/term/utf8.ts';
import { RECORDED } from './recorded-streams.ts';

function nameOf(event: TerminalEvent): string {
  switch (event.type) {
    case 'key':
      return chordOf(event.key);
    case 'paste':
      return `<${event.text}>`;
    case 'focus':
      return event.hasFocus ? 'focus in' : 'focus out';
    case 'mouse':
      return 'mouse';
    case 'other':
      return /^\?\d+u$/.test(event.body) ? 'keyboard' : `${event.kind} ${event.body}`;
  }
}

/** Text that came in several pieces is one text. */
function joined(events: readonly TerminalEvent[]): TerminalEvent[] {
  const all: TerminalEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    const isText = event.type === 'key' && event.key.name === 'text';
    if (isText && last?.type === 'key' && last.key.name === 'text') {
      all[all.length - 1] = { type: 'key', key: { ...event.key, text: last.key.text + event.key.text } };
    } else all.push(event);
  }
  return all;
}

function eventsOf(pieces: readonly Buffer[]): TerminalEvent[] {
  const utf8 = new Utf8Input();
  const parser = new TerminalParser();
  return joined(pieces.flatMap((piece) => parser.push(utf8.decode(piece))));
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

const inBytes = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]));

test.each(RECORDED)('$from: $bytes', ({ bytes, heard }) => {
  expect(eventsOf([Buffer.from(bytes)]).map(nameOf)).toEqual(heard);
  expect(eventsOf(inBytes(Buffer.from(bytes))).map(nameOf)).toEqual(heard);
});

/** Every introducer and every end, in 7 and 8 bits, and bytes that are no text. */
const garbage = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '\x1b',
          '\x1b[',
          '\x1b]',
          '\x1bP',
          '\x1b_',
          '\x1bO',
          '\x1b\\',
          '\x1b[M',
          '\x1b[200~',
          '\x1b[201~',
          '\x07',
          ';5u',
          '1:2',
          'é',
          '👩',
        )
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom(0x8f, 0x90, 0x98, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xc3, 0xf0)
        .map((byte) => Buffer.from([byte])),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => Buffer.concat(pieces));

const recorded = fc
  .array(fc.constantFrom(...RECORDED.map(({ bytes }) => bytes)), { minLength: 1, maxLength: 6 })
  .map((streams) => Buffer.from(streams.join('')));

test('any cut of any stream, recorded or garbage, gives the same events', () => {
  fc.assert(
    fc.property(fc.oneof(recorded, garbage), fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
      const whole = eventsOf([bytes]);
      expect(eventsOf(cut(bytes, places))).toEqual(whole);
      expect(eventsOf(inBytes(bytes))).toEqual(whole);
    }),
    { numRuns: 2_000 },
  );
});

test('after garbage and an end the next key is heard', () => {
  fc.assert(
    fc.property(garbage, (bytes) => {
      const parser = new TerminalParser();
      parser.push(new Utf8Input().decode(bytes));
      parser.expire();
      expect(parser.push('x\x1b[A').map(nameOf)).toEqual(['x', 'up']);
    }),
    { numRuns: 1_000 },
  );
});

test('no string becomes a key, whatever is in it, by whichever introducer and end, in 7 or 8 bits', () => {
  const body = fc.string({
    unit: fc.oneof(fc.constantFrom('\r', '\n', '\t', '\x7f'), fc.string({ minLength: 1, maxLength: 1 })),
    maxLength: 40,
  });
  const introducer = fc.constantFrom(
    '\x1b]',
    '\x1bP',
    '\x1b_',
    '\x1b^',
    '\x1bX',
    0x9d,
    0x90,
    0x9f,
    0x9e,
    0x98,
  );
  const end = fc.constantFrom('\x07', '\x1b\\', 0x9c);
  const bytesOf = (piece: string | number): Buffer =>
    Buffer.from(typeof piece === 'string' ? piece : [piece]);
  fc.assert(
    fc.property(introducer, body, end, (first, text, last) => {
      const events = eventsOf([bytesOf(first), Buffer.from(text), bytesOf(last), Buffer.from('x')]);
      expect(events.map(({ type }) => type)).toEqual(['other', 'key']);
      expect(events.map(nameOf).at(-1)).toBe('x');
    }),
  );
});

test('sequences in 8 bits are those in 7 bits', () => {
  const eight: { readonly [seven: string]: number } = {
    '[': 0x9b,
    O: 0x8f,
    ']': 0x9d,
    P: 0x90,
    _: 0x9f,
    '\\': 0x9c,
  };
  const all = RECORDED.filter(({ bytes }) => !/\x1b(?:[^[\]OP_\\]|\[200)|half/.test(bytes));
  for (const { bytes, heard } of all) {
    const pieces = bytes
      .split(/\x1b([[\]OP_\\])/)
      .map((piece, index) => Buffer.from(index % 2 === 0 ? piece : [eight[piece] ?? 0]));
    expect(eventsOf([Buffer.concat(pieces)]).map(nameOf)).toEqual(heard);
  }
  expect(all.length).toBeGreaterThan(20);
});

test('of a sequence that never ends a bounded part is kept', () => {
  for (const introducer of ['\x1b]', '\x1bP', '\x1b_', '\x1b[', '\x1bO']) {
    const parser = new TerminalParser();
    parser.push(introducer);
    for (let piece = 0; piece < 200; piece += 1) expect(parser.push('1'.repeat(10_000))).toEqual([]);
    const [event] = parser.push(introducer === '\x1b[' || introducer === '\x1bO' ? 'A' : '\x07');
    expect(event?.type === 'other' ? event.body.length : 0).toBe(KEPT);
    expect(parser.push('x').map(nameOf)).toEqual(['x']);
  }
});

test('a paste of any length comes whole, and in pieces where it is longer than is kept', () => {
  const parser = new TerminalParser();
  const text = `${'a'.repeat(PASTE_PIECE - 1)}👩${'b'.repeat(100)}`;
  const events = parser.push(`\x1b[200~${text}\x1b[201~x`);
  const pastes = events.flatMap((event) => (event.type === 'paste' ? [event.text] : []));
  expect({ count: events.length, lengths: pastes.map(({ length }) => length) }).toEqual({
    count: 3,
    lengths: [PASTE_PIECE + 1, 100],
  });
  expect(pastes.join('') === text).toBe(true);
});

test('bytes that are no UTF-8: one sign for a broken character, and text goes on', () => {
  const heard = (...bytes: number[]): string[] => eventsOf([Buffer.from(bytes)]).map(nameOf);
  expect(heard(0x61, 0xe9, 0x62)).toEqual(['a\ufffdb']);
  expect(heard(0xf0, 0x9f, 0x91, 0x61)).toEqual(['\ufffda']);
  expect(heard(0xed, 0xa0, 0x80, 0xc0, 0x61)).toEqual(['\ufffd\ufffda']);
});
