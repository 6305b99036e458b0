import { expect, test } from 'vitest';
import { loadHighlighter } from '../../../src/tui/lines/highlight.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';
import {
  answer,
  asks,
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
  TURN_ABORTED,
  TURN_DONE,
  thinking,
  tokens,
  turnDone,
  turnFailed,
  user,
} from '../../support/tui-events.ts';

test('what a first-time user sees, before and after the first message', async () => {
  const view = await startInScreen();
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k · ? help · / commands · @ files"
  `);
  await view.type('why is the total wrong?', KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'user_turn', text: 'why is the total wrong?' }]);
  await view.tell(TURN, ...done(user('why is the total wrong?')));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why is the total wrong?

    ⠴ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      qwen3:8b · ~/shop · workspace-write · 0% of 32.8k · enter steers · tab queues · esc interrupts"
  `);
});

/** A whole turn as it is in the history. */
async function turnAt(columns: number, rows: number): Promise<string> {
  const view = await startInScreen({ columns, rows });
  await view.tell(TURN, ...done(user('why is the total wrong?\nIt should be 12.')));
  const thought = thinking('The user wants the sum of the prices. I should look at cart.ts first.');
  await view.tell(begins(thought), delta(thought, thought.text));
  await view.pass(3_000);
  await view.tell(ends(thought));
  await view.tell(
    ...done(call('read_file', { path: 'src/cart.ts' }, { output: '…' })),
    ...done(call('ripgrep', { pattern: 'total', path: 'src' }, { output: '…' })),
    ...done(thinking('So total counts the items.')),
    ...done(call('read_file', { path: 'test/cart.test.ts' }, { output: '…' })),
  );
  await view.tell(
    ...done(
      plan(
        [
          { step: 'Find out why', status: 'completed' },
          { step: 'Add the prices in total()', status: 'in_progress' },
          { step: 'Run the tests', status: 'pending' },
        ],
        'Counting is not adding.',
      ),
    ),
    ...done(patch([CHANGE])),
    ...done(command('npm test -- cart', { output: 'line 1\nline 2\n3\n4\n5\n6\n7\n8\n', durationMs: 2_100 })),
    ...done(command('npx tsc', { output: 'src/app.ts(3,1): error TS1', exitCode: 2, status: 'failed' })),
    ...done(command('npm start', { exitCode: null, sessionId: 3, output: 'listening on 8080\n' })),
    ...done(call('write_stdin', { session_id: 3, chars: 'q\n' }, { output: 'bye' })),
    ...done(call('lookup', { word: 'cart' }, { output: 'no such word', status: 'failed' })),
  );
  const text =
    '**Fixed**: `total` counted the items.\n\n- it adds the prices now\n- the tests pass\n\n```ts\ncart.total;\n```\n';
  await view.tell(tokens(4_000, 300), ...done(answer(text)));
  await view.pass(62_000);
  await view.tell(
    turnDone({
      files: [{ path: CHANGE.path, kind: 'update', added: 1, removed: 1 }],
      checks: [
        { command: 'npm test -- cart', passed: true },
        { command: 'npx tsc', passed: false },
      ],
    }),
  );
  return view.screen.history();
}

test('a turn at 100 columns', async () => {
  expect(await turnAt(100, 30)).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why is the total wrong?
      It should be 12.

    ∴ The user wants the sum of the prices. I should look at cart.ts first.

    • Explored
      └ Read src/cart.ts
        Search total in src
        Read test/cart.test.ts
    ∴ So total counts the items.

    • Updated plan
      └ Counting is not adding.
        ✔ Find out why
        → Add the prices in total()
        □ Run the tests

    • Edited src/cart.ts (+1 -1)
        3  export function total(cart: Cart): number {
        4 -  return cart.items.length;
        4 +  return cart.items.reduce((sum, { price }) => sum + price, 0);
        5  }
        6

    • Ran npm test -- cart (2s)
      └ line 1
        line 2
        3
        … +3 lines (ctrl+t)
        7
        8

    ✗ Ran npx tsc (exit 2)
      └ src/app.ts(3,1): error TS1

    • Started npm start (background session 3)
      └ listening on 8080

    • Typed "q⏎" into session 3
      └ bye

    ✗ Called lookup (word: "cart")
      └ no such word

    • Fixed: total counted the items.

      - it adds the prices now
      - the tests pass

        cart.total;

    1 file changed (+1 -1); \`npx tsc\` failed, \`npm test -- cart\` passed
    Worked for 1m 05s · 4.3k tokens

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 13% of 32.8k · ? help"
  `);
});

