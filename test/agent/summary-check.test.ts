import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSummary, recordOf } from '../../src/agent/summary-check.ts';
import { readSections, summarySchema } from '../../src/agent/summary-sections.ts';
import type { HistoryItem } from '../../src/context/history.ts';

const SCHEMA = summarySchema(4_000);

const call = (id: string, name: string, args: { [name: string]: unknown }): HistoryItem => ({
  type: 'assistant',
  content: '',
  thinking: '',
  calls: [{ id, name, arguments: args }],
});
const output = (callId: string, content: string): HistoryItem => ({
  type: 'tool',
  callId,
  name: 'shell',
  content,
});

const ITEMS: readonly HistoryItem[] = [
  { type: 'user', kind: 'context', content: '<cwd>/home/ada/work</cwd>' },
  { type: 'user', kind: 'prompt', content: 'Fix the sign in calc.py. Use tabs.' },
  {
    type: 'assistant',
    content: 'The notes will go to docs/sign.md; all 99 tests passed.',
    thinking: '',
    calls: [],
  },
  call('1', 'read_file', { path: 'src/missing.py' }),
  output('1', 'read_file: no such file: src/missing.py'),
  call('2', 'shell', { command: 'cd /home/ada/work &&  python3 -m pytest -q' }),
  output('2', 'Exit code: 1\nOutput:\n3 passed, 2 failed in 0.1s'),
];
const COMMANDS = [{ command: 'cd /home/ada/work && python3 -m pytest -q', exitCode: 1 }];
const RECORD = recordOf(ITEMS, { commands: COMMANDS, cwd: '/home/ada/work' });

const isKept = (line: string, record = RECORD): boolean => checkSummary(line, record).struck.length === 0;

test.each([
  '- calc.py: the sign is wrong.',
  '- Changed `calc.py` (`/home/ada/work/calc.py`, `./calc.py:10`).',
  '- src/missing.py does not exist.',
  '- Ran `python3 -m pytest -q`: 3 passed, 2 failed, exit code 1.',
  '- `$ python3 -m pytest -q` fails.',
  '- The notes are to be in docs/sign.md.',
  '- 0 errors',
  '- Uses tabs, as in Node.js and on https://example.com/a/b.html.',
  '- Tests must pass before the end.',
  '- Not yet searched for other callers.',
  'Next: write test/new_test.py and run `npm test`.',
  '',
  '# Progress in src/other.py',
])('kept: %s', (line) => {
  expect(isKept(line)).toBe(true);
});

test.each([
  '- src/calc.py: the sign is wrong.',
  '- Changed helper.ts.',
  '- calc.py does not exist.',
  '- Ran `npm test`.',
  '- Ran `pytest -v`.',
  '- All tests passed.',
  '- 99 tests passed.',
  '- 12 passed',
  '- The program ended with exit code 0.',
  '- Searched the repository for the function.',
])('struck: %s', (line) => {
  expect(isKept(line)).toBe(false);
});

test('tests that ended well bear out that tests pass', () => {
  const good = recordOf(ITEMS, { commands: [{ command: 'npm test', exitCode: 0 }], cwd: '/w' });
  expect(isKept('- All tests passed.', good)).toBe(true);
  expect(isKept('- Ran `npm test`.', good)).toBe(true);
});

test('what is still to be done may name what is not there yet', () => {
  const summary = [
    '## Progress',
    '- Made new.py.',
    '## Remaining work',
    '- Make other.py.',
    '## Critical data',
    '- third.py',
  ];
  expect(checkSummary(summary.join('\n'), RECORD)).toEqual({
    text: '## Progress\n## Remaining work\n- Make other.py.\n## Critical data',
    struck: ['- Made new.py.', '- third.py'],
  });
});

test('whatever the summary, only whole lines go, and what the record says itself stays', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('- a.py', '`npm test`', '12 passed', '## Next', 'x.ts does not exist', 'tests passed'),
  );
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (summary, known) => {
      const items: HistoryItem[] = known.map((content) => ({ type: 'user', kind: 'note', content }));
      const record = recordOf(items, { commands: [], cwd: '/w' });
      const lines = summary.join('\n').split('\n');
      const { text, struck } = checkSummary(summary.join('\n'), record);
      const all = [...lines];
      for (const one of struck) expect(all.splice(all.indexOf(one), 1)).toEqual([one]);
      expect(text).toBe(all.join('\n').trim());
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom('src/a.py', 'b.ts', 'c/d.md')), (files) => {
      const items: HistoryItem[] = [{ type: 'user', kind: 'prompt', content: files.join(' ') }];
      const summary = files.map((file) => `- Read ${file}.`).join('\n');
      expect(checkSummary(summary, recordOf(items, { commands: [], cwd: '/w' })).struck).toEqual([]);
    }),
  );
});

test('sections come back as the text of a summary', () => {
  expect(Object.keys(SCHEMA.properties as object)).toEqual(Object.keys(SCHEMA.properties as object).sort());
  const names = SCHEMA.required as string[];
  const content = (...lists: unknown[]) =>
    JSON.stringify(Object.fromEntries(names.map((name, at) => [name, lists[at]])));
  expect(readSections(content(['a'], [], ['b', 'c'], ['d']))).toBe(
    '## Progress and decisions\n- a\n## Remaining work\n- b\n- c\n## Critical data\n- d',
  );
  expect(readSections(content([], [], [], []))).toBe('');
  for (const other of [
    '',
    '{}',
    '[]',
    'null',
    '## Progress\nx',
    content('a', [], [], []),
    content([1], [], [], []),
  ]) {
    expect(readSections(other)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => void readSections(text)),
  );
});

test('a summary has room by what it replaces', () => {
  const linesFor = (tokens: number): unknown =>
    Object.values(summarySchema(tokens).properties as object).map(({ maxItems }) => maxItems);
  expect([0, 1_500, 4_000, 6_000, 1_000_000].map(linesFor)).toEqual(
    [2, 2, 5, 7, 12].map((most) => [most, most, most, most]),
  );
});
