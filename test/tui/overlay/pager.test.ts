import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Item } from '../../../src/protocol.ts';
import {
  handlePagerKey,
  openBacktrack,
  openPager,
  type PagerResult,
  type PagerScreen,
  type PagerState,
} from '../../../src/tui/overlay/pager.ts';
import { pagerLines } from '../../../src/tui/overlay/pager-lines.ts';
import { move, type PagerSource, rowsFrom, start } from '../../../src/tui/overlay/pager-place.ts';
import { linesSource, transcriptSource } from '../../../src/tui/overlay/transcript.ts';
import { keyOf } from '../../../src/tui/term/keys.ts';
import { anyKey, anyText, contextOf, expectToFit, seen } from './overlay-screen.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i + 1}`);

/** Sections of ten lines each. */
function sectioned(count: number): PagerSource & { built: () => number } {
  let built = 0;
  const sections = Array.from({ length: count }, (_, section) => {
    let lines: string[] | undefined;
    return {
      weight: 10,
      lines: () => {
        if (lines === undefined) built += 1;
        lines ??= Array.from({ length: 10 }, (_, i) => `line ${section * 10 + i + 1}`);
        return lines;
      },
    };
  });
  return { title: 'Transcript', sections, textOf: (line) => line, built: () => built };
}

function run(screen: PagerScreen, from: PagerState, ...chords: readonly string[]): PagerState | PagerResult {
  let state = from;
  for (const chord of chords) {
    const step = handlePagerKey(state, keyOf(chord), screen);
    if ('result' in step) return step.result;
    state = step.state;
  }
  return state;
}

function view(screen: PagerScreen, ...chords: readonly string[]): string {
  const state = run(screen, openPager(), ...chords);
  if ('type' in state) throw new Error('closed');
  return seen(pagerLines(state, screen, contextOf(screen.width)));
}

/** The first row of text that is shown. */
const top = (screen: PagerScreen, ...chords: readonly string[]): string =>
  view(screen, ...chords).split('\n')[1] ?? '';

const HUNDRED: PagerScreen = { source: linesSource(numbered(100), 'Transcript'), width: 60, rows: 6 };

test('it opens at the end and shows where it is', () => {
  expect(view(HUNDRED)).toBe(
    [
      'Transcript 100%',
      'line 97',
      'line 98',
      'line 99',
      'line 100',
      '  ↑↓ scroll · q close · / search · space page · home/end',
    ].join('\n'),
  );
  expect(view(HUNDRED, 'home').split('\n').slice(0, 2)).toEqual(['Transcript 0%', 'line 1']);
});

test.each([
  [['up'], 'line 96'],
  [['k', 'k'], 'line 95'],
  [['up', 'down'], 'line 97'],
  [['down'], 'line 97'],
  [['pageup'], 'line 93'],
  [['b', 'ctrl+b'], 'line 89'],
  [['ctrl+u'], 'line 95'],
  [['home', 'ctrl+d'], 'line 3'],
  [['home', ' '], 'line 5'],
  [['g', 'up'], 'line 1'],
  [['g', 'G'], 'line 97'],
  [['/', '4', '2', 'enter'], 'line 42'],
  [['/', '9', 'enter', 'n', 'n'], 'line 97'],
  [['/', '9', 'enter', 'n', 'n', 'n', 'n'], 'line 9'],
  [['home', '/', '9', 'enter', 'n'], 'line 19'],
  [['home', '/', '9', 'enter', 'n', 'N'], 'line 9'],
  [['home', '/', 'L', 'I', 'N', 'E', ' ', '5', 'backspace', '7', 'enter'], 'line 7'],
  [['home', '/', 'x', 'escape'], 'line 1'],
])('%j leads to %s', (chords, expected) => {
  expect(top(HUNDRED, ...chords)).toBe(expected);
});

test('a search that finds nothing says so and stays', () => {
  const text = view(HUNDRED, 'home', '/', 'z', 'enter');
  expect(text.split('\n')).toEqual([
    'Transcript 0%',
    'line 1',
    'line 2',
    'line 3',
    'line 4',
    '  z: not found',
  ]);
});

