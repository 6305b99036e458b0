import { expect, test } from 'vitest';
import type { Event } from '../../../src/protocol.ts';
import { KEYS, startInScreen, type TuiHarness } from '../../support/tui.ts';
import {
  answer,
  begins,
  CHANGE,
  call,
  command,
  delta,
  done,
  ends,
  patch,
  phase,
  plan,
  TURN,
  TURN_DONE,
  thinking,
  tokens,
  user,
} from '../../support/tui-events.ts';

/** The line that says what happens now. */
function statusOf(view: TuiHarness): string {
  return (
    view
      .text()
      .split('\n')
      .find((line) => /esc to interrupt|^■/.test(line)) ?? ''
  );
}

function footerOf(view: TuiHarness): string {
  return view.text().split('\n').at(-1)?.trim() ?? '';
}

test('the status line says what the model does, since when, and how long it takes', async () => {
  const view = await startInScreen({ rows: 20 });
  await view.tell(TURN);
  const seen: string[] = [statusOf(view)];
  const after = async (ms: number, ...events: Event[]): Promise<void> => {
    await view.tell(...events);
    await view.pass(ms);
    seen.push(statusOf(view));
  };
  await after(2_000, phase('loading', { detail: 'qwen3:latest' }));
  await after(1_000, phase('reading', { newTokens: 4_200 }));
  await after(1_000, phase('reading', { newTokens: 4_200, remainingMs: 71_000 }));
  await after(10_000);
  await after(60_000);
  await after(500, phase('thinking'));
  const thought = thinking('I see.');
  await view.tell(phase('thinking'), begins(thought));
  for (let i = 0; i < 20; i += 1) await view.tell(delta(thought, `word${i} `));
  await after(0);
  await after(0, ends(thought), phase('writing'));
  const shell = command('npm test');
  await after(0, begins(shell));
  await after(0, ends(shell), begins(call('lookup', { word: 'cart' })));
  expect(seen.join('\n')).toMatchInlineSnapshot(`
    "⠴ Working (0s · esc to interrupt)
    ⠙ Loading qwen3 (2s · esc to interrupt)
    ⠴ Reading the prompt (3s · esc to interrupt) · 4.2k new tokens
    ⠇ Reading the prompt (4s · esc to interrupt) · 4.2k new tokens · about 1m 10s left
    ⠏ Reading the prompt (14s · esc to interrupt) · 4.2k new tokens · about 1m 00s left
    ⠧ Reading the prompt (1m 14s · esc to interrupt) · 4.2k new tokens
    ⠏ Thinking (1m 14s · esc to interrupt)
    ⠴ Thinking (1m 16s · esc to interrupt) · 13 tokens/s
    ⠴ Writing (1m 16s · esc to interrupt) · 13 tokens/s
    ⠴ Running a command (1m 16s · esc to interrupt)
    ⠦ Running lookup (1m 17s · esc to interrupt)"
  `);
});

test('of an answer that is not shown the status line says what it is for', async () => {
  const view = await startInScreen({ columns: 90, rows: 20 });
  const seen: string[] = [];
  const after = async (...events: Event[]): Promise<void> => {
    await view.tell(...events);
    seen.push(statusOf(view));
  };
  const choosing = { detail: 'choosing the next step' };
  const writing = { detail: 'writing calc.py' };
  await after(TURN, phase('waiting', choosing));
  await after(phase('loading'));
  await after(phase('reading', { ...choosing, newTokens: 1_200, remainingMs: 71_000 }));
  await after(phase('thinking', choosing));
  await after(phase('writing', choosing));
  await after(phase('waiting', writing));
  await after(phase('reading', { ...writing, newTokens: 90 }));
  await after(phase('writing', writing));
  await after(phase('writing', { detail: 'writing a\x1b[31m\nb.py' }));
  await after(phase('waiting'));
  expect(seen.join('\n')).toMatchInlineSnapshot(`
    "⠴ Choosing the next step (0s · esc to interrupt)
    ⠴ Loading the model (0s · esc to interrupt)
    ⠦ Choosing the next step (0s · esc to interrupt) · about 1m 10s left
    ⠦ Choosing the next step (0s · esc to interrupt)
    ⠦ Choosing the next step (0s · esc to interrupt)
    ⠦ Writing calc.py (0s · esc to interrupt)
    ⠧ Writing calc.py (0s · esc to interrupt) · reading 90 new tokens
    ⠧ Writing calc.py (0s · esc to interrupt)
    ⠧ Writing a b.py (0s · esc to interrupt)
    ⠧ Working (0s · esc to interrupt)"
  `);
});

