/** How long the rest of something is waited for, and what becomes of it. */
import { expect, test } from 'vitest';
import { ESCAPE_MS, KeyReader } from '../../../src/tui/term/key-reader.ts';
import { chordOf } from '../../../src/tui/term/keys.ts';
import { TestClock } from '../../support/test-clock.ts';
import { RECORDED } from './recorded-streams.ts';

interface Reading {
  readonly clock: TestClock;
  readonly read: (bytes: string | Buffer) => void;
  readonly reset: () => void;
  readonly heard: string[];
}

function reading(): Reading {
  const heard: string[] = [];
  const clock = new TestClock();
  const reader = new KeyReader(
    {
      onKey: (key) => heard.push(chordOf(key)),
      onPaste: (text) => heard.push(`<${text}>`),
      onFocus: (hasFocus) => heard.push(hasFocus ? 'focus in' : 'focus out'),
      onKeyboard: () => heard.push('keyboard'),
    },
    clock,
  );
  return { clock, heard, read: (bytes) => reader.read(bytes), reset: () => reader.reset() };
}

/** What a reader hears of these pieces, with this long between them, and long after. */
function heardOf(ms: number, ...pieces: readonly (string | Buffer)[]): string[] {
  const { clock, read, heard } = reading();
  for (const piece of pieces) {
    read(piece);
    clock.pass(ms);
  }
  clock.pass(60_000);
  expect(clock.pending).toBe(0);
  return heard;
}

test('an escape alone is the key, soon; without anything unfinished no timer runs', () => {
  const { clock, read, heard } = reading();
  read('a\x1b[A');
  expect(clock.pending).toBe(0);
  read('\x1b');
  clock.pass(ESCAPE_MS - 1);
  expect(heard).toEqual(['a', 'up']);
  clock.pass(1);
  expect({ heard, pending: clock.pending }).toEqual({ heard: ['a', 'up', 'escape'], pending: 0 });
  expect(heardOf(1, '\x1b', '\x1b')).toEqual(['escape', 'escape']);
  expect(heardOf(200, '\x1b', '\x1b', 'b')).toEqual(['escape', 'escape', 'b']);
  expect(heardOf(1, '\x1b', '\x1b', '\x1b', '[A')).toEqual(['escape', 'alt+up']);
});

test('a timer that was held up reads first what came meanwhile', () => {
  const scheduled: { readonly callback: () => void; readonly ms: number }[] = [];
  let now = 0;
  const heard: string[] = [];
  const ignored = (): void => undefined;
  const reader = new KeyReader(
    { onKey: (key) => heard.push(chordOf(key)), onPaste: ignored, onFocus: ignored, onKeyboard: ignored },
    {
      now: () => now,
      schedule: (callback, ms) => {
        scheduled.push({ callback, ms });
        return ignored;
      },
    },
  );
  reader.read('\x1b');
  now = 400;
  scheduled[0]?.callback();
  reader.read('[A');
  expect({ heard, waits: scheduled.map(({ ms }) => ms) }).toEqual({ heard: ['up'], waits: [ESCAPE_MS, 1] });
});

