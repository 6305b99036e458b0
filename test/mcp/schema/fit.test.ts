import { expect, test } from 'vitest';
import { type FittedArguments, fitArguments } from '../../../src/mcp/schema/fit.ts';
import type { JsonObject } from '../../../src/protocol.ts';

const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    headLines: { type: ['integer', 'null'], minimum: 1 },
    deep: { type: 'boolean' },
    mode: { enum: ['fast', 'very-slow'] },
    tags: { type: 'array', items: { type: 'string' } },
    where: { $ref: '#/$defs/place' },
    any: {},
    either: {
      anyOf: [
        { type: 'integer' },
        { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      ],
    },
  },
  required: ['path'],
  additionalProperties: false,
  $defs: {
    place: { type: 'object', properties: { line: { type: 'integer' }, in: { $ref: '#/$defs/place' } } },
  },
};

const fitted = (given: JsonObject, schema = SCHEMA): FittedArguments => fitArguments(given, schema);

test('what fits is returned as it is', () => {
  const given = {
    path: 'a',
    headLines: null,
    tags: ['x'],
    where: { line: 1, in: { line: 2 } },
    any: [1, {}],
    either: { id: 'a' },
  };
  const found = fitted(given);
  expect(found.ok && found.arguments).toBe(given);
});

test.each<[string, JsonObject, JsonObject]>([
  [
    'numbers and switches in strings',
    { path: 'a', headLines: '5', deep: 'True' },
    { path: 'a', headLines: 5, deep: true },
  ],
  ['a list in a string', { path: 'a', tags: '["x", "y"]' }, { path: 'a', tags: ['x', 'y'] }],
  ['one value for a list', { path: 'a', tags: 'x' }, { path: 'a', tags: ['x'] }],
  [
    'an object in a string, and what is in it',
    { path: 'a', where: '{"line": "3"}' },
    { path: 'a', where: { line: 3 } },
  ],
  [
    'another spelling of a name and a choice',
    { Path: 'a', head_lines: 2, mode: 'very_slow' },
    { path: 'a', headLines: 2, mode: 'very-slow' },
  ],
  ['a number for a text', { path: 5 }, { path: '5' }],
  ['null for what may be left out', { path: 'a', deep: null, tags: null }, { path: 'a' }],
  ['the variant that fits', { path: 'a', either: '7' }, { path: 'a', either: 7 }],
  ['all of it in one more object', { arguments: { path: 'a' } }, { path: 'a' }],
  ['all of it in a string', { params: '{"path": "a"}' }, { path: 'a' }],
])('repaired: %s', (_, given, wanted) => {
  expect(fitted(given)).toEqual({ ok: true, arguments: wanted });
});

test.each<[JsonObject, string]>([
  [{}, '`path` (string) is missing'],
  [{ file: 'a' }, '`path` (string) is missing; there is no parameter `file`'],
  [{ path: ['a'] }, '`path` must be string, got an array'],
  [{ path: 'a', headLines: 'many' }, '`headLines` must be integer, got the string "many"'],
  [{ path: 'a', headLines: 0 }, '`headLines` must be at least 1, got 0'],
  [{ path: 'a', mode: 'slow' }, '`mode` must be "fast" | "very-slow", got the string "slow"'],
  [{ path: 'a', mode: { toString: 1 } }, '`mode` must be "fast" | "very-slow", got an object'],
  [{ path: 'a', where: { in: { line: 'x' } } }, '`where.in.line` must be integer, got the string "x"'],
  [{ path: 'a', tags: [[1]] }, '`tags[0]` must be string, got an array'],
  [{ path: 'a', either: {} }, '`either` must be integer | {id: string}, got an object'],
])('%j is refused with what is wrong', (given, problem) => {
  expect(fitted(given)).toEqual({ ok: false, problem });
});

test('members that a schema does not name stay, unless it forbids them', () => {
  const open = { type: 'object', properties: { a: { type: 'integer' } } };
  expect(fitted({ a: '1', b: { c: 1 } }, open)).toEqual({ ok: true, arguments: { a: 1, b: { c: 1 } } });
  const typed = { ...open, additionalProperties: { type: 'integer' } };
  expect(fitted({ b: '2' }, typed)).toEqual({ ok: true, arguments: { b: 2 } });
});

test('a schema that refers to itself, and one that is none, end', () => {
  const endless = { anyOf: [{ $ref: '#' }, { $ref: '#' }] };
  expect(fitted({ a: 1 }, endless)).toEqual({ ok: true, arguments: { a: 1 } });
  expect(fitted({ a: 1 }, { $ref: '#' })).toEqual({ ok: true, arguments: { a: 1 } });
  expect(fitted({ a: 1 }, { type: 7, properties: [], required: 'a', allOf: [null, 3] })).toEqual({
    ok: true,
    arguments: { a: 1 },
  });
});
