import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastThoughts } from '../../src/model/last-thoughts.ts';
import { TokenCount, thinkingCap, withLength } from '../../src/model/thinking-cap.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 40 });
const rooms = fc.integer({ min: 2, max: 8_192 });

test('half of the answer, and less for a model that has always needed far less', () => {
  const eight = (tokens: number) => Array.from({ length: 8 }, () => tokens);
  expect([
    thinkingCap(8_192, []),
    thinkingCap(8_192, eight(100).slice(1)),
    thinkingCap(8_192, eight(100)),
    thinkingCap(8_192, [...eight(100), 900]),
    thinkingCap(8_192, [...eight(100), 3_000]),
    thinkingCap(8_192, eight(100), 6_000),
    thinkingCap(8_192, eight(100), 0),
  ]).toEqual([4_096, 4_096, 512, 1_800, 4_096, 6_000, 512]);
});

test('never more than half of the answer, never less than was needed as far as that allows', () => {
  fc.assert(
    fc.property(rooms, lengths, (room, known) => {
      const half = Math.floor(room / 2);
      const cap = thinkingCap(room, known);
      expect(cap).toBeLessThanOrEqual(half);
      expect(cap).toBeGreaterThanOrEqual(Math.min(half, ...known));
      expect(cap).toBeGreaterThanOrEqual(Math.min(half, Math.max(0, ...known)));
    }),
  );
});

test('a model that is stopped again and again gets more each time, until it has its half', () => {
  fc.assert(
    fc.property(rooms, lengths, (room, known) => {
      let now: readonly number[] = known;
      let cap = thinkingCap(room, now);
      for (let stop = 0; stop < 8; stop += 1) {
        now = withLength(now, cap + 1);
        const next = thinkingCap(room, now);
        if (now.length >= 8) expect(next).toBeGreaterThanOrEqual(Math.min(cap, Math.floor(room / 2)));
        cap = next;
      }
      for (let stop = 0; stop < 8; stop += 1) {
        now = withLength(now, cap + 1);
        cap = thinkingCap(room, now);
      }
      expect(cap).toBe(Math.floor(room / 2));
    }),
  );
});

test('the last twenty lengths are kept', () => {
  fc.assert(
    fc.property(lengths, fc.nat(), (known, tokens) => {
      expect(withLength(known, tokens)).toEqual([...known, tokens].slice(-20));
    }),
  );
});

test('a count only grows; it is at least the pieces and at most the bytes', () => {
  const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 60 });
  fc.assert(
    fc.property(pieces, fc.double({ min: 1, max: 12, noNaN: true }), (texts, bytesPerToken) => {
      const count = new TokenCount(bytesPerToken);
      let before = 0;
      for (const text of texts) {
        count.add(text);
        expect(count.tokens).toBeGreaterThanOrEqual(before);
        before = count.tokens;
      }
      expect(count.tokens).toBeGreaterThanOrEqual(texts.filter((text) => text !== '').length);
      expect(count.tokens).toBeLessThanOrEqual(Buffer.byteLength(texts.join('')) + texts.length);
    }),
  );
});

test('however a text is cut into pieces of several tokens, its bytes count', () => {
  const count = new TokenCount(4);
  for (const piece of ['a'.repeat(400), 'b'.repeat(400)]) count.add(piece);
  expect(count.tokens).toBe(200);
});

test('the last thoughts are whole lines, or whole words of a long one', () => {
  const line = (name: string, length: number): string => `${name} ${'x'.repeat(length)}.`;
  expect(lastThoughts(`${line('one', 300)}\n\n${line('two', 300)}\n  \n${line('three', 200)}\n`)).toBe(
    `${line('two', 300)}\n${line('three', 200)}`,
  );
  expect(lastThoughts(`${'word '.repeat(300)}end`)).toMatch(/^word (?:word )+end$/);
  expect(lastThoughts('short\n')).toBe('short');
});

test('the last thoughts of any text are a part of it, and short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (thinking) => {
      const last = lastThoughts(thinking);
      expect(last.length).toBeLessThanOrEqual(600);
      for (const one of last.split('\n')) expect(thinking).toContain(one);
    }),
  );
});