test('of a summary the status line says what has to be read for it, and how fast it is written', async () => {
  const view = await startInScreen({ columns: 90, rows: 20 });
  await view.tell(TURN, phase('compacting', { newTokens: 3_200, remainingMs: 71_000 }));
  await view.pass(1_000);
  const seen = [statusOf(view)];
  for (const pieces of [1, 40, 40]) {
    await view.tell(phase('compacting', { pieces }));
    await view.pass(5_000);
  }
  seen.push(statusOf(view));
  expect(seen.join('\n')).toMatchInlineSnapshot(`
    "⠇ Summarising the conversation (1s · esc to interrupt) · about 1m 09s left
    ⠴ Summarising the conversation (16s · esc to interrupt) · 7.9 tokens/s"
  `);
});

test('at every width the words come before the details', async () => {
  const lines: string[] = [];
  for (const columns of [100, 60, 40, 20]) {
    const view = await startInScreen({ columns, rows: 20 });
    await view.tell(TURN, phase('reading', { newTokens: 14_200, remainingMs: 71_000 }));
    lines.push(
      view
        .text()
        .split('\n')
        .find((line) => line.includes('Reading')) ?? '?',
    );
  }
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "⠴ Reading the prompt (0s · esc to interrupt) · 14.2k new tokens · about 1m 10s left
    ⠴ Reading the prompt (0s) · about 1m 10s left
    ⠴ Reading the prompt (0s)
    ⠴ Reading the prom…"
  `);
});

test('an answer is written: what can no longer change is history, word by word', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const said = answer('# Why\n\nThe total **counts** items.\n\n- one\n- two\n\nDone.\n');
  await view.tell(TURN, ...done(user('why?')), phase('writing'), begins({ ...said, text: '' }));
  await view.tell(delta(said, '# Why\n\nThe total **cou'));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why?

    • Why

      The total 

    ⠴ Writing (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(delta(said, 'nts** items.\n\n- one\n- tw'));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why?

    • Why

      The total counts items.

      - one 

    ⠦ Writing (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(delta(said, 'o\n\nDone.\n'), ends(said), TURN_DONE);
  expect(view.screen.history()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why?

    • Why

      The total counts items.

      - one
      - two

      Done.

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
});

test('an answer that is being written leaves nothing twice when the window becomes small', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const words = Array.from({ length: 120 }, (_, i) => `w${i}`);
  const said = answer(words.join(' '));
  await view.tell(TURN, phase('writing'), begins({ ...said, text: '' }));
  for (const [at, [columns, rows]] of [
    [40, [30, 6]],
    [80, [50, 4]],
    [120, [60, 20]],
  ] as const) {
    await view.tell(
      delta(
        said,
        words
          .slice(at - 40, at)
          .map((word) => `${word} `)
          .join(''),
      ),
    );
    await view.resize(columns, rows);
  }
  await view.tell(ends(said), TURN_DONE);
  expect(view.screen.history().match(/w\d+/g)).toEqual(words);
});

test('a drag through ten widths while an answer comes ends one row early', async () => {
  const view = await startInScreen({ columns: 100, rows: 20 });
  const words = Array.from({ length: 330 }, (_, i) => `w${i}`);
  const said = answer(words.join(' '));
  const part = (at: number): Event =>
    delta(
      said,
      words
        .slice(at, at + 30)
        .map((word) => `${word} `)
        .join(''),
    );
  await view.tell(TURN, phase('writing'), begins({ ...said, text: '' }), part(0));
  for (let step = 1; step <= 10; step += 1) {
    view.screen.resize(100 - 5 * step, 20);
    await view.tell(part(30 * step));
  }
  await view.resize(50, 20);
  await view.tell(ends(said), TURN_DONE);
  const lines = view.screen
    .history()
    .split('\n')
    .filter((line) => /\bw\d/.test(line));
  expect([lines.join(' ').match(/\bw\d+/g), lines.length]).toEqual([words, 2]);
});

test('a long code block is written', async () => {
  const view = await startInScreen({ columns: 40, rows: 12 });
  const said = answer('');
  const code = Array.from({ length: 20 }, (_, i) => `const value${i} = ${i};\n`).join('');
  await view.tell(TURN, phase('writing'), begins(said), delta(said, `Look:\n\n\`\`\`ts\n${code}const last`));
  expect(view.text()).toMatchInlineSnapshot(`
    "    const value11 = 11;
        const value12 = 12;
        const value13 = 13;
        const value14 = 14;
        const value15 = 15;
        const value16 = 16;
        const value17 = 17;
        const value18 = 18;
        const value19 = 19;
    ⠴ Writing (0s · esc to interrupt)
    › Ask oagent to do anything
      workspace-write · 0% of 32.8k"
  `);
});