test('what was searched is inverse', () => {
  const state = run(HUNDRED, openPager(), 'home', '/', 'N', 'e', ' ', '3', 'enter');
  if ('type' in state) throw new Error('closed');
  expect(pagerLines(state, HUNDRED, contextOf(60))[1]).toBe('li\x1b[1m\x1b[7mne 3\x1b[27m\x1b[22m');
});

test.each(['q', 'escape', 'ctrl+t', 'ctrl+c'])('%s closes', (chord) => {
  expect(run(HUNDRED, openPager(), chord)).toEqual({ type: 'closed' });
});

test('at the end it follows what is added, elsewhere it stays', () => {
  const longer = { ...HUNDRED, source: linesSource(numbered(103), 'Transcript') };
  const up = run(HUNDRED, openPager(), 'up');
  if ('type' in up) throw new Error('closed');
  expect(seen(pagerLines(openPager(), longer, contextOf(60))).split('\n')[1]).toBe('line 100');
  expect(seen(pagerLines(up, longer, contextOf(60))).split('\n')[1]).toBe('line 96');
});

test('a key builds and wraps what is near, however long the text is', () => {
  const source = sectioned(100_000);
  const screen: PagerScreen = { source, width: 80, rows: 40 };
  expect(top(screen, 'up', 'pageup', 'pageup', 'home', 'pagedown', 'end')).toBe('line 999963');
  expect(source.built()).toBeLessThan(40);
});

test('rows: walking down and up again ends where it began, and every row is passed once', () => {
  const anyLines = fc.array(
    fc.oneof(
      anyText.map((text) => text.replace(/[\x00-\x1f\u202e\ud800]/g, '')),
      fc.constant(''),
    ),
    { maxLength: 12 },
  );
  const anySource = fc.array(anyLines, { maxLength: 6 }).map(
    (sections): PagerSource => ({
      title: 't',
      sections: sections.map((lines) => ({ lines: () => lines, weight: lines.length })),
      textOf: (line) => line,
    }),
  );
  fc.assert(
    fc.property(anySource, fc.integer({ min: 20, max: 60 }), (source, width) => {
      const rows = rowsFrom(source, width, start, 10_000);
      const [first] = rows;
      if (first === undefined) return;
      for (const [index, { place }] of rows.entries()) {
        expect(move(source, width, first.place, index)).toEqual(place);
        expect(move(source, width, place, -index)).toEqual(first.place);
      }
      expect(move(source, width, first.place, rows.length + 5)).toEqual(rows.at(-1)?.place);
    }),
  );
});

const ITEMS: readonly Item[] = [
  { type: 'user_message', id: 'u1', text: 'fix the total\nit is off' },
  { type: 'reasoning', id: 'r1', text: 'The sum is wrong.\nLook at price.ts.', status: 'completed' },
  {
    type: 'tool_call',
    id: 't1',
    tool: 'read_file',
    arguments: { path: 'src/price.ts' },
    output: 'const TAX = 0.16;\n\x1b[31mred\x1b[0m',
    status: 'completed',
  },
  {
    type: 'command_execution',
    id: 'c1',
    command: 'npm test &&\n  echo ok',
    cwd: '/home/ada/shop',
    output: `${numbered(12).join('\n')}\n10%\r99%\n`,
    exitCode: 1,
    durationMs: 61_000,
    status: 'failed',
  },
  {
    type: 'file_change',
    id: 'f1',
    changes: [
      { path: '/home/ada/shop/a.ts', kind: 'update', diff: '--- a\n+++ b\n@@ -1,1 +1,1 @@\n-old\n+new\n' },
    ],
    output: 'Success. Updated the following files:\nM a.ts',
    status: 'completed',
  },
  {
    type: 'plan',
    id: 'p1',
    explanation: 'Two steps.',
    steps: [
      { step: 'find', status: 'completed' },
      { step: 'fix', status: 'in_progress' },
      { step: 'test', status: 'pending' },
    ],
  },
  { type: 'agent_message', id: 'a1', text: 'Done: **19 %** now.', status: 'completed' },
  { type: 'user_message', id: 'u2', text: 'thanks' },
];

