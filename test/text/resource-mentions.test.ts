import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionedResources, mentionOf } from '../../src/text/resource-mentions.ts';

const found = (message: string) =>
  mentionedResources(message, ['docs', 'my-db']).map(({ server, uri }) => `${server} ${uri}`);

test.for([
  ['see @docs:file:///a.md', ['docs file:///a.md']],
  ['(@docs:file:///a.md), then @my-db:row://7?x=1.', ['docs file:///a.md', 'my-db row://7?x=1']],
  ['@docs:file:///a.md @docs:file:///a.md', ['docs file:///a.md']],
  ['"@docs:a:b"', ['docs a:b']],
  ['ada@docs:file:///a.md', []],
  ['@doc:file:///a.md', []],
  ['@docs:readme.md', []],
  ['@docs: file:///a', []],
  ['npm i @docs/x:y', []],
  ['@src/main.ts', []],
] as const)('%s', ([message, expected]) => {
  expect(found(message)).toEqual(expected);
});

test.for([
  ['file:///a.md', '@docs:file:///a.md'],
  ['row://7?x=1', '@docs:row://7?x=1'],
  ['file:///a b.md', undefined],
  ['file:///a.', undefined],
  ['a.md', undefined],
  ['', undefined],
] as const)('%s is named by %s', ([uri, expected]) => {
  expect(mentionOf({ server: 'docs', uri })).toBe(expected);
});

test('no more than five', () => {
  expect(found([1, 2, 3, 4, 5, 6, 7].map((n) => `@docs:row:${n}`).join(' '))).toHaveLength(5);
});

test('whatever the text is, only configured servers are meant, in linear time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, behind) => {
      const message = `${before} @docs:x:y ${behind}`;
      expect(mentionedResources(message, ['docs'])).toContainEqual({ server: 'docs', uri: 'x:y' });
      expect(mentionedResources(message, [])).toEqual([]);
    }),
  );
  expect(found('@docs:a:'.repeat(50_000))).toEqual([]);
});
