/** The cells of what was said and done, at three widths and in colour. */
import { expect, test } from 'vitest';
import type { Item } from '../../../src/protocol.ts';
import { type CommandItem, commandLines, liveCommandLines } from '../../../src/tui/lines/command.ts';
import { exploredLines } from '../../../src/tui/lines/explored.ts';
import { assistantLines, userLines } from '../../../src/tui/lines/message.ts';
import { planLines } from '../../../src/tui/lines/plan.ts';
import { liveReasoningLines, reasoningLines } from '../../../src/tui/lines/reasoning.ts';
import type { LineContext } from '../../../src/tui/lines/style.ts';
import { liveToolLines, toolLines } from '../../../src/tui/lines/tool.ts';
import { atWidths, context, inColor, named } from './support.ts';

type ToolItem = Extract<Item, { type: 'tool_call' }>;

function command(script: string, rest: Partial<CommandItem> = {}): CommandItem {
  return {
    type: 'command_execution',
    id: 'c',
    command: `/bin/bash -c '${script}'`,
    cwd: '/home/ada/work',
    output: '',
    exitCode: 0,
    durationMs: 20,
    status: 'completed',
    ...rest,
  };
}

function call(tool: string, args: ToolItem['arguments'], rest: Partial<ToolItem> = {}): ToolItem {
  return { type: 'tool_call', id: 't', tool, arguments: args, output: '', status: 'completed', ...rest };
}

const TESTS = Array.from({ length: 30 }, (_, index) => `test ${index + 1} passed`).join('\n');

test('what the user said', () => {
  const text = 'Fix the cache: it grows for ever.\n\n\tThe limit is 100.\n';
  expect(atWidths((ctx) => userLines({ text }, ctx))).toMatchInlineSnapshot(`
    "── 20
    › Fix the cache: it
      grows for ever.

          The limit is
      100.
    ── 60
    › Fix the cache: it grows for ever.

          The limit is 100.
    ── 100
    › Fix the cache: it grows for ever.

          The limit is 100."
  `);
  expect(named(userLines({ text: 'hi\nyou' }, inColor()))).toMatchInlineSnapshot(`
    [
      "<cyan><b>›</b></color> <b>hi</b>",
      "  <b>you</b>",
    ]
  `);
});

test('of a long message the start and the end are shown: what was typed stands behind the paste', () => {
  const fold = (text: string): [number, string | undefined, string | undefined] => {
    const lines = userLines({ text }, context());
    return [lines.length, lines.find((line) => line.includes('ctrl+t')), lines.at(-1)];
  };
  expect(fold(`${'line\n'.repeat(5_000)}Why?`)).toEqual([31, '  … +4971 lines (ctrl+t)', '  Why?']);
  expect(fold(`${'x'.repeat(50_000)}\nWhy?`).at(-1)).toBe('  Why?');
  expect(fold(`${'line\n'.repeat(39)}Why?`)).toEqual([40, undefined, '  Why?']);
});

test('an answer continues without a second bullet', () => {
  const ctx = context();
  expect([
    assistantLines(['a', '', 'b'], ctx, { isFirst: true }),
    assistantLines(['', 'c'], ctx, { isFirst: false }),
  ]).toEqual([
    ['• a', '', '  b'],
    ['', '  c'],
  ]);
});

test('thinking', () => {
  const text = 'word '.repeat(1_340);
  expect(atWidths((ctx) => reasoningLines({ text, durationMs: 72_300 }, ctx))).toMatchInlineSnapshot(`
    "── 20
    ∴ Thought
    ── 60
    ∴ Thought for 1m 12s · 1,340 words (ctrl+t)
    ── 100
    ∴ Thought for 1m 12s · 1,340 words (ctrl+t)"
  `);
  expect(named(reasoningLines({ text: 'one', durationMs: 10 }, inColor()))).toEqual([
    '<dim>∴ <i>one</i></b>',
  ]);
  expect(reasoningLines({ text: ' \n', durationMs: 10 }, context())).toEqual([]);
  const live = 'First.\n\nI should look at the cache, **then** at its test.';
  expect(atWidths((ctx) => liveReasoningLines(live, ctx, 3))).toMatchInlineSnapshot(`
    "── 20
    ∴ the cache,
      **then** at its
      test.
    ── 60
    ∴ First.
      I should look at the cache, **then** at its test.
    ── 100
    ∴ First.
      I should look at the cache, **then** at its test."
  `);
  expect(named(liveReasoningLines(live, inColor(), 1))).toMatchInlineSnapshot(`
    [
      "<dim>∴ <i>I should look at the cache, **then** at its test.</i></b>",
    ]
  `);
});

