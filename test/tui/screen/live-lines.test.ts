import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { footerLine } from '../../../src/tui/screen/footer.ts';
import { queueLines } from '../../../src/tui/screen/queue-lines.ts';
import { type Activity, statusLine, TokenRate, TurnTimer } from '../../../src/tui/screen/status.ts';
import { context, plain } from '../lines/support.ts';
import { anyText } from '../overlay/overlay-screen.ts';

const entry = (kind: 'steer' | 'queue', text: string) => ({ id: text, text, kind });
const RUNNING = { isRunning: true, interruptKey: 'esc' };
const FULL = {
  model: 'qwen3:latest',
  isLed: false,
  isIncognito: false,
  branch: 'main',
  sandbox: 'workspace-write',
  window: { used: 8_000, size: 32_768, isEstimated: false },
  queued: 2,
  background: 1,
  indexing: undefined,
  remembering: undefined,
  index: ['ready: 120 files, 900 chunks, 40 commits', 'semantic search off: no embedding model is installed'],
  hint: '? help',
  isHintNeeded: false,
  mode: undefined,
  warning: undefined,
};

test('the queue takes the room it gets: fewer entries first, then no entries, titles last', () => {
  const entries = [...['a', 'b', 'c', 'd'].map((text) => entry('steer', text)), entry('queue', 'e')];
  const shown = [9, 7, 5, 3, 1].map((rows) => queueLines(entries, RUNNING, context(60), rows).join('\n'));
  expect(shown.join('\n──\n')).toMatchInlineSnapshot(`
    "• Sent with the next request (esc interrupts and sends now)
      ↳ a
      ↳ b
      ↳ c
      ↳ d
    • Queued until the turn ends (↑ takes back the last one)
      ↳ e
    ──
    • Sent with the next request (esc interrupts and sends now)
      ↳ a
      ↳ b
      ↳ c
      ↳ d
    • Queued until the turn ends (↑ takes back the last one)
      ↳ e
    ──
    • Sent with the next request (esc interrupts and sends now)
      … +3 earlier
      ↳ d
    • Queued until the turn ends (↑ takes back the last one)
      ↳ e
    ──
    • Sent with the next request (esc interrupts and sends now)
    • Queued until the turn ends (↑ takes back the last one)
    ──
    • Sent with the next request (esc interrupts and sends now)"
  `);
  expect(queueLines([entry('queue', 'e')], { ...RUNNING, isRunning: false }, context(60), 9)).toEqual([
    '• Waiting for a model (↑ takes back the last one)',
    '  ↳ e',
  ]);
  expect(queueLines([], RUNNING, context(60), 9)).toEqual([]);
});

test('the footer leaves out whole parts, the least needed first', () => {
  const lines = [100, 80, 70, 60, 50, 40, 30, 20, 10].map((width) => footerLine(FULL, context(width)));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "  qwen3 · ~/work · main · workspace-write · 24% of 32.8k · 2 queued · 1 in background
      qwen3 · ~/work · workspace-write · 24% of 32.8k · 2 queued · 1 in background
      qwen3 · workspace-write · 24% of 32.8k · 2 queued · 1 in background
      qwen3 · 24% of 32.8k · 2 queued · 1 in background
      qwen3 · 24% of 32.8k · 2 queued
      qwen3 · 24% of 32.8k · 2 queued
      24% of 32.8k · 2 queued
      24% of 32.8k
    "
  `);
});

test('hints that are needed come before the folder, the branch and the model', () => {
  const facts = { ...FULL, queued: 0, background: 0, isHintNeeded: true };
  const hint = 'enter steers · tab queues · esc interrupts';
  const running = { ...facts, hint, window: { ...FULL.window, isEstimated: true } };
  expect([120, 100, 80, 60, 40].map((width) => footerLine(running, context(width)))).toMatchInlineSnapshot(`
    [
      "  qwen3 · ~/work · main · workspace-write · ~24% of 32.8k (estimated) · enter steers · tab queues · esc interrupts",
      "  qwen3 · ~/work · workspace-write · ~24% of 32.8k · enter steers · tab queues · esc interrupts",
      "  workspace-write · ~24% of 32.8k · enter steers · tab queues · esc interrupts",
      "  workspace-write · ~24% of 32.8k · enter steers",
      "  workspace-write · ~24% of 32.8k",
    ]
  `);
  const first = { ...facts, hint: '? help · / commands · @ files' };
  expect([100, 80, 60, 40].map((width) => footerLine(first, context(width)))).toMatchInlineSnapshot(`
    [
      "  qwen3 · ~/work · main · workspace-write · 24% of 32.8k · ? help · / commands · @ files",
      "  qwen3 · workspace-write · 24% of 32.8k · ? help · / commands · @ files",
      "  workspace-write · 24% of 32.8k · ? help · / commands",
      "  workspace-write · 24% of 32.8k",
    ]
  `);
});

test('a footer before anything is known', () => {
  const nothing = {
    model: undefined,
    isLed: false,
    isIncognito: false,
    branch: undefined,
    sandbox: 'read-only',
    queued: 0,
    background: 0,
    indexing: undefined,
    remembering: undefined,
    index: [],
    hint: '',
    isHintNeeded: false,
    mode: undefined,
    warning: undefined,
  };
  expect(footerLine(nothing, context(60))).toBe('  no model yet · ~/work · read-only');
  expect(footerLine({ ...FULL, isLed: true }, context(50))).toBe('  qwen3 (led) · 24% of 32.8k · 2 queued');
});

test('while the index is read for the first time the footer says what can be searched already', () => {
  const indexing = { done: 1_234, total: 5_000 };
  const facts = { ...FULL, queued: 0, background: 0, indexing };
  const lines = [100, 80, 79, 50, 40, 20].map((width) => footerLine(facts, context(width)));
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "  qwen3 · ~/work · main · workspace-write · 24% of 32.8k · 1,234 of 5,000 files searchable
      qwen3 · workspace-write · 24% of 32.8k · 1,234 of 5,000 files searchable
      qwen3 · ~/work · main · workspace-write · 24% of 32.8k · index 24%
      qwen3 · 24% of 32.8k · index 24%
      qwen3 · 24% of 32.8k · index 24%
      24% of 32.8k"
  `);
});

