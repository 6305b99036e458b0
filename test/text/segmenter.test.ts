/** The stand-in for Intl.Segmenter gives what the original gives. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { GraphemeSegmenter, isNarrow, mayBeEmojiSequence } from '../../src/text/segmenter.ts';

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

// With a mark behind it, it is no emoji of the table any more: what is left is its own width.
test('an emoji that is asked about by its own width is wide; all others are asked for in the table', () => {
  const wrong: string[] = [];
  for (let code = 0; code < 0x11_0000; code += 1) {
    const character = String.fromCodePoint(code);
    if (
      /^\p{RGI_Emoji}$/v.test(character) &&
      !mayBeEmojiSequence(character) &&
      stringWidth(`${character}\u0300`) !== 2
    )
      wrong.push(character);
    if (isNarrow(character) && stringWidth(character) !== 1) wrong.push(character);
  }
  expect(wrong).toEqual([]);
  const sequences = ['1️⃣', '❤️', '🇯🇵', '👍🏽', '👩‍💻', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'];
  expect(sequences.filter((sequence) => mayBeEmojiSequence(sequence))).toEqual(sequences);
});
