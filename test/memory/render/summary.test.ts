import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderSummary, summaryBudget } from '../../../src/memory/render/summary.ts';
import { estimateTokens } from '../../../src/repo-index/search/pack.ts';
import { anyText } from '../../support/any-text.ts';
import { DATED, entry } from './entry.ts';

const unused = (): number => 0;

test.each([
  [2_048, 40],
  [8_192, 163],
  [30_000, 600],
  [131_072, 600],
])('a window of %i tokens has %i for it', (window, tokens) => {
  expect(summaryBudget(window)).toBe(tokens);
});

test('by weight, then preferences, then use, then date; what is for all projects first', () => {
  const entries = [
    entry(1, 'light', { weight: 1 }),
    entry(2, 'fact'),
    entry(3, 'older preference', { kind: 'preference', dated: DATED - 1 }),
    entry(4, 'preference', { kind: 'preference' }),
    entry(5, 'used preference', { kind: 'preference', dated: DATED - 9 }),
    entry(6, 'heavy', { weight: 3, project: '/work/lib' }),
    entry(7, 'for all', { project: '' }),
  ];
  const uses = ({ id }: { id: number }): number => (id === 5 ? 2 : 0);
  const expected =
    '- "for all"\n## /work/lib\n- "heavy"\n## /work/app\n- "used preference"\n- "preference"\n- "older preference"\n- "fact"\n- "light"\n';
  expect(renderSummary(entries, uses, 8_192)).toBe(expected);
  expect(renderSummary(entries.toReversed(), uses, 8_192)).toBe(expected);
});

test('nothing that an untrusted folder has taught, and nothing that was replaced', () => {
  expect(
    renderSummary([entry(1, 'x', { is_trusted: 0 }), entry(2, 'y', { replaced_by: 1 })], unused, 8_192),
  ).toBe('');
  expect(renderSummary([], unused, 8_192)).toBe('');
});

test('a line that does not fit makes way for a shorter one', () => {
  const entries = [entry(1, 'long '.repeat(40), { weight: 3 }), entry(2, 'short')];
  expect(renderSummary(entries, unused, 2_048)).toBe('## /work/app\n- "short"\n');
});

test('never more than the budget, whole lines, whatever they say', () => {
  const any = fc.record({
    text: anyText(300),
    project: fc.constantFrom('', '/a', '/b\n# c'),
    weight: fc.constantFrom(1, 2, 3),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 30 }), fc.integer({ min: 0, max: 200_000 }), (given, window) => {
      const entries = given.map((one, at) => entry(at + 1, one.text, one as object));
      const text = renderSummary(entries, unused, window);
      expect(estimateTokens(text)).toBeLessThanOrEqual(summaryBudget(window));
      const lines = text.split(/[\n\r\u0085\u2028\u2029]/).slice(0, -1);
      expect(lines.every((line) => /^(?:- "[^"]*"|## \/a|## \/b # c)$/.test(line))).toBe(true);
    }),
  );
});
