import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/text/duration.ts';

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['1.5', 1_500],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['0', undefined],
  ['', undefined],
  ['10 m', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['5mx', undefined],
])('%j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('of any text it makes a positive number or nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0129.hms -') }), (text) => {
      const ms = parseDuration(text);
      expect(ms === undefined || (ms > 0 && Number.isFinite(ms))).toBe(true);
    }),
  );
});
