import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scanner } from '../../../src/model/repair/scanner.ts';
import { parseTolerant, readJson } from '../../../src/model/repair/tolerant-json.ts';

describe('parseTolerant', () => {
  it.each<[string, unknown]>([
    ['{"a": 1,}', { a: 1 }],
    ['[1, 2,]', [1, 2]],
    ["{'a': 'it\\'s'}", { a: "it's" }],
    ['{"a": """x "y"\nz"""}', { a: 'x "y"\nz' }],
    ['{"a": "x\ny\tz"}', { a: 'x\ny\tz' }],
    ['{"a": "\\d+\\."}', { a: '\\d+\\.' }],
    ['{a: True, b-c: False, d: None}', { a: true, 'b-c': false, d: null }],
    ['{"a": {"b": [1', { a: { b: [1] } }],
    ['{"a": {"b": 1}', { a: { b: 1 } }],
    ['{"__proto__": 1,}', JSON.parse('{"__proto__": 1}')],
  ])('reads %s', (text, value) => {
    expect(parseTolerant(text)).toEqual({ value });
  });

  it.each([
    '',
    '{',
    '[',
    '{"a"',
    '{"a":',
    '{"a": 1,',
    '{"a": "x',
    "{'a",
    '{"a" 1}',
    '{a}',
    '{"a": "x" y"}',
    '{"a": b}',
    '01',
    '1 2',
    '"\\',
    'TRUE',
    '[1 2]',
  ])('refuses %s', (text) => {
    expect(parseTolerant(text)).toBeNull();
  });
});

describe('readJson', () => {
  it('says where the value ends', () => {
    expect(readJson(new Scanner('x {"a": [1]} y'), 2)).toEqual({ value: { a: [1] }, end: 12 });
    expect(readJson(new Scanner('{"a": [1</tool_call>'), 0)).toEqual({ value: { a: [1] }, end: 8 });
  });

  it('reads JSON exactly as JSON.parse does', () => {
    const spaces = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), spaces, (json, space) => {
        const text = JSON.stringify(JSON.parse(json), null, space);
        expect(readJson(new Scanner(text), 0)).toEqual({ value: JSON.parse(text), end: text.length });
      }),
      { numRuns: 300 },
    );
  });

  it('gives up on depth instead of overflowing the stack', () => {
    expect(parseTolerant(`${'['.repeat(1e5)}x`)).toBeNull();
  });
});