test('the transcript holds all of every item', () => {
  const ctx = contextOf(60);
  const source = transcriptSource(ITEMS, ctx);
  const screen: PagerScreen = { source, width: 60, rows: 60 };
  expect(`${seen(pagerLines(openPager(), screen, ctx))}\n`).toMatchSnapshot();
});

test('lines of an item are built once, even when others are added', () => {
  const cache = new WeakMap();
  const ctx = contextOf(60);
  const first = transcriptSource(ITEMS.slice(0, 2), ctx, 'T', cache);
  const second = transcriptSource(ITEMS, ctx, 'T', cache);
  expect(second.sections[1]?.lines()).toBe(first.sections[1]?.lines());
  const wider = transcriptSource(ITEMS, contextOf(80), 'T', cache);
  expect(wider.sections[1]).not.toBe(second.sections[1]);
});

test('going back: earlier and later messages, and the one to continue from', () => {
  const source = transcriptSource(ITEMS, contextOf(60));
  const screen: PagerScreen = { source, width: 60, rows: 10 };
  const state = openBacktrack(screen);
  if (state === undefined) throw new Error('no message');
  expect(run(screen, state, 'enter')).toEqual({ type: 'rollback', itemId: 'u2' });
  expect(run(screen, state, 'left', 'enter')).toEqual({ type: 'rollback', itemId: 'u1' });
  expect(run(screen, state, 'escape', 'enter')).toEqual({ type: 'rollback', itemId: 'u1' });
  expect(run(screen, state, 'left', 'right', 'right', 'enter')).toEqual({ type: 'rollback', itemId: 'u2' });
  expect(run(screen, state, 'escape', 'escape')).toEqual({ type: 'closed' });
  expect(run(screen, state, 'left', 'q')).toEqual({ type: 'closed' });
  const older = run(screen, state, 'left');
  if ('type' in older) throw new Error('closed');
  expect(pagerLines(older, screen, contextOf(60)).slice(1, 4)).toEqual([
    '',
    '\x1b[7m› fix the total\x1b[27m',
    '\x1b[7m  it is off\x1b[27m',
  ]);
  expect(
    openBacktrack({ ...screen, source: transcriptSource(ITEMS.slice(1, 4), contextOf(60)) }),
  ).toBeUndefined();
});

const anyItem: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ type: fc.constant('user_message' as const), id: fc.uuid(), text: anyText }),
  fc.record({
    type: fc.constant('agent_message' as const),
    id: fc.uuid(),
    text: anyText,
    status: fc.constantFrom('in_progress', 'completed', 'failed', 'declined'),
  }),
  fc.record({
    type: fc.constant('command_execution' as const),
    id: fc.uuid(),
    command: anyText,
    cwd: anyText,
    output: anyText,
    exitCode: fc.constantFrom(0, null),
    durationMs: fc.nat(),
    status: fc.constantFrom('in_progress', 'completed', 'failed', 'declined'),
  }),
  fc.record({
    type: fc.constant('tool_call' as const),
    id: fc.uuid(),
    tool: anyText,
    arguments: fc.dictionary(anyText, anyText),
    output: anyText,
    status: fc.constantFrom('in_progress', 'completed', 'failed', 'declined'),
  }),
);

