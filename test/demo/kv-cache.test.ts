import { expect, test } from 'vitest';
import { KvCache } from '../../src/demo/kv-cache.ts';

const words = (text: string): string[] => text.split(' ');

test('two conversations in turn are read once each', () => {
  const cache = new KvCache();
  const one = words('head a b c d e');
  const other = words('head 1 2 3 4 5');
  expect([
    cache.read(one),
    cache.read(other),
    cache.read([...one, 'f']),
    cache.read([...other, '6', '7']),
  ]).toEqual([
    { promptTokens: 6, newTokens: 6, rereadTokens: 6 },
    { promptTokens: 6, newTokens: 0, rereadTokens: 5 },
    { promptTokens: 7, newTokens: 1, rereadTokens: 1 },
    { promptTokens: 8, newTokens: 2, rereadTokens: 2 },
  ]);
});

test('what keeps more than half of a conversation replaces it', () => {
  const cache = new KvCache();
  cache.read(words('a b c d e f'));
  cache.read(words('a b c d x'));
  expect(cache.read(words('a b c d e f'))).toEqual({ promptTokens: 6, newTokens: 1, rereadTokens: 2 });
});
