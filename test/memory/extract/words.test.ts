import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contentWords,
  denies,
  hasLiteral,
  isGreeting,
  isNorm,
  isStanding,
  literals,
  sentences,
} from '../../../src/memory/extract/words.ts';
import { anyText } from '../../support/any-text.ts';

test.each([
  ['Always run the linter.', true],
  ['Run the linter.', true],
  ['1. Install from the mirror.', true],
  ['Then deploy it.', true],
  ['Done: push to main.', true],
  ['You are supposed to ask.', true],
  ['Merke dir das.', true],
  ['Überspringe die Tests.', true],
  ['Tests sind zu überspringen.', true],
  ['Il faut utiliser le miroir.', true],
  ['Siempre usa el espejo.', true],
  ['Всегда используй зеркало.', true],
  ['总是使用镜像', true],
  ['必ずミラーを使ってください', true],
  ['항상 미러를 사용하세요', true],
  ['The parser accepts tabs.', false],
  ['The installation failed twice.', false],
  ['It did not handle quotes.', false],
  ['Der Parser kennt Tabulatoren.', false],
  ['解析器支持制表符', false],
])('%s: tells what to do is %s', (text, expected) => {
  expect(isNorm(text)).toBe(expected);
});

test.each([
  ['From now on, use tabs.', true],
  ['Nie wieder npm!', true],
  ['今后用中文回答', true],
  ['Fix the parser.', false],
  ['What happens if I always push without review?', false],
  ['Can you always use tabs?', true],
  ['Fix it on the branch always-skip-review.', false],
  ['Read https://example.invalid/?q=never-ask', false],
  ['Always run scripts/check.sh.', true],
])('%s: outlives the session is %s', (text, expected) => {
  expect(isStanding(text)).toBe(expected);
});

test.each([
  ['Hi there!', true],
  ['Guten Morgen, danke', true],
  ['你好', true],
  ['', true],
  ['Fix it in a.js', false],
  ['请总是用中文', false],
  ['Explain closures', false],
])('%s: only greets is %s', (text, expected) => {
  expect(isGreeting(text)).toBe(expected);
});

test.each([
  ['Use pnpm, not npm.', true],
  ['Nicht diese Datei.', true],
  ['不要用这个', true],
  ['Use pnpm.', false],
])('%s: denies is %s', (text, expected) => {
  expect(denies(text)).toBe(expected);
});

test.each([
  ['See https://a.example/x, or b.example.', ['https://a.example/x', 'b.example']],
  ['Run `npm ci` in src/app, with --force and A=1.', ['npm ci', 'src/app', '--force', 'A=1']],
  ['Either/or, e.g. 10:30, v1.2.3, 50%, and/or Node.js.', ['Either/or']],
  ['Write to me@b.example: "soon".', ['me@b.example']],
  ['Look at `cart.js`.', ['cart.js']],
  ['使用 example.invalid。', ['example.invalid']],
  ['The cart counts well-known cents.', []],
])('what %j names', (text, expected) => {
  expect(literals(text)).toEqual(expected);
});

describe('a literal in a text', () => {
  test.each([
    ['src/cart.js was read', 'cart.js', true],
    ['cart.jsx', 'cart.js', false],
    ['mycart.js', 'cart.js', false],
    ['cart.js.', 'cart.js', true],
    ['example.invalid/shop', 'example.invalid', false],
    ['', '', false],
    ['text', '', false],
  ])('%j has %j: %s', (text, literal, expected) => {
    expect(hasLiteral(text, literal)).toBe(expected);
  });
});

test('words without their endings, without those that say nothing', () => {
  expect([...contentWords('The users wanted the carts tested; testing Carts! snake_case')]).toEqual([
    'cart',
    'test',
    'snak',
    'cas',
  ]);
  expect([...contentWords('跳过测试 npm测试')]).toEqual(['跳过', '过测', '测试', 'npm']);
  expect([...contentWords('A\u200bl\u200bways')]).toEqual([...contentWords('Always')]);
});

test('sentences', () => {
  expect(sentences('One. Two! Version 1.2 is out.\nThree。四。')).toEqual([
    'One.',
    'Two!',
    'Version 1.2 is out.',
    'Three。',
    '四。',
  ]);
});

test('any text is taken apart in time that grows with its length', () => {
  fc.assert(
    fc.property(anyText(2_000), anyText(5), (text, part) => {
      contentWords(text);
      hasLiteral(text, part);
      for (const literal of literals(text)) expect(literal).not.toBe('');
      expect(isNorm(text) || !isNorm(text)).toBe(true);
    }),
  );
  const begun = performance.now();
  for (const text of ['a '.repeat(50_000), 'a.'.repeat(50_000), '`'.repeat(100_000), 'to '.repeat(40_000)]) {
    isNorm(text);
    isStanding(text);
    literals(text);
    sentences(text);
  }
  expect(performance.now() - begun).toBeLessThan(20_000);
});