test('any transcript, any keys, any size: a full screen and no more', () => {
  const size = fc.record({ width: fc.integer({ min: 20, max: 100 }), rows: fc.integer({ min: 1, max: 30 }) });
  fc.assert(
    fc.property(
      fc.array(anyItem, { maxLength: 8 }),
      fc.array(anyKey, { maxLength: 25 }),
      size,
      (items, keys, { width, rows }) => {
        const ctx = contextOf(width);
        const screen: PagerScreen = { source: transcriptSource(items, ctx), width, rows };
        let state = openBacktrack(screen) ?? openPager();
        for (const key of keys) {
          const lines = pagerLines(state, screen, ctx);
          expect(lines).toHaveLength(rows);
          expectToFit(lines, width, rows);
          const step = handlePagerKey(state, key, screen);
          if ('result' in step) return;
          state = step.state;
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** The rows with the marked parts in brackets; what the search is at in double ones. */
function marks(screen: PagerScreen, ...chords: readonly string[]): string[] {
  const state = run(screen, openPager(start), ...chords);
  if ('type' in state) throw new Error('closed');
  const lines = pagerLines(state, screen, contextOf(screen.width));
  return lines.map((line) =>
    seen([
      line
        .replaceAll('\x1b[1m\x1b[7m', '[[')
        .replaceAll('\x1b[27m\x1b[22m', ']]')
        .replaceAll('\x1b[7m', '[')
        .replaceAll('\x1b[27m', ']'),
    ]).trim(),
  );
}

test('a search counts what it finds, and says which one it is at, also where it is narrow', () => {
  const source = linesSource(['a needle, a needle', 'hay', 'Needle'], 'Transcript');
  const screen: PagerScreen = { source, width: 40, rows: 5 };
  const search = ['/', ...'needle', 'enter'];
  expect(marks(screen, ...search)).toEqual([
    'Transcript 100%',
    'a [[needle]], a [needle]',
    'hay',
    '[Needle]',
    '1 of 3 · n next · N back · q close',
  ]);
  expect(marks(screen, ...search, 'n')[1]).toBe('a [needle], a [[needle]]');
  expect(marks(screen, ...search, 'n', 'n')[4]).toBe('3 of 3 · n next · N back · q close');
  expect(marks(screen, ...search, 'n', 'n', 'n')[4]).toBe('1 of 3 · n next · N back · q close');
  expect(marks(screen, ...search, 'N')[4]).toBe('3 of 3 · n next · N back · q close');
  expect(marks(screen, ...search, 'up')[4]).toBe('3 found · n next · N back · q close');
});

test('what is found is on the screen and marked, far in a long line and across two rows', () => {
  const line = `${'x'.repeat(400)}needle${'y'.repeat(400)}`;
  const screen: PagerScreen = { source: linesSource(['top', line, 'end'], 'Transcript'), width: 40, rows: 6 };
  const [, first, second] = marks(screen, '/', ...'needle', 'enter');
  expect(`${first}${second}`.replaceAll(/\]\]\[\[|[xy]/g, '')).toBe('[[needle]]');
  const broken = `${'x'.repeat(36)}needle`;
  const narrow: PagerScreen = { source: linesSource([broken], 'Transcript'), width: 40, rows: 6 };
  expect(marks(narrow, '/', ...'needle', 'enter').slice(1, 3)).toEqual([
    `${'x'.repeat(36)}[[nee]]`,
    '[[dle]]',
  ]);
});

test('any text: each press of n goes to the next of as many places as it says, and all are on the screen', () => {
  const anyLine = fc.string({
    unit: fc.constantFrom('a', 'b', 'ab', ' ', '漢', '\x1b[1m', '\x1b[22m'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 8 }), fc.integer({ min: 4, max: 60 }), (lines, width) => {
      const screen: PagerScreen = { source: linesSource(lines, 'T'), width, rows: 4 };
      const text = lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, ''));
      const count = text.reduce((sum, line) => sum + line.split('ab').length - 1, 0);
      let state = run(screen, openPager(start), '/', 'a', 'b', 'enter');
      for (let at = 1; at <= count; at += 1) {
        if ('type' in state) throw new Error('closed');
        expect(state.found).toEqual({ of: count, at });
        expect(pagerLines(state, screen, contextOf(width)).join('')).toContain('\x1b[1m\x1b[7m');
        state = run(screen, state, 'n');
      }
      expect('type' in state ? undefined : state.found?.at).toBe(count === 0 ? undefined : 1);
    }),
  );
});
