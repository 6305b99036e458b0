import { expect, test } from 'vitest';
import type { Happening, Item, ItemStatus } from '../../../src/protocol.ts';
import type { PagerScreen } from '../../../src/tui/overlay/pager.ts';
import { openPager } from '../../../src/tui/overlay/pager.ts';
import { pagerLines } from '../../../src/tui/overlay/pager-lines.ts';
import { start } from '../../../src/tui/overlay/pager-place.ts';
import { transcriptSource } from '../../../src/tui/overlay/transcript.ts';
import { contextOf, expectToFit, seen } from './overlay-screen.ts';

/** All of the transcript of these entries. */
function transcript(entries: readonly (Happening | Item)[], width = 100): string {
  const ctx = contextOf(width);
  const screen: PagerScreen = { source: transcriptSource(entries, ctx), width, rows: 60 };
  const lines = pagerLines(openPager(start), screen, ctx);
  expectToFit(lines, width, screen.rows);
  return seen(lines).split('\n').slice(1, -1).join('\n').trim();
}

const REQUEST = {
  id: 'a1',
  kind: 'command',
  command: "/bin/bash -c 'npm publish\necho done'",
  cwd: '/work',
  reason: 'it needs the network',
} as const;

const LONG_REASON = Array.from({ length: 12 }, (_, at) => `reason ${at}`).join('\n');

test.each<[string, Happening, string]>([
  [
    'a refused patch: what was tried, and the whole reason',
    {
      type: 'call_rejected',
      tool: 'apply_patch',
      message: LONG_REASON,
      arguments: { input: '*** Begin Patch\n*** Update File: a.ts\n-x\n+y\n*** End Patch' },
    },
    [
      '✗ The edit was not made:',
      ...LONG_REASON.split('\n').map((line) => `  ${line}`),
      '  It tried:',
      '    input:',
      ...['*** Begin Patch', '*** Update File: a.ts', '-x', '+y', '*** End Patch'].map(
        (line) => `      ${line}`,
      ),
    ].join('\n'),
  ],
  [
    'a refused call',
    { type: 'call_rejected', tool: 'grep', message: 'no such tool', arguments: { pattern: 'x', depth: 2 } },
    '✗ grep was not run:\n  no such tool\n  It tried:\n    pattern: x\n    depth: 2',
  ],
  [
    'a refused call of an earlier oagent',
    { type: 'call_rejected', tool: '', message: 'no' },
    '✗ A call was not run:\n  no',
  ],
  [
    'a decline, with the command as it was typed',
    {
      type: 'approval_resolved',
      id: 'a1',
      answer: { type: 'no', instead: 'use --dry-run' },
      request: REQUEST,
    },
    '✗ You declined\n  $ npm publish\n    echo done\n  Asked because: it needs the network\n  Instead: use --dry-run',
  ],
  [
    'a rule',
    {
      type: 'approval_resolved',
      id: 'a1',
      answer: { type: 'prefix' },
      request: { ...REQUEST, command: 'npm test', prefix: ['npm', 'test'] },
    },
    '✔ You approved all such commands: npm test …\n  $ npm test\n  Asked because: it needs the network',
  ],
  [
    'an edit that was declined, with the stop',
    {
      type: 'approval_resolved',
      id: 'a1',
      answer: { type: 'stop' },
      request: {
        id: 'a1',
        kind: 'patch',
        cwd: '/work',
        reason: 'outside',
        changes: [{ path: '/etc/x', kind: 'update', diff: '@@ -1 +1 @@\n-old\n+new\n' }],
      },
    },
    '✗ You declined and stopped the turn\n    Edit /etc/x (+1 -1)\n      1 -old\n      1 +new\n  Asked because: outside',
  ],
  ['an answer alone', { type: 'approval_resolved', id: 'a1', answer: { type: 'once' } }, '✔ You approved'],
  [
    'an error',
    { type: 'turn_failed', message: 'Ollama answered 500\nTry again.' },
    '■ Ollama answered 500\n  Try again.',
  ],
  ['an interrupt', { type: 'turn_aborted' }, '■ Interrupted. Tell the model what to do instead.'],
  [
    'a retry',
    { type: 'retry', attempt: 1, max: 2, reason: 'the stream ended' },
    '↻ Retrying (1 of 2): the stream ended',
  ],
  ['a repair', { type: 'repaired', message: 'JSON in the text' }, '• Repaired: JSON in the text'],
  ['a notice', { type: 'repaired', message: 'It is led', isNotice: true }, '• It is led'],
  ['a warning', { type: 'warning', message: 'old\nserver' }, '⚠ old\n  server'],
  [
    'a compaction',
    { type: 'compacted', before: 8_000, after: 2_000 },
    '• Context compacted: 8k → 2k tokens (75% less)',
  ],
  [
    'memories, each with its source',
    {
      type: 'recalled',
      memories: [
        { text: 'It is \u001b[31m5433.', date: '2026-11-01', thread: '019a3c2e-1111' },
        { text: 'Two lines.', date: '2026-11-02', note: 'db.md', project: 'ferry' },
      ],
      text: '',
    },
    '• From memory: 2 notes\n  2026-11-01, session 019a3c2e-1111\n    It is ␛[31m5433.\n' +
      '  2026-11-02, note db.md, project ferry\n    Two lines.',
  ],
  [
    'retrieved code, with the text that the model got',
    {
      type: 'retrieved',
      places: [{ path: 'src/a.ts', start: 1, end: 2 }],
      text: 'src/a.ts:1-2 f\nfunction f() {\n\treturn "\u001b[31m";',
    },
    '• Retrieved 1 place\n  src/a.ts:1-2\n\n  src/a.ts:1-2 f\n  function f() {\n      return "␛[31m";',
  ],
])('%s', (_, event, expected) => {
  expect(transcript([event])).toBe(expected);
  for (const width of [40, 20, 4]) transcript([event], width);
});