test('a request that waits says for how many, or that the server is busy', () => {
  const lines = [2, 1, undefined].flatMap((before) =>
    [100, 60, 40, 24].map((width) => {
      const activity: Activity = { kind: 'model', phase: 'queued', since: 0, before };
      const shown = {
        ...{ activity, elapsedMs: 83_000, tokensPerSecond: undefined },
        ...{ isAnimated: false, interruptKey: 'esc' },
      };
      return statusLine(shown, 83_000, context(width));
    }),
  );
  expect(lines.map(plain).join('\n')).toMatchInlineSnapshot(`
    "• 2 requests before yours (1m 23s · esc to interrupt) · waiting for the server
    • 2 requests before yours (1m 23s · esc to interrupt)
    • 2 requests before yours (1m 23s)
    • 2 requests before yo…
    • 1 request before yours (1m 23s · esc to interrupt) · waiting for the server
    • 1 request before yours (1m 23s · esc to interrupt)
    • 1 request before yours (1m 23s)
    • 1 request before you…
    • The server is busy (1m 23s · esc to interrupt)
    • The server is busy (1m 23s · esc to interrupt)
    • The server is busy (1m 23s)
    • The server is busy"
  `);
});

test('the lines are narrower than the terminal and one line each, whatever they say', () => {
  const activity: fc.Arbitrary<Activity> = fc.oneof(
    anyText.map((detail): Activity => ({ kind: 'model', phase: 'loading', since: 0, detail })),
    fc.nat().map(
      (newTokens): Activity => ({
        kind: 'model',
        phase: 'reading',
        since: 0,
        newTokens,
        remainingMs: newTokens,
      }),
    ),
    fc
      .tuple(fc.constantFrom('waiting', 'reading', 'thinking', 'writing'), anyText)
      .map(([phase, detail]): Activity => ({ kind: 'model', phase, since: 0, detail, newTokens: 9 })),
    anyText.map((tool): Activity => ({ kind: 'tool', tool, since: 0 })),
    fc.constantFrom<Activity>({ kind: 'command', since: 0 }, { kind: 'approval', since: 0 }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 200 }),
      anyText,
      activity,
      fc.nat(1e9),
      fc.nat(12),
      (width, text, now, elapsedMs, rows) => {
        const ctx = context(width);
        const queue = queueLines([entry('steer', text), entry('queue', text)], RUNNING, ctx, rows);
        const lines = [
          footerLine({ ...FULL, model: text, branch: text }, ctx),
          statusLine(
            { activity: now, elapsedMs, tokensPerSecond: 3.2, isAnimated: true, interruptKey: 'esc' },
            elapsedMs,
            ctx,
          ),
          ...queue,
        ];
        expect(queue.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(cellWidth(line)).toBeLessThan(width);
          expect(plain(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
        }
      },
    ),
  );
});

test('a turn is measured without the time in which it waited', () => {
  const timer = new TurnTimer(1_000);
  timer.resume(1_500);
  timer.pause(3_000);
  timer.pause(4_000);
  expect(timer.elapsed(9_000)).toBe(2_000);
  timer.resume(10_000);
  expect(timer.elapsed(11_000)).toBe(3_000);
});

test('a speed is shown once there is enough data', () => {
  const rate = new TokenRate();
  for (let i = 0; i < 9; i += 1) rate.add(i * 100);
  expect(rate.perSecond()).toBe(undefined);
  rate.add(900);
  expect(rate.perSecond()).toBe(10);
});

test('of a long message in the queue the end is seen, where something was typed behind a paste', () => {
  const entries = [{ id: '1', kind: 'queue' as const, text: `${'pasted line\n'.repeat(2_000)}and why?` }];
  const [, row = ''] = queueLines(entries, RUNNING, context(40), 5);
  expect([row.startsWith('  ↳ pasted'), row.endsWith('and why?'), cellWidth(row)]).toEqual([true, true, 39]);
});

test('in a narrow terminal the keys of the queue are still named', () => {
  const entries = [entry('steer', 'a'), entry('queue', 'b')];
  expect(queueLines(entries, RUNNING, context(40), 9)).toEqual([
    '• Sent next (esc sends now)',
    '  ↳ a',
    '• Queued (↑ takes back the last one)',
    '  ↳ b',
  ]);
});

test('that a session is incognito is said in the footer, even where it is narrow', () => {
  const lines = [100, 44].map((width) => footerLine({ ...FULL, isIncognito: true }, context(width)));
  expect(lines.map(plain)).toEqual([
    expect.stringContaining('incognito'),
    expect.stringContaining('incognito'),
  ]);
  expect(plain(footerLine(FULL, context(100)))).not.toContain('incognito');
});
