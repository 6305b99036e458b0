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

test('nothing below the floor, and nothing far behind the best', () => {
  const hits = [
    hit('best.ts', 1, ['x'], { score: 0.9 }),
    hit('vague.ts', 1, ['x'], { score: 0.8, coverage: 0.1 }),
    hit('common.ts', 1, ['x'], { score: 0.8, weight: 0.2 }),
    hit('far.ts', 1, ['x'], { score: 0.2 }),
  ];
  expect(relevant(hits).map(({ path }) => path)).toEqual(['best.ts']);
});

test('of a hit only the lines in focus are relevant, and of many hits the first six', () => {
  const lines = ['function a() {', '}', '', 'function b() {', '  wanted();', '}', '', 'function c() {', '}'];
  const one = hit('a.ts', 11, lines, { focus: { from: 3, to: 6 }, previousEnd: 10 });
  expect(pack(relevant([one]), 1_000).text).toBe('a.ts:14-16\nfunction b() {\n  wanted();\n}');
  const many = Array.from({ length: 9 }, (_, at) => hit(`${at}.ts`, 1, ['x']));
  expect(relevant(many).map(({ path }) => path)).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts', '5.ts']);
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

test('what is near by meaning alone counts only where no words tell: the two nearest, whole', () => {
  const near = (path: string, meaning: number) =>
    hit(path, 1, ['a', 'b', 'c'], { meaning, coverage: 0.1, weight: 0.2, focus: { from: 1, to: 2 } });
  const hits = [
    near('a.ts', 0.1),
    near('far.ts', -0.01),
    near('b.ts', 0.3),
    near('c.ts', 0.2),
    near('none.ts', 0),
  ];
  expect(relevant(hits)).toEqual([near('b.ts', 0.3), near('c.ts', 0.2)]);
  expect(relevant([...hits, hit('said.ts', 1, ['x'])]).map(({ path }) => path)).toEqual(['said.ts']);
});
