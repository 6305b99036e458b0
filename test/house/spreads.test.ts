import { globSync, readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'rolldown/utils';
import { expect, test } from 'vitest';

/** Where it matters that a key is not there at all, and why. */
const ALLOWED: readonly (readonly [file: string, why: string])[] = [
  ['src/safety/env.ts', 'undefined would erase what the environment of the user says'],
  ['src/safety/sandbox/seatbelt.ts', 'the package that takes it looks for keys'],
];

/** The lines of `...(condition ? {} : { … })`, either way round. */
function conditionalSpreads(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  const found: string[] = [];
  const isEmpty = (node: { readonly type: string; readonly properties?: readonly unknown[] }): boolean =>
    node.type === 'ObjectExpression' && node.properties?.length === 0;
  new Visitor({
    SpreadElement: ({ argument, start }) => {
      let inner = argument;
      while (inner.type === 'ParenthesizedExpression') inner = inner.expression;
      if (inner.type !== 'ConditionalExpression' || !(isEmpty(inner.consequent) || isEmpty(inner.alternate)))
        return;
      found.push(`${file}:${source.slice(0, start).split('\n').length}`);
    },
  }).visit(parseSync(file, source).program);
  return found;
}

const found = globSync('src/**/*.{ts,tsx}', { exclude: ['src/demo/sample/**'] }).flatMap(conditionalSpreads);

test('what is absent is written as undefined, not spread in', () => {
  const isAllowed = (place: string): boolean => ALLOWED.some(([file]) => place.startsWith(`${file}:`));
  expect(found.filter((place) => !isAllowed(place))).toEqual([]);
});

test('every exception is still one', () => {
  expect(ALLOWED.filter(([file]) => !found.some((place) => place.startsWith(`${file}:`)))).toEqual([]);
});