test('thinking is shown by its end while it lasts, then in one line', async () => {
  const view = await startInScreen({ columns: 60, rows: 16 });
  const thought = thinking(Array.from({ length: 60 }, (_, i) => `thought ${i}`).join(' '));
  await view.tell(TURN, phase('thinking'), begins({ ...thought, text: '' }), delta(thought, thought.text));
  await view.pass(4_000);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ∴ thought 46 thought 47 thought 48 thought 49 thought 50
      thought 51 thought 52 thought 53 thought 54 thought 55
      thought 56 thought 57 thought 58 thought 59

    ⠧ Thinking (3s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(ends(thought), phase('writing'));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ∴ Thought for 4s · 120 words (ctrl+t)

    ⠇ Writing (4s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
});

test('what explores is gathered, with the thinking in it, until something else happens', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const search = command("rg -n 'total' src", { output: '', exitCode: 1, status: 'failed' });
  await view.tell(TURN, ...done(call('read_file', { path: 'src/cart.ts' })), begins(search));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Exploring
      └ Read src/cart.ts
        Search total in src

    ⠴ Running a command (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  const thought = thinking('There is nothing. I look at the tests.');
  await view.tell(ends(search), begins(thought), delta(thought, thought.text));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Explored
      └ Read src/cart.ts
        Search total in src

    ∴ There is nothing. I look at the tests.

    ⠴ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(
    ends(thought),
    ...done(command('ls test')),
    ...done(call('read_file', { path: 'test/a.ts' })),
  );
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Explored
      └ Read src/cart.ts
        Search total in src
        List test
        Read test/a.ts
    ∴ There is nothing. I look at the tests.

    ⠦ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(...done(answer('Nothing to do.')), TURN_DONE);
  expect(view.screen.history()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Explored
      └ Read src/cart.ts
        Search total in src
        List test
        Read test/a.ts
    ∴ There is nothing. I look at the tests.

    • Nothing to do.

    nothing changed; no test was run

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · ? help · / commands"
  `);
});

test('commands, edits and tools while they run', async () => {
  const view = await startInScreen({ columns: 60, rows: 24 });
  const shell = command('npm test', { status: 'in_progress' });
  await view.tell(
    TURN,
    begins(shell),
    delta(shell, Array.from({ length: 9 }, (_, i) => `ok ${i}\n`).join('')),
  );
  await view.pass(12_000);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Running npm test (11s)
      └ ok 4
        ok 5
        ok 6
        ok 7
        ok 8

    ⠹ Running a command (11s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  const edit = patch([CHANGE], { status: 'in_progress' });
  await view.tell(begins(edit), begins(call('lookup', { word: 'cart' }, { status: 'in_progress' })));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Running npm test (12s)
      └ ok 4
        ok 5
        ok 6
        ok 7
        ok 8

    • Editing src/cart.ts

    • Calling lookup (word: "cart")

    ⠸ Running lookup (12s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
});

test('plans that follow each other are one cell', async () => {
  const view = await startInScreen({ columns: 60, rows: 24 });
  const step = (status: 'pending' | 'completed') => [{ step: 'Find out why', status }] as const;
  await view.tell(TURN, ...done(plan(step('pending'))));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Updated plan
      └ □ Find out why

    ⠴ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
  await view.tell(...done(plan(step('completed'))), ...done(answer('Found.')));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Updated plan
      └ ✔ Find out why

    • Found.

    ⠴ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues"
  `);
});

test('while other requests are before this one, the status counts them down', async () => {
  const view = await startInScreen({ columns: 60, rows: 12 });
  const shown: string[] = [];
  for (const facts of [{ before: 2 }, { before: 1 }, {}]) {
    await view.tell(...(shown.length === 0 ? [TURN] : []), phase('queued', facts));
    // Without the sign, which moves.
    shown.push(statusOf(view).slice(2));
  }
  expect(shown).toEqual([
    '2 requests before yours (0s · esc to interrupt)',
    '1 request before yours (0s · esc to interrupt)',
    'The server is busy (0s · esc to interrupt)',
  ]);
});

test('queued messages are shown above the composer', async () => {
  const entries = (kind: 'steer' | 'queue', ...texts: string[]) =>
    texts.map((text) => ({ id: text, text, kind }) as const);
  const view = await startInScreen({ columns: 60, rows: 24 });
  await view.tell(TURN, { type: 'queue_changed', entries: entries('steer', 'use pnpm,\nnot npm') });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ⠴ Working (0s · esc to interrupt)
    • Sent with the next request (esc interrupts and sends now)
      ↳ use pnpm, not npm

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · 1 queued · enter steers"
  `);
  await view.tell({
    type: 'queue_changed',
    entries: [...entries('steer', 'use pnpm'), ...entries('queue', 'one', 'two', 'three', 'four', 'five')],
  });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ⠴ Working (0s · esc to interrupt)
    • Sent with the next request (esc interrupts and sends now)
      ↳ use pnpm
    • Queued until the turn ends (↑ takes back the last one)
      … +3 earlier
      ↳ four
      ↳ five

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · 6 queued · enter steers"
  `);
});

test('the footer', async () => {
  const view = await startInScreen({ columns: 120, rows: 20 });
  const seen: string[] = [footerOf(view)];
  const after = async (...events: Event[]): Promise<void> => {
    await view.tell(...events);
    seen.push(footerOf(view));
  };
  await after(tokens(12_000, 400));
  await after(tokens(12_000, 400, true));
  await after({
    type: 'background_changed',
    running: [{ sessionId: 3, command: 'npm start', startedAt: 0 }],
  });
  await after(TURN, { type: 'queue_changed', entries: [{ id: 'a', text: 'then this', kind: 'queue' }] });
  await view.type('draft');
  await after();
  for (const columns of [80, 60, 40, 20]) {
    await view.resize(columns, 20);
    await after();
  }
  expect(seen.join('\n')).toMatchInlineSnapshot(`
    "qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k · ? help · / commands · @ files
    qwen3:8b · ~/shop · main · workspace-write · 38% of 32.8k · ? help · / commands · @ files
    qwen3:8b · ~/shop · main · workspace-write · ~38% of 32.8k (estimated) · ? help · / commands · @ files
    qwen3:8b · ~/shop · workspace-write · ~38% of 32.8k (estimated) · 1 in background · ? help · / commands · @ files
    qwen3:8b · workspace-write · ~38% of 32.8k (estimated) · 1 queued · enter steers · tab queues · esc interrupts
    qwen3:8b · workspace-write · ~38% of 32.8k (estimated) · 1 queued · enter steers · tab queues · esc interrupts
    workspace-write · ~38% of 32.8k · 1 queued · enter steers · tab queues
    workspace-write · ~38% of 32.8k · 1 queued · enter steers
    ~38% of 32.8k · 1 queued
    ~38% of 32.8k"
  `);
});

test('the composer: one row, many rows, a paste, shell mode, placeholders', async () => {
  const view = await startInScreen({ columns: 40, rows: 20 });
  await view.type('fix the total', '\n', 'and run the tests so that I see they pass');
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      qwen3:8b · 32,768 tokens
      ~/shop
      workspace-write · on-request

    › fix the total
      and run the tests so that I see they
      pass

      workspace-write · 0% of 32.8k"
  `);
  expect(view.screen.cursor()).toEqual({ x: 6, y: 7 });
  await view.type(KEYS.ctrlC);
  await view.paste(Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n'));
  await view.type(' what is this?');
  expect(view.text().split('\n')[5]).toMatchInlineSnapshot(`"› [Pasted 40 lines] what is this?"`);
});

test('on a screen of 20 x 8', async () => {
  const view = await startInScreen({ columns: 20, rows: 8 });
  const shell = command('npm test', { status: 'in_progress' });
  await view.tell(TURN, begins(shell), delta(shell, 'ok 1\nok 2\nok 3\nok 4\nok 5\n'));
  expect(view.text()).toMatchInlineSnapshot(`
    "  workspace-write …
    • Running npm test
      └ ok 3
        ok 4
        ok 5
    ⠴ Running a command
    › Ask oagent to do…
      0% of 32.8k"
  `);
  await view.type('use pnpm instead of npm, please');
  expect(view.text()).toMatchInlineSnapshot(`
    "  workspace-write …
    • Running npm test
      └ ok 4
        ok 5
    ⠴ Running a command
    › use pnpm instead
      of npm, please
      0% of 32.8k"
  `);
});
