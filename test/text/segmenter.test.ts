/** The stand-in for Intl.Segmenter gives what the original gives. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { GraphemeSegmenter, isNarrow } from '../../src/text/segmenter.ts';

const original = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ours = new GraphemeSegmenter();
const easy = fc.string({
  unit: fc.integer({ min: 0, max: 0x2600 }).map((code) => String.fromCharCode(code)),
});
const plain = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '\t', '\x1b', '·', '…', '│', '›', 'é', '■'),
});
const texts = fc.oneof(easy, plain, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

test('segments are those of Intl.Segmenter', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: -1, max: 12 }), (text, at) => {
      const segments = ours.segment(text);
      expect([...segments]).toEqual([...original.segment(text)]);
      expect(segments.containing(at)).toEqual(original.segment(text).containing(at));
    }),
  );
});

test('every single character, and every pair with a letter', () => {
  const differs: number[] = [];
  for (let code = 0; code < 0x10_000; code += 1) {
    const text = `a${String.fromCharCode(code)}a`;
    const segments = [...ours.segment(text)].map(({ segment }) => segment);
    if (segments.join('|') !== [...original.segment(text)].map(({ segment }) => segment).join('|'))
      differs.push(code);
    if (isNarrow(text) && stringWidth(text) !== 3) differs.push(code);
  }
  expect(differs).toEqual([]);
});
