import { expect, test } from 'vitest';
import type { DiffLine } from '../../src/review/changed-files.ts';
import type { Piece } from '../../src/review/pieces.ts';
import { around, type CodePart, type FindCode } from '../../src/review/surroundings.ts';

const line = (kind: DiffLine['kind'], number: number, text: string): DiffLine => ({
  kind,
  line: number,
  text,
});

const piece: Piece = {
  path: 'src/total.ts',
  movedFrom: undefined,
  change: 'update',
  hunks: [
    {
      section: '',
      lines: [
        line('-', 10, 'export function total(items) {'),
        line('+', 10, 'export function total(items, rate) {'),
        line('+', 11, '  if (items.length === 0) return 0;'),
        line('+', 12, '  return rounded(sum(items) * rate);'),
        line(' ', 13, '}'),
      ],
    },
  ],
};

const PARTS: { readonly [name: string]: readonly CodePart[] } = {
  total: [
    {
      path: 'src/total.ts',
      start: 8,
      symbol: 'total',
      lines: ['', '', 'export function total(items) {', '}'],
    },
    {
      path: 'src/cart.ts',
      start: 20,
      symbol: 'show',
      lines: ['a', 'b', 'c', 'd', 'print(total(items));', 'e', 'f', 'g', 'h'],
    },
    { path: 'src/other.ts', start: 1, symbol: 'totals', lines: ['const totals = 1;'] },
  ],
  rounded: [{ path: 'src/round.ts', start: 5, symbol: 'Round.rounded', lines: ['rounded(value) {', '}'] }],
  sum: [{ path: 'src/use.ts', start: 1, symbol: 'use', lines: ['sum(1);'] }],
};

test('callers of what has changed, and what the new lines call; nothing that the piece has', async () => {
  const asked: string[] = [];
  const find: FindCode = async (words) => {
    asked.push(words);
    return PARTS[words] ?? [];
  };
  const text = await around(piece, find, 5_000, new AbortController().signal);
  expect(asked).toEqual(['total', 'rounded', 'sum']);
  expect(text).toBe(`src/cart.ts
21  b
22  c
23  d
24  print(total(items));
25  e
26  f
27  g

src/round.ts
5  rounded(value) {
6  }`);
  expect(await around(piece, find, 60, new AbortController().signal)).toBe(
    'src/round.ts\n5  rounded(value) {\n6  }',
  );
});

test('a very long word is not searched for', async () => {
  const asked: string[] = [];
  const long: Piece = {
    ...piece,
    hunks: [{ section: '', lines: [line('+', 1, `call('${'a'.repeat(400_000)}') + later()`)] }],
  };
  const find: FindCode = async (words) => {
    asked.push(words);
    return [];
  };
  expect([await around(long, find, 1_000, AbortSignal.abort()), asked]).toEqual(['', ['call']]);
});
