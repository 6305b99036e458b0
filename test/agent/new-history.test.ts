import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newHistory } from '../../src/agent/new-history.ts';
import { PromptMeter } from '../../src/agent/prompt-meter.ts';
import type { HistoryItem } from '../../src/context/history.ts';
import { messagesOf } from '../../src/context/prompt.ts';

const meter = new PromptMeter();
const tokensOf = (items: readonly HistoryItem[]): number =>
  meter.estimate(messagesOf(items, { vision: true }), []);
const measures = { tokensOf, bytesPerToken: 4 };
const prompt = (content: string, images?: readonly string[]): HistoryItem => ({
  type: 'user',
  kind: 'prompt',
  content,
  images,
});

test('the order is frame, the user’s messages, summary, facts', () => {
  const old: HistoryItem[] = [
    { type: 'user', kind: 'context', content: 'old frame' },
    prompt('first'),
    { type: 'assistant', content: 'a', thinking: '', calls: [{ id: '1', name: 'shell', arguments: {} }] },
    { type: 'tool', callId: '1', name: 'shell', content: 'out' },
    { type: 'user', kind: 'note', content: 'an earlier summary' },
    prompt('second'),
  ];
  const parts = { frame: 'frame', old, summary: 'S', facts: 'F' };
  const items = newHistory(parts, { total: 2000, users: 500 }, measures);
  expect(items).toEqual([
    { type: 'user', kind: 'context', content: 'frame' },
    prompt('first'),
    prompt('second'),
    { type: 'user', kind: 'note', content: expect.stringMatching(/^\[The conversation so far.*\]\nS$/) },
    { type: 'user', kind: 'note', content: '[Known for certain]\nF' },
  ]);
});

test('the user’s messages go newest first; the one that does not fit is cut, older ones are left out', () => {
  const long = (letter: string): HistoryItem => prompt(letter.repeat(2000));
  const parts = { frame: 'f', old: [long('a'), long('b'), prompt('c')], summary: 'S', facts: undefined };
  const items = newHistory(parts, { total: 2000, users: 300 }, measures);
  expect(items.slice(1, -1)).toEqual([
    prompt(expect.stringMatching(/^b+…\d+ chars truncated…b+$/) as unknown as string),
    prompt('c'),
  ]);
});

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.integer({ min: 1, max: 30_000 }).map((length) => 'long "text"\n'.repeat(length / 8)),
);
const item: fc.Arbitrary<HistoryItem[]> = fc.oneof(
  text.map((content) => [prompt(content)]),
  fc.tuple(text, fc.integer({ min: 1, max: 5 })).map(([content, count]) => [
    prompt(
      content,
      Array.from({ length: count }, () => 'aW1hZ2U='),
    ),
  ]),
  text.map((content): HistoryItem[] => [{ type: 'user', kind: 'note', content }]),
  fc.tuple(text, fc.uuid()).map(([content, id]): HistoryItem[] => [
    { type: 'assistant', content, thinking: content, calls: [{ id, name: 'shell', arguments: { content } }] },
    { type: 'tool', callId: id, name: 'shell', content },
  ]),
);

test('whatever the old one was: within the budget, in order, with the newest message of the user, in pairs', () => {
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 30 }),
      text,
      text,
      fc.option(text, { nil: undefined }),
      fc.integer({ min: 600, max: 20_000 }),
      (groups, newest, summary, facts, total) => {
        const old = [...groups.flat(), prompt(`newest ${newest}`)];
        const items = newHistory(
          { frame: 'the frame', old, summary, facts },
          { total, users: Math.floor(total / 2) },
          measures,
        );
        expect(tokensOf(items)).toBeLessThanOrEqual(total);
        expect(items[0]).toEqual({ type: 'user', kind: 'context', content: 'the frame' });
        const kinds = items.map((entry) => (entry.type === 'user' ? entry.kind : entry.type)).join(' ');
        expect(kinds).toMatch(
          facts === undefined ? /^context( prompt)+ note$/ : /^context( prompt)+ note note$/,
        );
        const last = items.findLast((entry) => entry.type === 'user' && entry.kind === 'prompt');
        expect(last?.type === 'user' && last.content.startsWith('newest ')).toBe(true);
        expect(messagesOf(items, { vision: true })).toHaveLength(items.length);
      },
    ),
    { numRuns: 200 },
  );
});
