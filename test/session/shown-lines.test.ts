import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryItem } from '../../src/context/history.ts';
import { shownLines } from '../../src/session/shown-lines.ts';

const none = () => undefined;
const note = (content: string): HistoryItem => ({ type: 'user', kind: 'note', content });
const called = (name: string, args: Record<string, unknown>) => ({ id: '1', name, arguments: args });

test('excerpts with their citations; a citation without its lines is none', async () => {
  const text = '[Perhaps:]\nsrc/a b.ts:3-4 foo, bar\n3\n\nsrc/c.ts:9\nnine:9\n\nsrc/d.ts:1-9\nshort';
  const runs = [
    { path: 'src/a b.ts', by: 'index', lines: ['3', ''] },
    { path: 'src/c.ts', by: 'index', lines: ['nine:9'] },
  ];
  expect(await shownLines(note(text), none)).toEqual(runs);
  expect(await shownLines({ type: 'tool', callId: '1', name: 'search_code', content: text }, none)).toEqual(
    runs,
  );
  expect(await shownLines({ type: 'user', kind: 'prompt', content: text }, none)).toEqual([]);
});

test('numbered lines of a file are runs', async () => {
  const content = '1\tone\n2\t  two\n9\tnine\n[lines 1-9 of 20; next offset=10]\nno tab';
  const read = called('read_file', { path: 'x/y.ts' });
  expect(await shownLines({ type: 'tool', callId: '1', name: 'read_file', content }, () => read)).toEqual([
    { path: 'x/y.ts', by: 'model', lines: ['one', '  two'] },
    { path: 'x/y.ts', by: 'model', lines: ['nine'] },
  ]);
});

test('a patch shows each hunk as it is afterwards', async () => {
  const input = [
    '*** Begin Patch',
    '*** Update File: a.ts',
    '*** Move to: b.ts',
    '@@ head',
    ' kept',
    '-gone',
    '+@@ -1 +1 @@',
    '@@',
    '-old',
    '+new',
    '*** Add File: c.ts',
    '+c',
    '*** Delete File: d.ts',
    '*** End Patch',
  ].join('\n');
  const calls = [called('apply_patch', { input }), called('apply_patch', { input: 'no patch' })];
  expect(await shownLines({ type: 'assistant', content: '', thinking: '', calls }, none)).toEqual([
    { path: 'b.ts', by: 'model', lines: ['kept', '@@ -1 +1 @@'] },
    { path: 'b.ts', by: 'model', lines: ['new'] },
    { path: 'c.ts', by: 'model', lines: ['c', ''] },
  ]);
});

test('any text is read without a fault', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('read_file', 'search_code'),
      async (content, name) => {
        const lines = content.split('\n').length;
        const call = called('apply_patch', { input: content });
        const items: HistoryItem[] = [
          note(content),
          { type: 'tool', callId: '1', name, content },
          { type: 'assistant', content, thinking: '', calls: [call] },
        ];
        for (const item of items) {
          const runs = await shownLines(item, () => call);
          expect(runs.flatMap((run) => run.lines).length).toBeLessThanOrEqual(lines);
        }
      },
    ),
  );
});