test('a turn at 60 columns', async () => {
  expect(await turnAt(60, 20)).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › why is the total wrong?
      It should be 12.

    ∴ Thought for 3s · 14 words (ctrl+t)

    • Explored
      └ Read src/cart.ts
        Search total in src
        Read test/cart.test.ts
    ∴ So total counts the items.

    • Updated plan
      └ Counting is not adding.
        ✔ Find out why
        → Add the prices in total()
        □ Run the tests

    • Edited src/cart.ts (+1 -1)
        3  export function total(cart: Cart): number {
        4 -  return cart.items.length;
        4 +  return cart.items.reduce((sum, { price }) => sum + price, 0);
        5  }
        6

    • Ran npm test -- cart (2s)
      └ line 1
        line 2
        3
        … +3 lines (ctrl+t)
        7
        8

    ✗ Ran npx tsc (exit 2)
      └ src/app.ts(3,1): error TS1

    • Started npm start (background session 3)
      └ listening on 8080

    • Typed "q⏎" into session 3
      └ bye

    ✗ Called lookup (word: "cart")
      └ no such word

    • Fixed: total counted the items.

      - it adds the prices now
      - the tests pass

        cart.total;

    1 file changed (+1 -1); \`npx tsc\` failed, \`npm test --      cart\` passed
    Worked for 1m 05s · 4.3k tokens

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 13% of 32.8k"
  `);
});

test('a turn at 20 columns', async () => {
  expect(await turnAt(20, 8)).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      qwen3:8b · 32,76…
      ~/shop
      workspace-write …

    › why is the total    wrong?
      It should be 12.

    ∴ Thought for 3s

    • Explored
      └ Read                src/cart.ts
        Search total in     src
        Read                test….test.ts
    ∴ Thought (ctrl+t)

    • Updated plan
      └ Counting is not     adding.
        ✔ Find out why
        → Add the             prices in           total()
        □ Run the tests

    • Edited src/cart.ts (+1 -1)
        3  export function total(cart: Cart): number {
        4 -  return cart.items.length;
        4 +  return cart.items.reduce((sum, { price }) => sum + price, 0);
        5  }
        6

    • Ran npm test -- cart (2s)
      └ line 1
        line 2
        3
        … +3 lines (ctrl+t)
        7
        8

    ✗ Ran npx tsc
      (exit 2)
      └ src/app.ts(3,1): error TS1

    • Started npm start
      (background session 3)
      └ listening on 8080

    • Typed "q⏎" into session 3
      └ bye

    ✗ Called lookup (word: "cart")
      └ no such word

    • Fixed: total        counted the         items.

      - it adds the         prices now
      - the tests pass

        cart.total;

    1 file changed (+1  -1); \`npx tsc\`      failed, \`npm test   -- cart\` passed
    Worked for 1m 05s
    › Ask oagent to do…
      13% of 32.8k"
  `);
});

