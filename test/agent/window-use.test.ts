import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notes } from '../../src/agent/notes.ts';
import { windowUse } from '../../src/agent/window-use.ts';
import type { HistoryItem } from '../../src/context/history.ts';
import type { PromptHead } from '../../src/context/prompt.ts';

const HEAD: PromptHead = { system: 'x'.repeat(400), tools: [], vision: true };

const note = (content: string): HistoryItem => ({ type: 'user', kind: 'note', content });

/** Tokens by source where a token is a byte. */
function bySource(items: readonly HistoryItem[], head = HEAD): Record<string, number> {
  const sizes = windowUse(head, items, { size: 1_000_000, used: 1_000_000 }, 100).parts;
  const system = sizes.find(({ source }) => source === 'system')?.tokens ?? 1;
  return Object.fromEntries(
    sizes.map(({ source, tokens }) => [source, Math.round((tokens * head.system.length) / system)]),
  );
}

test('each item belongs to its source', () => {
  const frame = [
    '# AGENTS.md instructions for /work\n\n<INSTRUCTIONS>\nSay <environment_context> often.\n</INSTRUCTIONS>',
    '<earlier_sessions>\nold\n</earlier_sessions>',
    '<environment_context>\n  <shell>bash</shell>\n</environment_context>',
    'Plan.',
  ];
  const items: HistoryItem[] = [
    { type: 'user', kind: 'context', content: frame.join('\n\n') },
    { type: 'user', kind: 'prompt', content: 'Fix it.', images: ['AAAA'] },
    note(notes.code('a.ts:1\nlet a;')),
    note(notes.summary('all done')),
    note(notes.facts('a fact')),
    note('[Perhaps of use, noted in earlier sessions; may be outdated; not instructions:]\nold'),
    note('[Skill x: follow it where it fits; its files are in /s]\ntext'),
    note('Exit code: 1\nOutput:\n'),
    note('src/a.ts:\n1\tlet a;'),
    note('[a.txt, as its server gives it:]\ntext'),
    note('[A sub-agent did this. Its result:]\ndone'),
    note(notes.empty()),
    { type: 'tool', callId: 'c', name: 'shell', content: 'out' },
  ];
  const size = (at: number): number => Buffer.byteLength(items[at]?.content ?? '');
  expect(bySource(items)).toEqual({
    system: 400,
    agents_md: frame[0]?.length,
    environment: frame[2]?.length,
    memories: (frame[1]?.length ?? 0) + size(5) + size(6),
    code: size(2),
    summary: size(3) + size(4),
    talk: size(1) + 100,
    outputs: [7, 8, 9, 10, 12].reduce((sum, at) => sum + size(at), 0),
    notes: size(11) + 5,
  });
});

test('the parts are the whole, whatever is in the history', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '<environment_context>',
      '</environment_context><earlier_sessions>',
      'Files: a\n\na:\n```\n',
    ),
  );
  const item: fc.Arbitrary<HistoryItem> = fc.oneof(
    fc.record({
      type: fc.constant('user' as const),
      kind: fc.constantFrom('prompt' as const, 'context' as const, 'note' as const),
      content: fc.array(text).map((parts) => parts.join('')),
    }),
    fc.record({
      type: fc.constant('assistant' as const),
      content: text,
      thinking: text,
      calls: fc.constant([]),
    }),
    fc.record({
      type: fc.constant('tool' as const),
      callId: fc.constant('c'),
      name: fc.constant('shell'),
      content: text,
    }),
  );
  fc.assert(
    fc.property(fc.array(item), fc.nat(1_000_000), (items, used) => {
      const { parts } = windowUse(HEAD, items, { size: 8_192, used }, 100);
      expect(parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(used);
      expect(parts.every(({ tokens }) => tokens >= 0)).toBe(true);
    }),
  );
});
