/** What models write against what servers ask for, and schemas of any kind. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { declaredSchema } from '../../../src/mcp/schema/declared.ts';
import { fitArguments } from '../../../src/mcp/schema/fit.ts';
import { parametersOf, typeText } from '../../../src/mcp/schema/signature.ts';
import type { JsonObject } from '../../../src/protocol.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `member${at}`);
const each = (count: number, value: unknown): JsonObject =>
  Object.fromEntries(names(count).map((name) => [name, value]));
/** Each member is the whole again. */
const ENDLESS = object(each(40, { $ref: '#' }), { required: names(40) });

test.each<[string, JsonObject, JsonObject, unknown]>([
  ['a number in a string', { n: '3' }, object({ n: { type: 'integer' } }), { n: 3 }],
  ['a switch in a string', { on: 'True' }, object({ on: { type: 'boolean' } }), { on: true }],
  ['a list in a string', { all: '["a"]' }, object({ all: { type: 'array' } }), { all: ['a'] }],
  ['one for a list', { all: 'a' }, object({ all: { type: 'array' } }), { all: ['a'] }],
  [
    'an object in a string',
    { at: '{"x":"1"}' },
    object({ at: object({ x: { type: 'number' } }) }),
    { at: { x: 1 } },
  ],
  ['another spelling', { filePath: 'a' }, object({ file_path: { type: 'string' } }), { file_path: 'a' }],
  ['a wrapper', { args: { n: 1 } }, object({ n: { type: 'number' } }, { required: ['n'] }), { n: 1 }],
  ['a choice in other letters', { c: 'Red' }, object({ c: { enum: ['red', 'blue'] } }), { c: 'red' }],
  ['null for left out', { n: null }, object({ n: { type: 'number' } }), {}],
  [
    'the variant that fits as it is',
    { v: '5' },
    object({ v: { anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
    { v: '5' },
  ],
  [
    'a reference',
    { p: { n: '2' } },
    object({ p: { $ref: '#/$defs/p' } }, { $defs: { p: object({ n: { type: 'integer' } }) } }),
    { p: { n: 2 } },
  ],
])('%s', (_, given, schema, expected) => {
  expect(fitArguments(given, schema)).toEqual({ ok: true, arguments: expected });
});

test.each<[JsonObject, JsonObject, string]>([
  [{}, object({ n: { type: 'integer' } }, { required: ['n'] }), '`n` (integer) is missing'],
  [{ n: 'x' }, object({ n: { type: 'integer' } }), '`n` must be integer, got the string "x"'],
  [
    { l: [1, 'x'] },
    object({ l: { type: 'array', items: { type: 'integer' } } }),
    '`l[1]` must be integer, got the string "x"',
  ],
  [{ b: 1 }, object({ a: {} }, { additionalProperties: false }), 'there is no parameter `b`'],
  [{ n: 9 }, object({ n: { type: 'integer', maximum: 5 } }), '`n` must be at most 5, got 9'],
  [
    { c: 'x' },
    object({ c: { oneOf: [{ const: 'a' }, { const: 'b' }] } }),
    '`c` must be "a" | "b", got the string "x"',
  ],
])('%j is told what is wrong', (given, schema, problem) => {
  expect(fitArguments(given, schema)).toEqual({ ok: false, problem });
});

test('a schema that refers to itself is declared, shown and checked within limits', () => {
  expect(JSON.stringify(declaredSchema('t', { description: '', inputSchema: ENDLESS })).length).toBeLessThan(
    20_000,
  );
  expect(parametersOf(ENDLESS).length).toBeLessThanOrEqual(300);
  expect(typeText({ $ref: '#' }, ENDLESS).length).toBeLessThanOrEqual(300);
  const fitted = fitArguments({}, ENDLESS);
  expect(fitted.ok ? 0 : fitted.problem.length).toBeLessThanOrEqual(600);
});

test('problems are short, whatever the names and choices are', () => {
  const long = 'x'.repeat(100_000);
  const schema = object({ c: { enum: [long] } }, { required: [long], additionalProperties: false });
  const fitted = fitArguments({ c: 'a', [`${long}y`]: 1 }, schema);
  expect(fitted.ok ? 0 : fitted.problem.length).toBe(600);
});

test('ten thousand parameters, and none of them by its right name', () => {
  const given = Object.fromEntries(names(10_000).map((name) => [name.toUpperCase(), 1]));
  const schema = object(each(10_000, { type: 'integer' }));
  expect(fitArguments(given, schema)).toEqual({ ok: true, arguments: each(10_000, 1) });
  expect(
    Object.keys(declaredSchema('t', { description: '', inputSchema: schema }).function.parameters.properties),
  ).toHaveLength(32);
});

const keyword = fc.constantFrom(
  'type',
  'properties',
  'items',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
  'enum',
  'required',
  'a',
);
const { schema: anySchema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('#', '#/properties/a', 'string', 'object', 'array', true, null, 1),
    fc.array(tie('schema'), { maxLength: 3 }),
    fc.dictionary(keyword, tie('schema'), { maxKeys: 4 }),
  ),
}));

test('property: any schema and any arguments have an answer', () => {
  const whole = fc.dictionary(keyword, anySchema, { maxKeys: 5 });
  const given = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(given, whole, (args, schema) => {
      const fitted = fitArguments(args as JsonObject, schema as JsonObject);
      expect(fitted.ok || fitted.problem.length <= 600).toBe(true);
      expect(parametersOf(schema as JsonObject).length).toBeLessThanOrEqual(300);
      declaredSchema('t', { description: '', inputSchema: schema as JsonObject });
    }),
  );
});
