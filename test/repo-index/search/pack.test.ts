import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateTokens, pack, relevant, Shown } from '../../../src/repo-index/search/pack.ts';
import type { SearchHit } from '../../../src/repo-index/search/search.ts';

const hit = (
  path: string,
  start: number,
  lines: readonly string[],
  more: Partial<SearchHit> = {},
): SearchHit => ({
  key: `${path}:${start}`,
  path,
  start,
  end: start + lines.length - 1,
  previousEnd: 0,
  symbol: '',
  score: 1,
  coverage: 1,
  weight: 2,
  meaning: 0,
  focus: { from: 0, to: lines.length },
  telling: 0,
  about: 2,
  isNamed: false,
  lines,
  ...more,
});

test('hits are grouped by file, neighbours joined with the blank lines between them', () => {
  const hits = [
    hit('a.ts', 5, ['five', 'six'], { symbol: 'B', previousEnd: 3 }),
    hit('b.ts', 1, ['other']),
    hit('a.ts', 1, ['one', 'two', 'three'], { symbol: 'A' }),
    hit('a.ts', 30, ['far'], { previousEnd: 20 }),
  ];
  expect(pack(hits, 1_000).text).toBe(
    'a.ts:1-6 A, B\none\ntwo\nthree\n\nfive\nsix\n\na.ts:30\nfar\n\nb.ts:1\nother',
  );
});

test('what was shown is left out; a line that has changed since is shown alone', () => {
  const shown = new Shown();
  const lines = ['function a() {', '  one();', '  two();', '  three();', '}'];
  shown.add('a.ts', lines);
  expect(pack([hit('a.ts', 10, lines)], 1_000, shown).text).toBe('');
  const changed = lines.with(2, '  zwei();');
  expect(pack([hit('a.ts', 12, changed)], 1_000, shown).text).toBe('a.ts:14-15\n  zwei();\n  three();');
  expect(pack([hit('b.ts', 1, lines)], 1_000, shown).excerpts.length).toBe(1);
  shown.clear();
  expect(pack([hit('a.ts', 10, lines)], 1_000, shown).excerpts.length).toBe(1);
});

test('near the best and with much of the question: its lines; otherwise the line that tells most', () => {
  const lines = ['a', 'b', 'c'];
  const hits = [
    hit('best.ts', 1, lines, { score: 0.9, focus: { from: 1, to: 3 } }),
    hit('vague.ts', 1, lines, { score: 0.8, coverage: 0.1, telling: 1, symbol: 'Vague' }),
    hit('common.ts', 1, lines, { score: 0.8, weight: 0.2, telling: 2 }),
    hit('best.ts', 10, lines, { score: 0.79, coverage: 0.1 }),
    hit('behind.ts', 1, lines, { score: 0.6 }),
    hit('behind.ts', 9, lines, { score: 0.59 }),
    hit('far.ts', 1, lines, { score: 0.4 }),
  ];
  expect(pack(relevant(hits), 1_000).text).toBe(
    'best.ts:2-3\nb\nc\n\nvague.ts:2\nb\n\ncommon.ts:3\nc\n\nbehind.ts:1\na',
  );
});

test('four places with their lines and four lines of others at most', () => {
  const many = Array.from({ length: 12 }, (_, at) => hit(`${at}.ts`, 1, ['x', 'y']));
  expect(relevant(many).map(({ lines }) => lines.length)).toEqual([2, 2, 2, 2, 1, 1, 1, 1]);
});

test('a place that the message names is shown with its lines whatever words it has', () => {
  const named = hit('a.ts', 1, ['x', 'y'], { about: 0, coverage: 0, weight: 0, isNamed: true });
  expect(pack(relevant([named]), 1_000).text).toBe('a.ts:1-2\nx\ny');
});

test('nothing at all if none of the first six is about the message', () => {
  const vague = Array.from({ length: 6 }, (_, at) => hit(`${at}.ts`, 1, ['x'], { about: 1.19 }));
  expect(relevant([...vague, hit('late.ts', 1, ['x'], { score: 0.99 })])).toEqual([]);
  expect(relevant([...vague.slice(1), hit('last.ts', 1, ['x'], { about: 1.2 })]).length).toBe(6);
  expect(relevant([])).toEqual([]);
});

test('within the budget, no line twice, every excerpt is what the file has', () => {
  const file = Array.from({ length: 60 }, (_, at) =>
    at % 7 === 3 ? '' : `line ${at} ${'x'.repeat(at % 13)}`,
  );
  const range = fc
    .tuple(fc.constantFrom('a.ts', 'b.ts'), fc.nat(50), fc.integer({ min: 1, max: 9 }))
    .map(([path, from, count]) => hit(path, from + 1, file.slice(from, from + count)));
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 12 }),
      fc.nat(400),
      fc.array(range, { maxLength: 3 }),
      (hits, budget, before) => {
        const shown = new Shown();
        for (const { path, lines } of before) shown.add(path, lines);
        const { text, tokens, excerpts } = pack(hits, budget, shown);
        expect(tokens).toBeLessThanOrEqual(budget);
        expect(tokens).toBe(estimateTokens(text));
        const seen = new Set<string>();
        for (const { path, start, end, lines } of excerpts) {
          expect(lines).toEqual(file.slice(start - 1, end));
          for (let at = start; at <= end; at += 1) {
            expect(seen).not.toContain(`${path}:${at}`);
            seen.add(`${path}:${at}`);
          }
        }
      },
    ),
  );
});

test('a line is known without the one in front of it, and with another one in front it is news', () => {
  const shown = new Shown();
  shown.add('a.ts', ['first', 'second']);
  expect([
    shown.has('a.ts', undefined, 'second'),
    shown.has('a.ts', 'first', 'second'),
    shown.has('a.ts', 'other', 'second'),
    shown.has('a.ts', 'other', 'first'),
    shown.has('b.ts', undefined, 'second'),
  ]).toEqual([true, true, false, true, false]);
});

test('meaning alone counts only where no words tell: the line that tells most of the four nearest files', () => {
  const near = (path: string, meaning: number, about: number, more: Partial<SearchHit> = {}) =>
    hit(path, 1, ['a', 'b', 'c'], { meaning, about, coverage: 0.1, weight: 0.2, symbol: 'S', ...more });
  const hits = (about: number) => [
    near('d.ts', 0.1, about),
    near('far.ts', -0.01, about),
    near('b.ts', 0.3, about, { telling: 2 }),
    near('c.ts', 0.2, about),
    near('b.ts', 0.25, about, { start: 9 }),
    near('none.ts', 0, about),
    near('a.ts', 0.4, about),
    near('e.ts', 0.05, about),
  ];
  expect(pack(relevant(hits(0)), 1_000).text).toBe('a.ts:1\na\n\nb.ts:3\nc\n\nc.ts:1\na\n\nd.ts:1\na');
  expect(relevant([near('far.ts', -0.01, 0), near('none.ts', 0, 0)])).toEqual([]);
  // Words say that it is about the code: they alone say where.
  expect(relevant(hits(2)).map(({ path }) => path)).toEqual(['d.ts', 'far.ts', 'b.ts', 'c.ts']);
});