test('a command and its output', () => {
  const item = command('npm test -- --run src/cache.test.ts', { output: TESTS, durationMs: 12_345 });
  expect(atWidths((ctx) => commandLines(item, ctx))).toMatchInlineSnapshot(`
    "── 20
    • Ran npm test -- --run src/cache.test.ts (12s)
      └ test 1 passed
        test 2 passed
        test 3 passed
        … +25 lines (ctrl+t)
        test 29 passed
        test 30 passed
    ── 60
    • Ran npm test -- --run src/cache.test.ts (12s)
      └ test 1 passed
        test 2 passed
        test 3 passed
        … +25 lines (ctrl+t)
        test 29 passed
        test 30 passed
    ── 100
    • Ran npm test -- --run src/cache.test.ts (12s)
      └ test 1 passed
        test 2 passed
        test 3 passed
        … +25 lines (ctrl+t)
        test 29 passed
        test 30 passed"
  `);
  expect(named(commandLines(command('x', { output: 'a' }), inColor()))).toMatchInlineSnapshot(`
    [
      "<green>•</color> <b>Ran</b> x",
      "<dim>  └ a</b>",
    ]
  `);
});

test('how commands end', () => {
  const failed = { exitCode: 101, status: 'failed', output: 'FAIL\n\n  expected 1\n' } as const;
  const all = (ctx: LineContext): string[] => [
    ...commandLines(command('cargo test', failed), ctx),
    ...commandLines(command('sleep 9', { exitCode: null, status: 'failed', durationMs: 4_000 }), ctx),
    ...commandLines(command('npm run dev', { exitCode: null, sessionId: 3, output: 'listening' }), ctx),
    ...commandLines(command('npm publish', { exitCode: null, status: 'declined' }), ctx),
    ...commandLines(command('', { command: 'git status', source: 'user' }), ctx),
  ];
  expect(atWidths(all)).toMatchInlineSnapshot(`
    "── 20
    ✗ Ran cargo test
      (exit 101)
      └ FAIL

          expected 1
    ✗ Ran sleep 9
      (did not finish · 4s)
      └ (no output)
    • Started npm run dev
      (background session 3)
      └ listening
    ✗ Did not run npm publish
    • You ran git status
      └ (no output)
    ── 60
    ✗ Ran cargo test (exit 101)
      └ FAIL

          expected 1
    ✗ Ran sleep 9 (did not finish · 4s)
      └ (no output)
    • Started npm run dev (background session 3)
      └ listening
    ✗ Did not run npm publish
    • You ran git status
      └ (no output)
    ── 100
    ✗ Ran cargo test (exit 101)
      └ FAIL

          expected 1
    ✗ Ran sleep 9 (did not finish · 4s)
      └ (no output)
    • Started npm run dev (background session 3)
      └ listening
    ✗ Did not run npm publish
    • You ran git status
      └ (no output)"
  `);
  expect(named(all(inColor()))).toMatchInlineSnapshot(`
    [
      "<red>✗</color> <b>Ran</b> cargo test<red> (exit 101)</color>",
      "<dim>  └ FAIL</b>",
      "",
      "<dim>      expected 1</b>",
      "<red>✗</color> <b>Ran</b> sleep 9<red> (did not finish · 4s)</color>",
      "<dim>  └ (no output)</b>",
      "<magenta>•</color> <b>Started</b> npm run dev<dim> (background session 3)</b>",
      "<dim>  └ listening</b>",
      "<red>✗</color> <b>Did not run</b> npm publish",
      "<green>•</color> <b>You ran</b> git status",
      "<dim>  └ (no output)</b>",
    ]
  `);
});

test('the user sees 50 lines of their own command', () => {
  const lines = commandLines(command('x', { source: 'user', output: 'y\n'.repeat(60) }), context());
  expect([lines.length, lines[26]]).toEqual([52, '    … +10 lines (ctrl+t)']);
});