test('what goes wrong', async () => {
  const view = await startInScreen({ rows: 60 });
  await view.tell(
    TURN,
    {
      type: 'warning',
      message: 'qwen3:8b answers slowly: it does not fit the memory of the GPU.\nA smaller model helps.',
    },
    { type: 'retry', attempt: 1, max: 5, reason: 'the connection broke off' },
    { type: 'repaired', message: 'a call of shell with its arguments as text' },
    {
      type: 'call_rejected',
      tool: 'apply_patch',
      message: `src/cart.ts: these lines are not in the file:\n${Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n')}`,
    },
    turnFailed('Ollama ended the answer.\nLook at its log: journalctl -u ollama'),
    { type: 'permissions_changed', mode: 'read-only', approval: 'on-request', sandbox: 'read-only' },
    { type: 'rolled_back', userTurns: 1, text: 'why?' },
  );
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ⚠ qwen3:8b answers slowly: it does not fit the memory of the GPU.
      A smaller model helps.

    ↻ Retrying (1 of 5): the connection broke off

    • Repaired: a call of shell with its arguments as text

    ✗ The edit was not made: src/cart.ts: these lines are not in the file:
      line 0

    ■ Ollama ended the answer.
      Look at its log: journalctl -u ollama
    nothing changed; no test was run

    • Permissions: ask (read-only, approval on-request)

    • Rolled back. The messages above, from that one on, are no longer part of the conversation.

    › why?

      qwen3:8b · ~/shop · main · read-only · 0% of 32.8k · enter send · ctrl+j new line"
  `);
});

test('what the user decided, and an interrupted turn', async () => {
  const view = await startInScreen({ rows: 60 });
  await view.tell(TURN);
  for (const [id, decision] of [
    ['a', { type: 'once' }],
    ['b', { type: 'session' }],
    ['c', { type: 'prefix' }],
    ['d', { type: 'no', instead: 'use pnpm' }],
    ['e', { type: 'stop' }],
  ] as const) {
    await view.tell(asks({ id }), { type: 'approval_resolved', id, answer: decision });
  }
  await view.tell(
    asks({ id: 'f', kind: 'patch', changes: [CHANGE] }),
    { type: 'approval_resolved', id: 'f', answer: { type: 'once' } },
    TURN_ABORTED,
  );
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ✔ You approved npm install left-pad

    ✔ You approved for this session: npm install left-pad

    ✔ You approved all commands that begin with npm install

    ✗ You declined npm install left-pad
      Instead: use pnpm

    ✗ You declined and stopped the turn: npm install left-pad

    ✔ You approved the edit to src/cart.ts

    ■ Interrupted. Tell the model what to do instead.

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k · ? help · / commands · @ files"
  `);
});

test('a call that the user declined is not reported once more', async () => {
  const view = await startInScreen({ rows: 40 });
  const rejected = (message: string) => ({ type: 'call_rejected', tool: 'shell', message }) as const;
  await view.tell(TURN, asks({ id: 'a' }), { type: 'approval_resolved', id: 'a', answer: { type: 'no' } });
  await view.tell(rejected('exec command rejected by user'), phase('waiting'), rejected('no such tool'));
  await view.tell(asks({ id: 'b' }), { type: 'approval_resolved', id: 'b', answer: { type: 'once' } });
  await view.tell(rejected('it could not be started'));
  expect(view.screen.history().match(/^[✗✔].*$/gm)).toEqual([
    '✗ You declined npm install left-pad',
    '✗ The command was not run: no such tool',
    '✔ You approved npm install left-pad',
    '✗ The command was not run: it could not be started',
  ]);
});

test('what explores is printed before a decision that came after it', async () => {
  const view = await startInScreen({ rows: 40 });
  const [first, second] = [call('read_file', { path: 'src/a.ts' }), call('read_file', { path: 'src/b.ts' })];
  await view.tell(TURN, ...done(first), begins({ ...second, status: 'in_progress' }));
  expect(view.text()).toContain('Exploring');
  await view.tell(ends(second), asks({ id: 'a' }));
  await view.tell({ type: 'approval_resolved', id: 'a', answer: { type: 'once' } });
  expect(view.screen.history().match(/^.*(?:Explored|Read|approved).*$/gm)).toEqual([
    '• Explored',
    '  └ Read src/a.ts, src/b.ts',
    '✔ You approved npm install left-pad',
  ]);
});

