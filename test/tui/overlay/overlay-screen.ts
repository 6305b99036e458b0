/** What the tests of the overlays share: a context without colours, keys by name, and lines as a person sees them. */
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { colorStyle, type LineContext } from '../../../src/tui/lines/style.ts';
import { type Key, keyOf } from '../../../src/tui/term/keys.ts';

export function contextOf(width: number): LineContext {
  return { width, style: colorStyle, cwd: '/home/ada/shop', home: '/home/ada', fullKey: 'ctrl+t' };
}

/** The lines without styles, joined. */
export function seen(lines: readonly string[]): string {
  return lines.map((line) => stripVTControlCharacters(line).trimEnd()).join('\n');
}

/** No more lines than allowed, each narrower than the terminal, each closing what it opens, none with a control. */
export function expectToFit(lines: readonly string[], width: number, maxRows: number): void {
  expect(lines.length).toBeLessThanOrEqual(maxRows);
  for (const line of lines) {
    expect(cellWidth(line)).toBeLessThan(Math.max(2, width));
    expect(line.replace(/\x1b\[\d+m/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/u);
  }
}

const CHORDS = [
  ...['enter', 'tab', 'escape', 'backspace', 'delete', 'up', 'down', 'left', 'right', 'home', 'end'],
  ...[
    'pageup',
    'pagedown',
    'ctrl+c',
    'ctrl+d',
    'ctrl+n',
    'ctrl+p',
    'ctrl+t',
    'ctrl+u',
    'shift+enter',
    'alt+left',
  ],
  ...['a', 'q', 'n', 'N', 'y', 'g', 'G', '/', '?', ' ', '1', '2', '3', '9', 'é', '👩‍💻', '中'],
];

export const anyKey: fc.Arbitrary<Key> = fc.constantFrom(...CHORDS).map(keyOf);

/** Foreign text of all kinds. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      '\n',
      '\t',
      '\x1b[31m',
      '\x07',
      '\u202e',
      '中',
      '👩‍💻',
      '\ud800',
      '`',
      'x'.repeat(30),
    ),
    maxLength: 40,
  }),
);

export const anySize = fc.record({
  width: fc.integer({ min: 20, max: 120 }),
  maxRows: fc.integer({ min: 1, max: 30 }),
});