/** Of these the part after the escape cannot be told from what a user may type after Escape; or they never end. */
const isAmbiguous = (bytes: string): boolean =>
  /\x1b(?:[^[\]OP_\x1b]|O[a-y]|\[[a-z[]|\[M|\x1b)|half|\x1b\[12\x07/.test(bytes);

test('a sequence cut in two with 150 ms between is the same, wherever it is cut', () => {
  for (const { bytes } of RECORDED.filter((stream) => !isAmbiguous(stream.bytes))) {
    for (const sequence of bytes.split(/(?<!\x1b\[200~.*)(?=\x1b(?!\\))/s)) {
      const whole = heardOf(0, sequence);
      const all = Buffer.from(sequence);
      for (let at = 1; at < all.length; at += 1) {
        const heard = heardOf(150, all.subarray(0, at), all.subarray(at));
        // The escape itself was a key by then.
        const wanted = at === 1 && sequence.startsWith('\x1b') ? ['escape', ...whole] : whole;
        expect({ sequence, at, heard: mergedText(heard) }).toEqual({
          sequence,
          at,
          heard: mergedText(wanted),
        });
      }
    }
  }
});

const NAMED =
  /^(?:<|\S+\+\S|up$|down$|left$|right$|home$|end$|page|delete$|tab$|enter$|backspace$|escape$|focus|keyboard$)/;

function mergedText(heard: readonly string[]): string[] {
  const all: string[] = [];
  for (const name of heard) {
    const last = all.at(-1);
    if (last !== undefined && !NAMED.test(last) && !NAMED.test(name)) all[all.length - 1] = last + name;
    else all.push(name);
  }
  return all;
}

test('what of a sequence never comes is dropped, and what is typed after that is heard', () => {
  for (const part of [
    '\x1b[',
    '\x1b]',
    '\x1bP',
    '\x1b_',
    '\x1bX',
    '\x1bO',
    '\x1b[20',
    '\x1b]11;rgb:1e',
    '\x1b]0;x\x1b',
    '\x1b[M!',
    '\xc3',
  ]) {
    expect({ part, heard: heardOf(6_000, Buffer.from(part, 'latin1'), 'x', '\r') }).toEqual({
      part,
      heard: ['x', 'enter'],
    });
  }
  // Alt with a bracket is soon over.
  expect(heardOf(1_100, '\x1b]', 'hello')).toEqual(['hello']);
  expect(heardOf(1_100, '\x1b]hel', 'lo')).toEqual(['lo']);
  expect(heardOf(10, '\x1b]11;rgb', '\x03')).toEqual(['ctrl+c']);
});

test('text after Escape is text', () => {
  for (const text of ['[', ']', 'O', 'P', '_', '[x', 'OK', 'Press', '[]', '_x', '[ ] todo']) {
    expect(heardOf(150, '\x1b', text)).toEqual(['escape', text]);
  }
  expect(heardOf(1_100, '\x1b', '[1A')).toEqual(['escape', '[1A']);
});

test('a paste is held until its end, however late; Ctrl+C ends one that has stalled', () => {
  expect(heardOf(3_000, '\x1b[20', '0~first\r', 'second\r\x1b[20', '1~x')).toEqual([
    '<first\rsecond\r>',
    'x',
  ]);
  expect(
    heardOf(3_000, '\x1b[200~é'.slice(0, 6), Buffer.from([0xc3]), Buffer.from([0xa9]), '\x1b[201~'),
  ).toEqual(['<é>']);
  expect(heardOf(150, '\x1b', '[200~rm -rf /\rls\rpwd\rexit\r', '\x1b[201~')).toEqual([
    'escape',
    '<rm -rf /\rls\rpwd\rexit\r>',
  ]);
  expect(heardOf(100, '\x1b[200~a', '\x03', 'b\x1b[201~')).toEqual(['<a\x03b>']);
  expect(heardOf(1_500, '\x1b[200~a', '\x03', 'b')).toEqual(['<a>', 'b']);
  // Whoever is in a hurry presses it again.
  expect(heardOf(100, '\x1b[200~a', '\x03', '\x03', '\x03')).toEqual(['<a\x03>', 'ctrl+c']);
  expect(heardOf(100, '\x1b[200~a', '\x03', 'b', '\x03', 'c\x1b[201~')).toEqual(['<a\x03b\x03c>']);
});

test('without marks, what comes immediately after many lines is the rest of the paste', () => {
  const lines = '1\r2\r3\r4';
  expect(heardOf(5, lines, '5\r', '\r')).toEqual([`<${lines}>`, '<5\r>', '<\r>']);
  expect(heardOf(25, lines, '5\r')).toEqual([`<${lines}>`, '5', 'enter']);
  expect(heardOf(5, lines, '\x1b[A', '5\r')).toEqual([`<${lines}>`, 'up', '5', 'enter']);
  expect(heardOf(5, lines, '\x03', '5\r')).toEqual([`<${lines}>`, 'ctrl+c', '5', 'enter']);
});

test('another program reads the rest of what was unfinished', () => {
  for (const part of ['\x1b', '\x1b]11;rgb', '\x1b[200~text', '\xc3']) {
    const { clock, read, reset, heard } = reading();
    read(Buffer.from(part, 'latin1'));
    reset();
    clock.pass(60_000);
    read('x');
    expect({ part, heard, pending: clock.pending }).toEqual({ part, heard: ['x'], pending: 0 });
  }
});
