import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seekSequence } from '../../../src/tools/apply-patch/seek.ts';
import { cpuTime } from '../../support/cpu-time.ts';

describe('seekSequence', () => {
  it.each([
    ['exactly', ['a', 'b', 'c'], ['b', 'c'], 0, false, 1],
    ['from the start on', ['a', 'b', 'a'], ['a'], 1, false, 2],
    ['without trailing space', ['a', 'b  ', 'c\t'], ['b', 'c'], 0, false, 1],
    ['without surrounding space', ['    a', '\tb'], ['a', 'b  '], 0, false, 0],
    [
      'with typographic punctuation',
      ['x \u2013 \u201Cy\u201D\u00A0\u2018z\u2019'],
      ['x - "y" \'z\''],
      0,
      false,
      0,
    ],
    ['an exact place behind a looser one', [' a', 'a'], ['a'], 0, false, 1],
    ['at the end of the file only', ['a', 'b', 'a'], ['a'], 0, true, 2],
    ['nothing elsewhere with end of file', ['a', 'b'], ['a'], 0, true, undefined],
    ['nothing before the start with end of file', ['a', 'b'], ['a', 'b'], 1, true, undefined],
    ['an empty pattern at the start', ['a'], [], 1, false, 1],
    ['no pattern longer than the file', ['a'], ['a', 'b'], 0, false, undefined],
    ['nothing that is not there', ['a', 'b'], ['c'], 0, false, undefined],
  ] as const)('finds %s', (_name, lines, pattern, start, endOfFile, expected) => {
    expect(seekSequence(lines, pattern, start, endOfFile)).toBe(expected);
  });

  it('agrees with a plain search', () => {
    const line = fc.constantFrom('a', 'b', 'ab');
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.nat(5),
        (lines, pattern, start) => {
          const plain = lines.findIndex(
            (_, index) => index >= start && pattern.every((wanted, k) => lines[index + k] === wanted),
          );
          expect(seekSequence(lines, pattern, start, false)).toBe(plain === -1 ? undefined : plain);
        },
      ),
    );
  });

  it('is not slowed down by repeated lines', () => {
    const lines = Array.from({ length: 100_000 }, () => 'x');
    const pattern = [...Array.from({ length: 50_000 }, () => 'x'), 'y'];
    const seek = () => expect(seekSequence(lines, pattern, 0, false)).toBeUndefined();
    expect(cpuTime(seek)).toBeLessThan(1500);
  });
});
