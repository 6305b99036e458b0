import type { ContentBlock } from '@agentclientprotocol/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPrompt } from '../../src/acp/prompt-blocks.ts';

const text = (words: string): ContentBlock => ({ type: 'text', text: words });
const file = (uri: string, words: string): ContentBlock => ({
  type: 'resource',
  resource: { uri, text: words },
});
const link = (uri: string): ContentBlock => ({ type: 'resource_link', uri, name: 'any' });

test.each([
  ['file:///repo/src/a%20b.ts', 'src/a b.ts'],
  ['file:///repo/src/a.ts#L3:9', 'src/a.ts:3-9'],
  ['file:///repo/src/a.ts#L3', 'src/a.ts:3'],
  ['file:///repo', '.'],
  ['file:///etc/hosts', '/etc/hosts'],
  ['/repo/src/a.ts', 'src/a.ts'],
  ['https://example.org/x', 'https://example.org/x'],
  ['zed:///agent/thread/1', 'zed:///agent/thread/1'],
])('%s is %s', (uri, name) => {
  expect(readPrompt([text('See '), link(uri)], '/repo')).toEqual({ text: `See ${name}` });
});

test('embedded files follow the text, whatever is in them', () => {
  fc.assert(
    fc.property(fc.string(), (words) => {
      const { text: all } = readPrompt(
        [text('Fix '), file('file:///repo/$&.ts', `${words}{path}$&`)],
        '/repo',
      );
      expect(all).toBe(`Fix $&.ts\n\n<file path="$&.ts">\n${words}{path}$&\n</file>`);
    }),
  );
});

test('a long file keeps its ends, and says where the rest is', () => {
  const { text: all } = readPrompt([file('file:///repo/a.txt', `begin${'x'.repeat(100_000)}end`)], '/repo');
  expect(all.length).toBeLessThan(21_000);
  expect(all).toMatch(/begin[\s\S]*\/repo\/a\.txt[\s\S]*end/);
});

test.each([
  [[text('  ')], 'empty'],
  [[{ type: 'audio', data: '', mimeType: 'audio/wav' } as const], 'hears nothing'],
  [[{ type: 'image', data: 'bm90aGluZw==', mimeType: 'image/png' } as const], 'not a supported image'],
])('%j is refused in words', (blocks, words) => {
  expect(() => readPrompt(blocks, '/repo')).toThrow(words);
});

test('of an embedded file that no model can see the name is said', () => {
  const svg: ContentBlock = {
    type: 'resource',
    resource: { uri: 'file:///repo/a.svg', blob: 'PHN2Zz4=', mimeType: 'image/svg+xml' },
  };
  expect(readPrompt([text('Shrink '), svg], '/repo')).toEqual({ text: 'Shrink a.svg' });
});
