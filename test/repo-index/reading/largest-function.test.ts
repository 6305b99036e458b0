import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestFunction } from '../../../src/repo-index/reading/largest-function.ts';

const FOLDER = path.dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));
const largestOf = (grammar: string): number =>
  largestFunction(readFileSync(path.join(FOLDER, `tree-sitter-${grammar}.wasm`)));

test('the lexers for which a second compiler takes much are told from the others', () => {
  const large = ['bash', 'c-sharp', 'cpp', 'powershell', 'ruby'].map(largestOf);
  const small = ['go', 'java', 'javascript', 'php', 'python', 'rust', 'tsx', 'typescript'].map(largestOf);
  expect([Math.min(...large) > 30_000, Math.max(...small) < 30_000]).toEqual([true, true]);
});

test('the length is that of the longest body', () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const custom = [0, 2, 1, 0x78];
  const bodies = [3, 2, 0, 0x0b, 130, 1, 0, ...Array.from({ length: 128 }, () => 1), 0x0b, 2, 0, 0x0b];
  const code = [10, (bodies.length & 0x7f) | 0x80, bodies.length >> 7, ...bodies];
  expect(largestFunction(Uint8Array.from([...header, ...custom, ...code]))).toBe(130);
  expect(largestFunction(Uint8Array.from([...header, ...custom]))).toBe(0);
});

test('bytes that are no module are gone through once', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), (bytes) => {
      expect(largestFunction(bytes)).toBeGreaterThanOrEqual(0);
    }),
  );
});
