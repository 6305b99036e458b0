import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { createTools } from '../../src/tools/registry.ts';

test('the schemas of shell, ripgrep, read_file and update_plan take at most 260 tokens', () => {
  const encoding = get_encoding('o200k_base');
  const tokens = (value: unknown): number => encoding.encode(JSON.stringify(value)).length;
  const schemas = createTools({ canEscalate: false, env: {} }).map(({ schema }) => schema);
  const rest = schemas.filter(({ function: { name } }) => name !== 'apply_patch');
  expect(rest.length).toBe(4);
  expect(tokens(rest)).toBeLessThanOrEqual(260);
  encoding.free();
});
