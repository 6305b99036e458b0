import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { truncateText } from '../../src/context/truncate.ts';

const utf8Text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '漢', '🙂', '\u0301') });

describe('truncateText', () => {
  test('keeps a text within the budget', () => {
    expect(truncateText('x'.repeat(10_000))).toEqual({ text: 'x'.repeat(10_000), truncated: false });
    expect(truncateText('', { limitBytes: 0 })).toEqual({ text: '', truncated: false });
  });

  test('keeps head and tail, half each by default', () => {
    expect(truncateText(`${'a'.repeat(6_000)}${'b'.repeat(6_000)}`)).toEqual({
      text: `${'a'.repeat(5_000)}…2000 chars truncated…${'b'.repeat(5_000)}`,
      truncated: true,
    });
  });

  test('gives the odd byte to the tail', () => {
    expect(truncateText('abcdefgh', { limitBytes: 5 }).text).toBe('ab…3 chars truncated…fgh');
  });

  test('moves both cuts inward to character borders', () => {
    // 4 bytes each: a budget of 6 + 6 holds one whole character at each end.
    expect(truncateText('🙂🙃🙂🙃', { limitBytes: 12 }).text).toBe('🙂…2 chars truncated…🙃');
  });

  test('leaves only the marker of a budget of 0', () => {
    expect(truncateText('äb', { limitBytes: 0 })).toEqual({ text: '…2 chars truncated…', truncated: true });
  });

  test('names the full output behind the marker', () => {
    expect(truncateText('abcdef', { limitBytes: 2, fullOutputPath: '/tmp/o 1.txt' }).text).toBe(
      'a…4 chars truncated…[full output: /tmp/o 1.txt]f',
    );
  });

  test('for every text and budget: a prefix and a suffix within the budget, and the exact count', () => {
    fc.assert(
      fc.property(utf8Text, fc.nat(40), (text, limitBytes) => {
        const result = truncateText(text, { limitBytes });
        if (Buffer.byteLength(text) <= limitBytes) {
          expect(result).toEqual({ text, truncated: false });
          return;
        }
        const [, head = '', count, tail = ''] = /^(.*)…(\d+) chars truncated…(.*)$/su.exec(result.text) ?? [];
        expect(result.truncated).toBe(true);
        expect(text.startsWith(head)).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
        expect([...head].length + Number(count) + [...tail].length).toBe([...text].length);
        expect(result.text.isWellFormed()).toBe(true);
        const half = Math.floor(limitBytes / 2);
        expect(Buffer.byteLength(head)).toBeLessThanOrEqual(half);
        expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(limitBytes - half);
        // Inward by less than one character: no more is lost than must be.
        expect(Buffer.byteLength(head)).toBeGreaterThan(half - 4);
        expect(Buffer.byteLength(tail)).toBeGreaterThan(limitBytes - half - 4);
      }),
      { numRuns: 500 },
    );
  });
});