test('the lines of a command stay as they are', () => {
  const script = `for f in *.ts; do\n\techo "$f" '\\''x'\\''\ndone`;
  expect(commandLines(command(script), context(20))).toEqual([
    '• Ran for f in *.ts; do',
    `  │     echo "$f" 'x'`,
    '  │ done',
    '  └ (no output)',
  ]);
  expect(commandLines(command('a\n'.repeat(40)), context()).slice(6)).toEqual([
    '  │ a',
    '  │ … +33 lines (ctrl+t)',
    '  └ (no output)',
  ]);
});

test('blank lines before the output are left out', () => {
  const item = command('npm install', { output: '\n \r\n  added 1 package\n\ndone\n' });
  expect(commandLines(item, context()).slice(1)).toEqual(['  └   added 1 package', '', '    done']);
});

test('a command that runs', () => {
  const item = command('npm test -- --run src/cache.test.ts', { exitCode: null, status: 'in_progress' });
  const live = { text: `${TESTS}\ndownloading 10%\rdownloading 20%`, elapsedMs: 65_000 };
  expect(atWidths((ctx) => liveCommandLines(item, live, ctx, 4))).toMatchInlineSnapshot(`
    "── 20
    • Running… (1m 05s)
      └ test 29 passed
        test 30 passed
        downloading 20%
    ── 60
    • Running npm test -- --run src/cache.test.ts (1m 05s)
      └ test 29 passed
        test 30 passed
        downloading 20%
    ── 100
    • Running npm test -- --run src/cache.test.ts (1m 05s)
      └ test 29 passed
        test 30 passed
        downloading 20%"
  `);
  expect([0, 1, 2, 20].map((rows) => liveCommandLines(item, live, context(), rows).length)).toEqual([
    0, 1, 2, 6,
  ]);
});

test('what was explored', () => {
  const items = [
    call('read_file', { path: 'src/cache.ts' }),
    call('read_file', { path: '/home/ada/work/src/index.ts' }),
    command(`sed -n 1,20p src/cache.ts`),
    call('ripgrep', { pattern: 'new Cache\\(', path: 'src', glob: '*.ts' }),
    command(`cd src && rg -n "a b" lib | head -5`),
    command('ls -la'),
    call('read_file', { path: 'gone.ts' }, { status: 'failed' }),
  ];
  expect(atWidths((ctx) => exploredLines(items, { isLive: false }, ctx))).toMatchInlineSnapshot(`
    "── 20
    • Explored
      └ Read
        src/cache.ts,
        src/index.ts
        Search new
        Cache\\( in src,
        *.ts
        Search a b in
        lib
        List .
        Read gone.ts
        (failed)
    ── 60
    • Explored
      └ Read src/cache.ts, src/index.ts
        Search new Cache\\( in src, *.ts
        Search a b in lib
        List .
        Read gone.ts (failed)
    ── 100
    • Explored
      └ Read src/cache.ts, src/index.ts
        Search new Cache\\( in src, *.ts
        Search a b in lib
        List .
        Read gone.ts (failed)"
  `);
  expect(named(exploredLines(items.slice(-2), { isLive: true }, inColor()))).toMatchInlineSnapshot(`
    [
      "<cyan>•</color> <b>Exploring</b>",
      "<dim>  └ </b><cyan>List</color> .",
      "    <cyan>Read</color> gone.ts<red> (failed)</color>",
    ]
  `);
});

test('the plan', () => {
  const plan = {
    explanation: 'The cache needs a limit',
    steps: [
      { step: 'Read the cache', status: 'completed' },
      { step: 'Evict the oldest entries when the limit is reached', status: 'in_progress' },
      { step: 'Test it', status: 'pending' },
    ],
  } as const;
  expect(atWidths((ctx) => planLines(plan, ctx))).toMatchInlineSnapshot(`
    "── 20
    • Updated plan
      └ The cache needs
        a limit
        ✔ Read the
          cache
        → Evict the
          oldest
          entries when
          the limit is
          reached
        □ Test it
    ── 60
    • Updated plan
      └ The cache needs a limit
        ✔ Read the cache
        → Evict the oldest entries when the limit is reached
        □ Test it
    ── 100
    • Updated plan
      └ The cache needs a limit
        ✔ Read the cache
        → Evict the oldest entries when the limit is reached
        □ Test it"
  `);
  const next = {
    steps: [
      { step: plan.steps[0]?.step ?? '', status: 'completed' as const },
      { step: 'Write it down', status: 'pending' as const },
    ],
  };
  expect(planLines(next, context(), plan.steps)).toMatchInlineSnapshot(`
    [
      "• Updated plan",
      "  └ ✔ Read the cache",
      "    □ Write it down (new)",
      "    − Evict the oldest entries when the limit is reached",
      "      (dropped)",
      "    − Test it (dropped)",
    ]
  `);
  expect(named(planLines(plan, inColor()))).toMatchInlineSnapshot(`
    [
      "<dim>•</b> <b>Updated plan</b>",
      "<dim>  └ </b><dim><i>The cache needs a limit</i></b>",
      "    <dim>✔ <s>Read the cache</s></b>",
      "    <b><cyan>→ Evict the oldest entries when the limit is reached</color></b>",
      "    □ Test it",
    ]
  `);
  expect(planLines({ steps: [] }, context())).toEqual(['• Updated plan', '  └ (no steps)']);
});

