import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { insertElement, moveTo, type TextBuffer } from '../../../src/tui/composer/buffer.ts';
import { splitGraphemes } from '../../../src/tui/composer/graphemes.ts';
import { layout, moveByRow, roomFor } from '../../../src/tui/composer/layout.ts';
import { bufferOf, hostileText } from './texts.ts';

const ALL = 1000;
/** Terminal columns that leave `room` cells. */
const columns = (room: number): number => room + 3;
const elements: TextBuffer['elements'] = new Map([
  ['\ufdd0\ue000', { type: 'paste', text: 'x', label: 'Pasted 5,001 lines' }],
]);

test('words go to the next row whole, one space hangs over the edge', () => {
  expect(layout(bufferOf('the quick brown fox'), columns(9), ALL)).toEqual({
    rows: ['the quick', 'brown fox'],
    caret: { x: 9, y: 1 },
    above: 0,
    below: 0,
  });
  expect(layout(bufferOf('the quick '), columns(9), ALL).caret).toEqual({ x: 9, y: 0 });
  expect(layout(bufferOf('the quick  '), columns(9), ALL)).toMatchObject({
    rows: ['the quick', ' '],
    caret: { x: 1, y: 1 },
  });
});

test('a word longer than a row is cut, wide characters never in the middle', () => {
  expect(layout(bufferOf('ab 日本語日本語x'), columns(5), ALL).rows).toEqual([
    'ab ',
    '日本',
    '語日',
    '本語x',
  ]);
});

test('line breaks, empty lines and tabs have their rows', () => {
  expect(layout(bufferOf('a\n\n\tb\n'), columns(20), ALL)).toEqual({
    rows: ['a', '', '    b', ''],
    caret: { x: 0, y: 3 },
    above: 0,
    below: 0,
  });
});

test('an element shows its label, cut where it does not fit', () => {
  const buffer = insertElement(bufferOf('see '), { type: 'image', path: '/a.png' });
  expect(layout(buffer, columns(40), ALL)).toMatchObject({
    rows: ['see [Image #1]'],
    caret: { x: 14, y: 0 },
  });
  expect(layout(buffer, columns(6), ALL).rows).toEqual(['see ', '[Imag…']);
});

test('the rows around the caret are shown and the others counted', () => {
  const lines = bufferOf(Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n'));
  expect(layout(lines, 80, 4)).toEqual({
    rows: ['line 16', 'line 17', 'line 18', 'line 19'],
    caret: { x: 7, y: 3 },
    above: 16,
    below: 0,
  });
  expect(layout(moveTo(lines, 70), 80, 3)).toEqual({
    rows: ['line 9', 'line 10', 'line 11'],
    caret: { x: 0, y: 1 },
    above: 9,
    below: 8,
  });
});

test('up and down keep the column over short rows', () => {
  const start = bufferOf('a long line\nb\nanother one');
  const up = moveByRow(start, 80, -1);
  const upUp = up && moveByRow(up, 80, -1);
  expect([up?.caret, upUp?.caret, upUp && moveByRow(upUp, 80, -1)]).toEqual([13, 11, undefined]);
  expect(up && moveByRow(up, 80, 1)).toMatchObject({ caret: start.caret, column: 11 });
  expect(moveByRow(start, 80, 1)).toBeUndefined();
});

test('any text at any width: rows fit, hold no control character, and the caret is in them', () => {
  fc.assert(
    fc.property(
      hostileText,
      fc.integer({ min: 1, max: 120 }),
      fc.nat(8),
      fc.nat(60),
      (text, width, max, at) => {
        const buffer = moveTo(bufferOf(text, elements), at);
        const { rows, caret, above, below } = layout(buffer, width, max);
        expect(rows.filter((row) => cellWidth(row) > roomFor(width))).toEqual([]);
        expect(rows.filter((row) => /[\x00-\x1f\x7f-\x9f\u202a-\u202e\ufdd0]/.test(row))).toEqual([]);
        expect(rows.length).toBeLessThanOrEqual(Math.max(1, max));
        expect(caret.y).toBeLessThan(rows.length);
        expect(caret.x).toBeLessThanOrEqual(roomFor(width));
        expect(above + rows.length + below).toBe(layout(buffer, width, ALL).rows.length);
      },
    ),
  );
});

test('the rows joined are the text', () => {
  const plain = fc
    .array(fc.constantFrom('a', 'bc', ' ', '\n', '日', '👩🏽', '🇨🇭'), { maxLength: 40 })
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(plain, fc.integer({ min: 2, max: 30 }), (text, room) => {
      const { rows } = layout(bufferOf(text), columns(room), ALL);
      // Line breaks and the spaces that hang over are in no row.
      expect(rows.join('').replaceAll(' ', '')).toBe(text.replace(/\s/g, ''));
    }),
  );
});

test('moving right through a text walks the rows from their left to their right', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 4, max: 40 }), (text, width) => {
      let offset = 0;
      let before = { x: -1, y: 0 };
      for (const piece of ['', ...splitGraphemes(text)]) {
        offset += piece.length;
        const { caret } = layout(moveTo(bufferOf(text, elements), offset), width, ALL);
        const isOrdered = caret.y > before.y || (caret.y === before.y && caret.x >= before.x);
        expect({ offset, isOrdered }).toEqual({ offset, isOrdered: true });
        before = caret;
      }
    }),
  );
});

test('down after up comes back to the row', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 4, max: 40 }), (text, width) => {
      const start = bufferOf(text, elements);
      const up = moveByRow(start, width, -1);
      const back = up === undefined ? start : moveByRow(up, width, 1);
      const y = (buffer: TextBuffer | undefined) => buffer && layout(buffer, width, ALL).caret.y;
      expect(y(back)).toBe(y(start));
    }),
  );
});
