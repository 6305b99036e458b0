import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstNameIn, namesIn } from '../../../../src/agent/led/parts/definitions.ts';

test('a file defines functions, classes, its own variables, keys, sections and headings', () => {
  const file = [
    'import fs from "node:fs";',
    'export default async function* load(a) {',
    '  const inner = 1;',
    '  "key": 2,',
    '}',
    'export const TOP = 1;',
    'pub(crate) struct Cart<T> {',
    '    fn total(&self) {',
    'module Shop',
    'else: x',
    'retries = 3',
    'name.of: x',
    '[tool.ruff]',
    '## How to build ',
    'record the time',
  ].join('\n');
  expect(namesIn(file)).toEqual([
    ...['load', 'key', 'TOP', 'Cart', 'total', 'Shop', 'retries', 'name.of', 'tool.ruff', 'How to build'],
  ]);
});

test('a part may begin with a variable of its own', () => {
  expect([firstNameIn('  x();\n  const inner = 1;\n'), firstNameIn('  x();\n')]).toEqual([
    'inner',
    undefined,
  ]);
});

test('names are read from anything, in time that grows with its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const [first] = namesIn(text);
      if (first !== undefined) expect(firstNameIn(text)).toBeDefined();
    }),
  );
  const pieces = ['export ', 'pub(a ', 'extern "C" ', '"', '[', '# ', ' \n', 'data data ', 'a.'];
  const slow = pieces.filter((piece) => {
    const time = (count: number): number => {
      const start = process.cpuUsage().user;
      namesIn(piece.repeat(count));
      return process.cpuUsage().user - start;
    };
    return time(200_000) > 2_000_000;
  });
  expect(slow).toEqual([]);
});
