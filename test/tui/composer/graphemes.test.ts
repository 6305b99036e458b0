import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  nextBoundary,
  previousBoundary,
  snapToBoundary,
  splitGraphemes,
} from '../../../src/tui/composer/graphemes.ts';
import { hostileText } from './texts.ts';

/** The borders by looking at the whole text. */
function borders(text: string): number[] {
  const all = [0];
  for (const piece of text.split(/(\ufdd0[\ue000-\uf8ff])/)) {
    const pieces = piece.startsWith('\ufdd0')
      ? [piece]
      : [...new Intl.Segmenter().segment(piece)].map(({ segment }) => segment);
    for (const { length } of pieces) all.push((all.at(-1) ?? 0) + length);
  }
  return [...new Set(all)];
}

test('what a reader takes for one character is one piece', () => {
  expect(splitGraphemes('a👩‍💻🇨🇭🇩🇪e\u0301\ufdd0\ue000\u0301한')).toEqual([
    'a',
    '👩‍💻',
    '🇨🇭',
    '🇩🇪',
    'e\u0301',
    '\ufdd0\ue000',
    '\u0301',
    '한',
  ]);
});

test('borders are those of the whole text, in any text', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const all = borders(text);
      const seen: number[] = [0];
      for (let at = 0; at < text.length; at = nextBoundary(text, at)) seen.push(nextBoundary(text, at));
      expect(seen).toEqual(all);
      const back: number[] = [text.length];
      for (let at = text.length; at > 0; at = previousBoundary(text, at))
        back.push(previousBoundary(text, at));
      expect(back.reverse()).toEqual(all);
      for (let offset = 0; offset <= text.length; offset += 1) {
        expect(snapToBoundary(text, offset)).toBe(all.find((border) => border >= offset));
      }
      expect(splitGraphemes(text).join('')).toBe(text);
    }),
  );
});
