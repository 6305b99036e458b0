/** Width, wrapping, cleaning, numbers and paths. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { formatCount, formatElapsed, plural } from '../../../src/text/digits.ts';
import { cleanLines, countLinesOf, headTail, oneLine, tailOf } from '../../../src/tui/lines/clean.ts';
import { shortPath } from '../../../src/tui/lines/short-path.ts';
import { colorStyle } from '../../../src/tui/lines/style.ts';
import { fits, truncateEnd, truncateMiddle } from '../../../src/tui/lines/width.ts';
import { breakRows, wrap } from '../../../src/tui/lines/wrap.ts';
import { context, named, plain, problems } from './support.ts';

const { bold, cyan } = colorStyle;

test('rows are broken between words and hang', () => {
  expect(wrap('one two three four', 11, { first: '• ', rest: '  ' })).toEqual([
    '• one two',
    '  three',
    '  four',
  ]);
  expect(wrap('  kept  inside   and trailing   ', 40)).toEqual(['  kept  inside   and trailing']);
  expect(wrap('a\n\nb', 10, { first: '> ' })).toEqual(['> a', '> ', '> b']);
  expect(wrap('', 10)).toEqual(['']);
  expect(wrap('see https://example.org/a/long/path now', 12)).toEqual([
    'see',
    'https://exam',
    'ple.org/a/lo',
    'ng/path now',
  ]);
  expect(wrap('see https://example.org/a/long/path now', 12, { keepUrls: true })).toEqual([
    'see',
    'https://example.org/a/long/path',
    'now',
  ]);
});

test('wide characters are parted where their scripts allow it', () => {
  expect(wrap('漢字漢字漢字。漢字漢字', 7)).toEqual(['漢字漢', '字漢', '字。漢', '字漢字']);
  expect(wrap('ab漢字cd étude 👩🏽 ok', 6)).toEqual(['ab漢字', 'cd', 'étude', '👩🏽 ok']);
  expect(wrap('漢', 1)).toEqual(['漢']);
});

test('a style that spans rows is closed and opened again', () => {
  expect(named(wrap(`a ${bold(`b ${cyan('c d')} e`)} f`, 3))).toEqual([
    'a <b>b</b>',
    '<b><cyan>c d</color></b>',
    '<b>e</b> f',
  ]);
  expect(named(breakRows(cyan('abcdef'), 4, ' '))).toEqual(['<cyan>abcd</color>', ' <cyan>ef</color>']);
});

test('text that does not fit ends, or is parted, with an ellipsis', () => {
  expect(truncateEnd('hello', 5)).toBe('hello');
  expect(named([truncateEnd(bold('hello'), 4), truncateEnd('漢字漢字', 6), truncateEnd('ab', 0)])).toEqual([
    '<b>hel…</b>',
    '漢字…',
    '',
  ]);
  expect(truncateMiddle('/home/ada/project/src/file.ts', 16)).toBe('/home…rc/file.ts');
  expect(truncateMiddle('漢字漢字漢字.ts', 9)).toBe('漢…字.ts');
});

test('lines of foreign text are cleaned', () => {
  expect(cleanLines('10%\r20%\r\n\tx\ty\r\nab\bX\n\x1b[31mred\x1b[0m\x1b]0;t\x07\n\n \n')).toEqual([
    '20%',
    '    x   y',
    'aX',
    'red',
  ]);
  expect(oneLine(' a\n\tb\x1b[2J  c ')).toBe('a b c');
});

test('the head and the tail are taken without the middle', () => {
  expect(headTail('1\n2\n3\n4\n5\n6\n7\n\n', 5)).toEqual({
    head: ['1', '2', '3'],
    omitted: 2,
    tail: ['6', '7'],
  });
  expect(headTail('1\n2\n3\n4\n5', 5)).toEqual({ head: ['1', '2', '3', '4', '5'], omitted: 0, tail: [] });
  expect(headTail('', 5)).toEqual({ head: [], omitted: 0, tail: [] });
  expect(headTail('\n\n', 5)).toEqual({ head: [], omitted: 0, tail: [] });
  expect(tailOf('\n\n1\n2', 3)).toEqual(['', '1', '2']);
  expect(tailOf('1\n2\n3\n', 2)).toEqual(['2', '3']);
});

test('a line of ten million characters costs what is shown of it', () => {
  const line = 'x'.repeat(10_000_000);
  const { head } = headTail(`${line}\n${line}`, 5);
  expect(head.map((text) => [text.length, text.at(-1)])).toEqual([
    [20_001, '…'],
    [20_001, '…'],
  ]);
});

test('times, counts and paths', () => {
  expect([0, 59_999, 65_000, 3_723_000].map(formatElapsed)).toEqual(['0s', '59s', '1m 05s', '1h 02m 03s']);
  expect([0, 938, 1_000, 12_345, 99_960, 123_456, 999_600, 1_250_000].map(formatCount)).toEqual([
    '0',
    '938',
    '1k',
    '12.3k',
    '100k',
    '123k',
    '1M',
    '1.3M',
  ]);
  expect([plural(1, 'line'), plural(2, 'entry', 'entries')]).toEqual(['1 line', '2 entries']);
  const paths = ['/home/ada/work', '/home/ada/work/a/b.ts', '/home/ada/workshop', '/home/ada', '/etc/x'];
  expect(paths.map((path) => shortPath(path, context()))).toEqual([
    '~/work',
    'a/b.ts',
    '~/workshop',
    '~',
    '/etc/x',
  ]);
});

const piece = fc.constantFrom(
  'a',
  'word',
  ' ',
  '  ',
  '漢',
  '。',
  '\n',
  'é',
  '👩🏽',
  '1️⃣',
  bold('b c'),
  cyan('漢字 x'),
  'ｶﾞ',
  '한',
);
const text = fc.array(piece).map((pieces) => pieces.join(''));
const visible = (value: string): string => plain(value).replace(/\s+/g, '');

test('wrapping loses nothing and fits', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (value, width) => {
      const rows = wrap(value, width, { first: '• ', rest: '  ' });
      expect(problems(rows, width)).toEqual([]);
      expect(visible(rows.join('\n')).replaceAll('•', '')).toBe(visible(value));
      for (const line of value.split('\n')) {
        const broken = breakRows(line, width);
        expect(broken.map(plain).join('')).toBe(plain(line));
        expect(broken.filter((row) => cellWidth(row) > width)).toEqual([]);
      }
    }),
  );
});

test('what is cut fits, and what fits is not cut', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 20 }), (value, cells) => {
      const line = value.replaceAll('\n', ' ');
      expect(problems([truncateEnd(line, cells)], cells)).toEqual([]);
      expect(cellWidth(truncateMiddle(plain(line), cells))).toBeLessThanOrEqual(cells);
      expect(fits(line, cells)).toBe(cellWidth(line) <= cells);
    }),
  );
});

const hostile = fc.array(
  fc.constantFrom(
    '\x1b',
    '[',
    ']0;x',
    '\x07',
    '\r',
    '\n',
    '\t',
    '\b',
    '\x9b',
    '\u202e',
    '\u200b',
    '\0',
    'a',
    '漢',
    ' ',
    '\ud83d',
  ),
);

test('head and tail agree with the whole, whatever the bytes', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 6 }), (pieces, most) => {
      const value = pieces.join('');
      const { head, omitted, tail } = headTail(value, most);
      expect(
        problems([...head, ...tail, ...tailOf(value, most), oneLine(value), ...cleanLines(value)]),
      ).toEqual([]);
      expect(head.length + tail.length + omitted).toBe(countLinesOf(value));
      expect(tailOf(value, most).length).toBeLessThanOrEqual(most);
    }),
  );
});