const ENDED: Extract<Item, { type: 'command_execution' }> = {
  type: 'command_execution',
  id: 'i1',
  command: "/bin/bash -lc 'npm run dev'",
  cwd: '/work',
  output: 'up\n',
  exitCode: 3,
  durationMs: 65_000,
  status: 'failed',
  sessionId: 7,
};

test('a background command: that it keeps running, and its end', () => {
  const begun: Item = { ...ENDED, id: 'i0', exitCode: null, status: 'completed' };
  expect(transcript([begun, ENDED])).toBe(
    [
      '$ npm run dev\n  up\n  background command 7 keeps running, in /work',
      '$ npm run dev\n  up\n  background command 7 ended: exit code 3, 1m 05s, in /work',
    ].join('\n\n'),
  );
});

test('an edit is called what became of it, as in the scrollback', () => {
  const change = { path: '/a.ts', kind: 'update', diff: '@@ -1 +1 @@\n-old\n+new' } as const;
  const edit = (status: ItemStatus): string =>
    transcript([{ type: 'file_change', id: '1', changes: [change], output: '', status }]).split('\n')[0] ??
    '';
  expect((['completed', 'in_progress', 'failed', 'declined'] as const).map(edit)).toEqual([
    '• Edited 1 file',
    '• Editing 1 file',
    '✗ Edit failed: 1 file',
    '✗ Edit declined: 1 file',
  ]);
});

test('sentences are wrapped between words', () => {
  const happenings: Happening[] = [
    { type: 'compacted', before: 20_000, after: 3_000 },
    { type: 'warning', message: 'The window of 4,096 tokens is small.\nSet num_ctx.' },
    { type: 'turn_failed', message: 'Ollama answered 500: the runner has stopped.' },
    { type: 'call_rejected', tool: 'shell', message: 'rm -rf is not permitted in this folder' },
  ];
  expect(transcript(happenings, 30).split('\n')).toEqual([
    ...['• Context compacted: 20k → 3k', '  tokens (85% less)', ''],
    ...['⚠ The window of 4,096 tokens', '  is small.', '  Set num_ctx.', ''],
    ...['■ Ollama answered 500: the', '  runner has stopped.', ''],
    ...['✗ The command was not run:', '  rm -rf is not permitted in', '  this folder'],
  ]);
});