test('a command of the user runs beside a turn', async () => {
  const view = await startInScreen({ columns: 60, rows: 24 });
  const own = command('git status --short', { source: 'user', output: ' M src/cart.ts\n?? notes.md\n' });
  await view.type('!git status --short');
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › !git status --short

      workspace-write · 0% of 32.8k · enter send"
  `);
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'user_shell', command: 'git status --short' }]);
  await view.tell(begins({ ...own, output: '', status: 'in_progress' }), delta(own, ' M src/cart.ts\n'));
  await view.pass(2_500);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • You are running git status --short (2s)
      └  M src/cart.ts

    ⠸ Running a command (2s · esc to interrupt)

    › Ask oagent to do anything

      qwen3:8b · workspace-write · 0% of 32.8k · esc interrupts"
  `);
  await view.tell(ends(own));
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • You ran git status --short
      └  M src/cart.ts
        ?? notes.md

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · ? help · / commands"
  `);
});

test('code is in colour once the grammars are there, and they are asked for by the first turn', async () => {
  const view = await startInScreen();
  await view.tell(TURN);
  await loadHighlighter();
  await view.tell(...done(answer('```ts\nconst total = 1;\n```\n')));
  expect(view.screen.raw).toContain('\x1b[35mconst\x1b[39m total');
});

test('parallel commands are printed in the order in which they began', async () => {
  const view = await startInScreen({ rows: 40 });
  const commands = ['make a', 'make b', 'make c'].map((text) => command(text, { output: `${text} is done` }));
  await view.tell(TURN, ...commands.map((item) => begins({ ...item, status: 'in_progress' })));
  const [a, b, c] = commands;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three commands');
  await view.tell(ends(c), ends(b));
  expect(view.text()).toContain('Running make a');
  await view.tell(ends(a), TURN_DONE);
  expect(view.screen.history().match(/make [abc] is done/g)).toEqual([
    'make a is done',
    'make b is done',
    'make c is done',
  ]);
});

test('a read beside a command is one cell', async () => {
  const view = await startInScreen({ rows: 40 });
  const read = call('read_file', { path: 'src/a.ts' });
  const shell = command('make', { output: 'made' });
  await view.tell(
    TURN,
    begins({ ...read, status: 'in_progress' }),
    begins({ ...shell, status: 'in_progress' }),
  );
  await view.tell(ends(shell), ends(read), TURN_DONE);
  expect(view.screen.history().match(/Explor\w+|Called \w+|src\/a\.ts|• Ran make/g)).toEqual([
    'Explored',
    'src/a.ts',
    '• Ran make',
  ]);
});

test('the evidence of a turn is printed under its answer, unless nothing was called', async () => {
  const view = await startInScreen({ columns: 60, rows: 40 });
  await view.tell(TURN, ...done(answer('It adds two numbers.')), TURN_DONE);
  await view.tell(TURN, ...done(command('true', { source: 'user' })), ...done(answer('Indeed.')), TURN_DONE);
  await view.tell(
    TURN,
    ...done(patch([CHANGE])),
    ...done(command('npm test')),
    ...done(answer('Fixed.')),
    turnDone({
      files: [{ path: CHANGE.path, kind: 'update', added: 1, removed: 1 }],
      commands: [{ command: 'npm test', exitCode: 0, runs: 1 }],
      checks: [{ command: 'npm test', passed: true }],
    }),
  );
  await view.tell(TURN, ...done(call('read_file', { path: 'a' })), ...done(answer('I fixed it.')), TURN_DONE);
  await view.tell(
    TURN,
    ...done(command('x', { exitCode: 1 })),
    turnDone({ checks: [{ command: `a\x1b[31m\n${'long '.repeat(20)}`, passed: false }] }),
  );
  await view.tell(
    TURN,
    { type: 'call_rejected', tool: 'apply_patch', message: 'no' },
    turnFailed('It broke.'),
  );
  const lines = view.screen.history().split('\n');
  expect(lines.filter((line) => /^(?:nothing|\d file)|(?:passed|failed)$/.test(line))).toMatchInlineSnapshot(`
    [
      "1 file changed (+1 -1); \`npm test\` passed",
      "nothing changed; no test was run",
      "nothing changed; \`a␛[31m long long long long long long long long long long lo…\` failed",
      "nothing changed; no test was run",
    ]
  `);
  expect(lines.slice(lines.indexOf('• Fixed.'), lines.indexOf('• Fixed.') + 4)).toMatchInlineSnapshot(`
    [
      "• Fixed.",
      "",
      "1 file changed (+1 -1); \`npm test\` passed",
      "",
    ]
  `);
});

test('an answer that broke off is marked as such', async () => {
  const view = await startInScreen({ rows: 40 });
  const answer = { type: 'agent_message', id: 'half', text: '' } as const;
  await view.tell(
    TURN,
    { type: 'item_started', item: { ...answer, status: 'in_progress' } },
    { type: 'item_delta', itemId: 'half', text: 'The first half' },
    { type: 'item_completed', item: { ...answer, text: 'The first half', status: 'failed' } },
    { type: 'retry', attempt: 1, max: 2, reason: 'the connection to Ollama was lost (ECONNRESET)' },
  );
  expect(view.text()).toContain(
    '• The first half\n\n✗ This answer broke off and does not count.\n\n↻ Retrying (1 of 2): the connection',
  );
});