test('other tools', () => {
  const all = (ctx: LineContext): string[] => [
    ...toolLines(call('write_stdin', { session_id: 3, chars: 'yes\n' }, { output: 'ok\n' }), ctx),
    ...toolLines(call('write_stdin', { session_id: 3 }), ctx),
    ...toolLines(
      call('web_fetch', { url: 'https://example.org', max: 3 }, { status: 'failed', output: 'not found' }),
      ctx,
    ),
    ...liveToolLines(
      call('web_fetch', { url: 'https://example.org' }),
      { text: 'a\nb\nc', elapsedMs: 3_000 },
      ctx,
      3,
    ),
  ];
  expect(atWidths(all)).toMatchInlineSnapshot(`
    "── 20
    • Typed "yes⏎" into session 3
      └ ok
    • Waited for session 3
      └ (no output)
    ✗ Called web_fetch (url: "https://examp…
      └ not found
    • Calling web… (3s)
      └ b
        c
    ── 60
    • Typed "yes⏎" into session 3
      └ ok
    • Waited for session 3
      └ (no output)
    ✗ Called web_fetch (url: "https://example.org", max: 3)
      └ not found
    • Calling web_fetch (url: "https://example.org") (3s)
      └ b
        c
    ── 100
    • Typed "yes⏎" into session 3
      └ ok
    • Waited for session 3
      └ (no output)
    ✗ Called web_fetch (url: "https://example.org", max: 3)
      └ not found
    • Calling web_fetch (url: "https://example.org") (3s)
      └ b
        c"
  `);
  expect(named(all(inColor()))).toMatchInlineSnapshot(`
    [
      "<green>•</color> <b>Typed</b> "yes⏎" into session 3",
      "<dim>  └ ok</b>",
      "<green>•</color> <b>Waited for</b> session 3",
      "<dim>  └ (no output)</b>",
      "<red>✗</color> <b>Called</b> web_fetch<dim> (url: "https://example.org", max: 3)</b>",
      "<dim>  └ not found</b>",
      "<cyan>•</color> <b>Calling</b> web_fetch<dim> (url: "https://example.org")</b><dim> (3s)</b>",
      "<dim>  └ b</b>",
      "<dim>    c</b>",
    ]
  `);
});

test('a question of the model is wrapped between words, as what it is: sentences', () => {
  const output = 'Should books be taxed at 5 % everywhere?\n→ Only in Germany';
  expect(toolLines(call('ask_user', {}, { output }), context(40))).toEqual([
    '• Asked you',
    '  └ Should books be taxed at 5 %',
    '    everywhere?',
    '    → Only in Germany',
  ]);
});

test('how a command ended is not broken by the end of a row', () => {
  const shown = (text: string, width: number): string[] =>
    commandLines(command(text, { exitCode: 2, status: 'failed', output: 'x' }), context(width)).slice(0, -1);
  expect([shown('npm test --run', 30), shown('npm test --run', 29)]).toEqual([
    ['✗ Ran npm test --run (exit 2)'],
    ['✗ Ran npm test --run (exit 2)'],
  ]);
  expect(shown('npm test --run', 28)).toEqual(['✗ Ran npm test --run', '  (exit 2)']);
  // The last row of a long command has room for it.
  expect(shown('npm test --run and more', 20)).toEqual(['✗ Ran npm test --run and more (exit 2)']);
});
