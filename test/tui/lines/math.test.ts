/** Formulas in answers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerLines } from '../../../src/tui/lines/stream.ts';
import { context, problems } from './support.ts';

const shown = (text: string): string => answerLines(text, context(100)).join('\n');

test.each([
  ['$x$', 'x'],
  ['Then $E = mc^2$.', 'Then E = mc².'],
  ['$\\alpha_1 + \\beta^{n-1} \\leq \\frac{a+b}{2}$', 'α₁ + βⁿ⁻¹ ≤ (a+b)/2'],
  ['$$\\sum_{i=1}^{n} x_i \\to \\infty$$', '∑ᵢ₌₁ⁿ xᵢ → ∞'],
  ['\\(O(n \\log n)\\) and \\[\\sqrt{x^2+1}\\]', 'O(n log n) and √(x²+1)'],
  ['$x_b \\in \\mathbb{R}$, $\\text{rate} \\times 2$', 'x_b ∈ ℝ, rate × 2'],
  ['$\\left( \\frac{1}{n} \\right)$', '( 1/n )'],
  ['$a_i * b_i$ and $c_i * d_i$', 'aᵢ * bᵢ and cᵢ * dᵢ'],
])('%s', (source, text) => {
  expect(shown(source)).toBe(text);
});

test.each([
  'It costs $5 and $6, or $1,000.',
  'Set $HOME/bin:$PATH and $USER.',
  'echo "$a $b"',
  '$\\begin{matrix} a & b \\end{matrix}$',
  '$\\unknown{x}$ stays',
  '$x_{$',
  'a $ b $ c',
])('what is no formula, or cannot be written in a line, stays: %s', (source) => {
  expect(shown(source)).toBe(source);
});

test('code is no formula', () => {
  expect(shown('`$x^2$`\n\n```\n$x^2$\n```')).toBe('$x^2$\n\n  $x^2$');
});

test('whatever the model writes is shown, in time', () => {
  const piece = fc.constantFrom(
    '$',
    '$$',
    '\\(',
    '\\]',
    '\\frac',
    '{',
    '}',
    '^',
    '_',
    'x',
    ' ',
    '\n',
    '\\left',
    '\\',
    '*',
    '\\alpha',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(problems(answerLines(pieces.join(''), context(40)))).toEqual([]);
    }),
  );
  const started = performance.now();
  for (const part of ['$\\frac{', '$x^', '\\(', '$$ a ', '$a_']) answerLines(part.repeat(8_000), context(80));
  expect(performance.now() - started).toBeLessThan(5_000);
});
