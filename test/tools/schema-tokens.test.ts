import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { createTools } from '../../src/tools/registry.ts';

test('all tool schemas together take less than 420 tokens', () => {
  const encoding = get_encoding('o200k_base');
  const tokens = (value: unknown): number => encoding.encode(JSON.stringify(value)).length;
  const schemas = createTools().map(({ schema }) => schema);
  expect(tokens(schemas)).toBeLessThan(420);
  expect(tokens(schemas.filter(({ function: { name } }) => name !== 'apply_patch'))).toBeLessThanOrEqual(260);
  encoding.free();
});
