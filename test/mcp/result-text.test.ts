import { expect, test } from 'vitest';
import { messagesOf } from '../../src/context/prompt.ts';
import type { McpContent } from '../../src/mcp/connection.ts';
import { resultForModel } from '../../src/mcp/result-text.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]).toString('base64');
const image = (data = PNG, mimeType = 'image/png'): McpContent => ({ type: 'image', data, mimeType });
const shown = (...content: McpContent[]) => resultForModel({ content, isError: false });

test('parts that are no text become lines, and images that can be shown are passed on', () => {
  expect(
    shown(
      { type: 'text', text: 'two pages' },
      image(`${PNG.slice(0, 5)}\n${PNG.slice(5)}`),
      image('Qk0=', 'image/bmp'),
      { type: 'audio', data: '', mimeType: 'audio/wav' },
      { type: 'link', uri: 'file:///a', name: 'a' },
      { type: 'link', uri: 'file:///b', name: 'file:///b' },
    ),
  ).toEqual({
    text: 'two pages\n[image: image/png]\n[image left out: image/bmp, which is not a supported image (PNG, JPEG, GIF, WebP)]\n[audio left out: audio/wav]\n[a: file:///a]\n[file:///b]',
    images: [PNG],
  });
});

test('no more than four images, none that is too large, and something where there is nothing', () => {
  const many = shown(...Array.from({ length: 6 }, () => image()));
  expect(many.images).toHaveLength(4);
  expect(many.text.split('\n').slice(4)).toEqual(Array(2).fill('[image left out: there are 4 before it]'));
  expect(shown(image('A'.repeat(12 * 2 ** 20))).text).toBe('[image left out: it is too large]');
  expect(shown()).toEqual({ text: '[no output]', images: [] });
});

test('structured content counts where there is no text', () => {
  const structured = { a: 1 };
  const of = (content: McpContent[]) => resultForModel({ content, structured, isError: false }).text;
  expect(of([])).toBe('{"a":1}');
  expect(of([{ type: 'text', text: 'one' }])).toBe('one');
});

test('an output with images goes to a model that sees; any other is told', () => {
  const items = [
    { type: 'assistant', content: '', thinking: '', calls: [{ id: 'c', name: 'mcp_call', arguments: {} }] },
    { type: 'tool', callId: 'c', name: 'mcp_call', content: '[image: image/png]', images: [PNG] },
  ] as const;
  const base = { role: 'tool', tool_name: 'mcp_call', tool_call_id: 'c' };
  expect(messagesOf(items, { vision: true })[1]).toEqual({
    ...base,
    content: '[image: image/png]',
    images: [PNG],
  });
  expect(messagesOf(items, { vision: false })[1]).toEqual({
    ...base,
    content: '[image: image/png]\nimage content omitted because you do not support image input',
  });
});
