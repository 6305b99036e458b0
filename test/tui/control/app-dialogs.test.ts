import { expect, test } from 'vitest';
import type { ModelInfo } from '../../../src/protocol/models.ts';
import type { Event } from '../../../src/protocol.ts';
import { KEYS, READY, startInScreen } from '../../support/tui.ts';
import {
  answer,
  asks,
  CHANGE,
  done,
  TURN,
  TURN_ABORTED,
  TURN_DONE,
  tokens,
  user,
} from '../../support/tui-events.ts';

const MODELS: readonly ModelInfo[] = [
  {
    name: 'qwen3:8b',
    size: 5_200_000_000,
    parameterSize: '8.2B',
    capabilities: ['tools', 'thinking'],
    contextLength: 40_960,
    isRemote: false,
    loadedWindow: 32_768,
    profile: 'native',
  },
  {
    name: 'devstral:latest',
    size: 14_000_000_000,
    capabilities: ['tools'],
    contextLength: 131_072,
    isRemote: false,
    profile: 'led',
  },
  { name: 'gemma3:4b', size: 3_300_000_000, capabilities: ['vision'], isRemote: false },
];

test('a question waits while somebody types, opens when nobody does, and is answered', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.tell(TURN);
  await view.type('and then');
  await view.tell(asks());
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Waiting for your answer

    ? approval needed: $ npm install left-pad — press tab to answer
    › and then

      workspace-write · 0% of 32.8k · enter steers · tab queues · esc interrupts"
  `);
  await view.type(KEYS.ctrlC);
  await view.pass(1_000);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Waiting for your answer

    Would you like to run the following command?

      $ npm install left-pad

      Reason: it needs the network
      Folder: ~/shop
      The model says: “The tests need it.”

    › 1. Yes, this time
      2. Yes, and allow this exact command for this session
      3. Yes, always allow commands that begin with \`npm install\`
      4. No, and tell the model what to do instead
      5. No, and stop the turn

      ↑↓ or number · enter confirm · esc no · ctrl+t show all

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.pass(1_000);
  await view.type(KEYS.down, KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'approval', id: 'approval_1', answer: { type: 'session' } }]);
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'session' } });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ✔ You approved for this session: npm install left-pad

    ⠸ Working (0s · esc to interrupt)

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · enter steers · tab queues · esc interrupts"
  `);
});

test('a question at 60 and 20 columns', async () => {
  for (const [columns, rows, file] of [
    [60, 20, 'a'],
    [20, 8, 'b'],
  ] as const) {
    const view = await startInScreen({ columns, rows });
    await view.tell(TURN, asks());
    await view.pass(1_000);
    if (file === 'a')
      expect(view.text()).toMatchInlineSnapshot(`
        "  directory  ~/shop
          sandbox    workspace-write · on-request
        • Waiting for your answer

        Would you like to run the following command?

          $ npm install left-pad
          Reason: it needs the network
          Folder: ~/shop
          The model says: “The tests need it.”

        › 1. Yes, this time
          2. Yes, and allow this exact command for this session
          3. Yes, always: \`npm install\` …
          4. No, and tell the model what to do instead
          5. No, and stop the turn

          ↑↓ or number · enter confirm · esc no · ctrl+t show all

          qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
      `);
    else
      expect(view.text()).toMatchInlineSnapshot(`
        "  workspace-write …
        • Waiting for your…
        Run this command?
          $ npm install
            left-pad
          Reason: it needs
        › 1. Yes, this time
          0% of 32.8k"
      `);
  }
});

test('several questions follow each other; the user says what to do instead', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  const edit = asks({ id: 'b', kind: 'patch', changes: [CHANGE], reason: 'the folder is read-only' });
  await view.tell(TURN, asks({ id: 'a' }), edit);
  await view.pass(1_000);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Waiting for your answer

    Would you like to run the following command? 1 of 2

      $ npm install left-pad

      Reason: it needs the network
      Folder: ~/shop
      The model says: “The tests need it.”

    › 1. Yes, this time
      2. Yes, and allow this exact command for this session
      3. Yes, always allow commands that begin with \`npm install\`
      4. No, and tell the model what to do instead
      5. No, and stop the turn

      ↑↓ or number · enter confirm · esc no · ctrl+t show all

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.escape);
  await view.pass(1_000);
  expect(view.taken()).toEqual([{ type: 'approval', id: 'a', answer: { type: 'no' } }]);
  expect(view.text()).toMatchInlineSnapshot(`
    "  directory  ~/shop
      sandbox    workspace-write · on-request
    • Waiting for your answer

    Would you like to make the following edits? 2 of 2

      Edit src/cart.ts (+1 -1)
        3  export function total(cart: Cart): number {
        4 -  return cart.items.length;
        4 +  return cart.items.reduce((sum, { price }) => sum + price, 0);
        5  }
        6
      Reason: the folder is read-only
      Folder: ~/shop
      The model says: “The tests need it.”

    › 1. Yes, this time
      2. Yes, and allow edits to these files for this session
      3. No, and tell the model what to do instead
      4. No, and stop the turn

      ↑↓ or number · enter confirm · esc no · ctrl+t show all

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.down, KEYS.down, KEYS.enter);
  await view.pass(1_000);
  await view.type('write to a copy');
  expect(view.text()).toMatchInlineSnapshot(`
    "  directory  ~/shop
      sandbox    workspace-write · on-request

    • Waiting for your answer

    ? no: type what to do instead (esc to go back)
    › write to a copy

      qwen3:8b · workspace-write · 0% of 32.8k · enter answers · esc goes back"
  `);
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([
    { type: 'approval', id: 'b', answer: { type: 'no', instead: 'write to a copy' } },
  ]);
});

test('a question that was withdrawn is gone', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  await view.tell(TURN, asks());
  await view.pass(1_000);
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'stop' } }, TURN_ABORTED);
  expect(view.text()).toMatchInlineSnapshot(`
    "
    ✗ You declined and stopped the turn: npm install left-pad

    ■ Interrupted. Tell the model what to do instead.

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · ? help · / commands"
  `);
});

test.each([
  ['command', 'exec_command', {}],
  ['patch', 'apply_patch', { changes: [CHANGE] }],
] as const)('a declined %s is told of once', async (kind, tool, more) => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const message = 'rejected by user. The user says: use a copy';
  await view.tell(TURN, asks({ kind, ...more }));
  await view.pass(1_000);
  const answer = { type: 'no', instead: 'use a copy' } as const;
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer });
  await view.tell({ type: 'call_rejected', tool, message, arguments: {} });
  expect(view.text().match(/use a copy/g)).toEqual(['use a copy']);
});

test('trust is asked for before anything begins', async () => {
  const answers: string[] = [];
  const begin = async (trust: string): Promise<void> => void answers.push(trust);
  const view = await startInScreen({
    columns: 80,
    rows: 24,
    isSilent: true,
    facts: { trustRoot: '/home/ada/shop' },
    begin,
  });
  expect(view.text()).toMatchInlineSnapshot(`
    "
    Do you trust this folder?

      ~/shop
      If you do, its configuration (.oagent, AGENTS.md) applies, and the model may
      change files in it and run commands in a sandbox without asking. Trust it
      only if you know where it comes from.

      Yes, trust this folder
    › Not now: read only for this session
      Quit

      ↑↓ choose · enter select · esc read only

      no model yet · ~/shop · main · workspace-write"
  `);
  await view.pass(1_000);
  await view.type('hello', KEYS.enter);
  expect(answers).toEqual([]);
  await view.pass(1_000);
  await view.type(KEYS.enter);
  await view.tell(...READY);
  expect({ answers, screen: view.text() }).toMatchInlineSnapshot(`
    {
      "answers": [
        "read_only",
      ],
      "screen": "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › hello

      qwen3:8b · workspace-write · 0% of 32.8k · enter send · ctrl+j new line",
    }
  `);
});

test('of several hosts each is named with its reason, and then the one that is used', async () => {
  const view = await startInScreen({ columns: 60, rows: 24, isSilent: true });
  const off = { host: 'http://gaming:11434', says: 'nobody answers (ECONNREFUSED)' };
  const own = 'http://127.0.0.1:11434';
  const down: Event = {
    type: 'server_state',
    state: 'down',
    host: off.host,
    message: 'none of the hosts in ollama.hosts can be used:\n  …',
    hosts: [off, { host: own, says: 'no answer in 300 ms' }],
  };
  await view.tell(down);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      none yet
      directory  ~/shop
      sandbox    workspace-write · on-request

    None of your 2 hosts can be used

      Start it: run \`ollama serve\` in another terminal, or
        \`systemctl start ollama\`
      Install it: \`curl -fsSL https://ollama.com/install.sh |
        sh\`
      Use another address: set OLLAMA_HOST, then restart oagent
      Host: http://gaming:11434: nobody answers (ECONNREFUSED)
      Host: http://127.0.0.1:11434: no answer in 300 ms
      Without a model: \`oagent demo\` shows how it works

    › Try again
      Quit

      ↑↓ choose · enter select · ctrl+c quit

      no model yet · ~/shop · main · workspace-write"
  `);
  const [server, configured] = READY;
  const hosts = [off, { host: own, says: 'answers in 4 ms', isUsed: true }];
  await view.tell({ ...server, host: own, hosts } as Event, configured as Event);
  expect(
    view
      .text()
      .split('\n')
      .filter((line) => line.includes(own)),
  ).toEqual([`• Model: qwen3:8b · 32,768 tokens · ${own}`]);
});

test('a server that does not answer can be tried again, more than once', async () => {
  const view = await startInScreen({ columns: 80, rows: 24, isSilent: true });
  const down: Event = {
    type: 'server_state',
    state: 'down',
    host: 'http://127.0.0.1:11434',
    message: 'connect ECONNREFUSED 127.0.0.1:11434',
  };
  await view.tell(down);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      none yet
      directory  ~/shop
      sandbox    workspace-write · on-request

    Ollama does not answer at http://127.0.0.1:11434

      Start it: run \`ollama serve\` in another terminal, or \`systemctl start ollama\`
      Install it: \`curl -fsSL https://ollama.com/install.sh | sh\`
      Use another address: set OLLAMA_HOST, then restart oagent
      Problem: connect ECONNREFUSED 127.0.0.1:11434
      Without a model: \`oagent demo\` shows how it works

    › Try again
      Quit

      ↑↓ choose · enter select · ctrl+c quit

      no model yet · ~/shop · main · workspace-write"
  `);
  for (const _ of ['first', 'second']) {
    await view.type(KEYS.enter, KEYS.enter);
    expect(view.taken()).toEqual([{ type: 'connect' }]);
    await view.tell({ type: 'server_state', state: 'connecting', host: down.host }, down);
  }
  await view.type('meanwhile');
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      none yet
      directory  ~/shop
      sandbox    workspace-write · on-request

    ■ Ollama does not answer at http://127.0.0.1:11434 · still trying

    › meanwhile

      no model yet · ~/shop · main · workspace-write · enter send · ctrl+j new line"
  `);
  await view.tell(...READY);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      none yet
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Model: qwen3:8b · 32,768 tokens

    › meanwhile

      qwen3:8b · workspace-write · 0% of 32.8k · enter send · ctrl+j new line"
  `);
});

test('the model picker: asked, listed, chosen, with how much it thinks', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/model', KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'list_models' }]);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    Choose a model

       search, or name a model to download

      Asking the server for the installed models…

      ↑↓ choose · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.tell({ type: 'models', models: MODELS });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    Choose a model

       search, or name a model to download

    › qwen3:8b (current)  8.2B · 5.2 GB · window 40k · thinking · native · loaded
      devstral            14 GB · window 128k · led
      gemma3:4b           3.3 GB · no tools: cannot work as an agent · vision

      ↑↓ choose · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.enter);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    How much should qwen3:8b think?

    › 1. On   thinks before it answers
      2. Off  answers immediately

      ↑↓ or number · enter select · esc back

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'set_model', model: 'qwen3:8b', effort: 'medium' }]);
});

test('models that cannot be listed', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/model', KEYS.enter);
  await view.tell({ type: 'models', models: [], error: 'Ollama does not answer' });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    ⚠ could not list the models: Ollama does not answer

    › Ask oagent to do anything

      qwen3:8b · workspace-write · 0% of 32.8k · ? help · / commands · @ files"
  `);
});

test('a model is downloaded; leaving ends the download', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/model', KEYS.enter);
  await view.tell({ type: 'models', models: [] });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    No model installed: choose one to download

       search, or name a model to download

    › qwen3-coder:30b (download)  19 GB · window 256k · for 24 GB of memory or more
      gpt-oss:20b (download)      14 GB · window 128k · thinking · for 16 GB
      devstral:24b (download)     14 GB · window 128k · for 16 GB to 24 GB
      qwen3:8b (download)         5.2 GB · window 40k · thinking · for 8 GB

      ↑↓ choose · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  view.taken();
  await view.type(KEYS.enter);
  const name = 'qwen3-coder:30b';
  expect(view.taken()).toEqual([{ type: 'pull_model', name }]);
  await view.tell({
    type: 'pull_progress',
    name,
    status: 'pulling 1194192cf2a1',
    completed: 0,
    total: 19_000_000_000,
  });
  await view.pass(10_000);
  await view.tell({
    type: 'pull_progress',
    name,
    status: 'pulling 1194192cf2a1',
    completed: 1_900_000_000,
    total: 19_000_000_000,
  });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    Downloading qwen3-coder:30b

      ━━──────────────────────  10%  1.9 GB of 19 GB

      esc cancel · what was downloaded is kept

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.ctrlC);
  expect(view.taken()).toEqual([{ type: 'cancel_pull', name }]);
  await view.tell({ type: 'pull_ended', name, error: 'cancelled' });
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › Ask oagent to do anything

      qwen3:8b · workspace-write · 0% of 32.8k · ? help · / commands · @ files"
  `);
});

test('permissions, theme and help', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/permissions', KEYS.enter);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    What may oagent do without asking?

      1. Read only        reads files; changes nothing and does not ask
      2. Ask              reads files; asks before it changes anything
    › 3. Write (current)  works in this folder; asks before leaving the sandbox
      4. Plan             changes nothing; the answer is a plan that you can edit
      5. Full access      no sandbox, network access, never asks

      ↑↓ or number · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.escape, '/theme', KEYS.enter);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    Choose the colours

    › 1. Automatic (current)  colours and tints, unless NO_COLOR is set
      2. Colours              only the sixteen colours of your terminal
      3. No colours           bold and dim only

      ↑↓ or number · enter select · esc cancel

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.escape, '?');
  expect(view.text()).toMatchInlineSnapshot(`
    "  sandbox    workspace-write · on-request

    Keys
      /              commands
      @              files
      !              run a shell command
      enter          send; while a turn runs, steer it
      tab            complete, or queue for after the turn
      ctrl+j         new line
      esc            interrupt; twice: edit an earlier prompt
      ctrl+c         clear the draft, interrupt, or quit
      ctrl+d         quit when the composer is empty
      shift+tab      next mode: read only, ask, write, plan
      ctrl+t         transcript with full output
      ?              this help
      ctrl+r         search earlier prompts
      up             one row up, or an earlier prompt
      down           one row down, or a later prompt
      alt+up         edit the last queued message
      ctrl+g         edit in $EDITOR
      ctrl+o         expand pasted text
      ↑↓ scroll · esc close

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k"
  `);
  await view.type(KEYS.escape);
  expect(view.taken()).toEqual([]);
});

test('/status', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.tell(tokens(12_000, 400, true));
  await view.type('/status', KEYS.enter);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • oagent 0.1.0
      Model        qwen3:8b
      Server       http://127.0.0.1:11434 (ready)
      Directory    ~/shop
      Permissions  workspace-write, approval on-request
      Context      12.4k of 32.8k tokens used, 62% left (estimated)
      Tokens       12k read, 400 written
      Background   no commands running
      Session      0199a5f2-7f1c-7c52-9c4e-1f2a3b4c5d6e

    › Ask oagent to do anything

      qwen3:8b · workspace-write · ~38% of 32.8k · ? help · / commands · @ files"
  `);
});

test('a model that is led is called so wherever it is named', async () => {
  const view = await startInScreen({ columns: 100, rows: 40, isSilent: true });
  const [ready, native] = READY;
  if (ready === undefined || native?.type !== 'session_configured') throw new Error('no event');
  const led: Event = { ...native, isLed: true };
  await view.tell(ready, led, led, native, TURN, { type: 'model_led' }, TURN_DONE, led, native);
  await view.tell(led);
  await view.type('/status', KEYS.enter);
  const named = view
    .text()
    .split('\n')
    .filter((line) => line.includes('qwen3'));
  expect(named).toEqual([
    '  model      qwen3:8b (led) · 32,768 tokens',
    '• Model: qwen3:8b · 32,768 tokens',
    // Between these two it was led in the middle of a turn, for which there is another line.
    '• Model: qwen3:8b · 32,768 tokens',
    '• Model: qwen3:8b (led) · 32,768 tokens',
    '  Model        qwen3:8b (led)',
    '  qwen3:8b (led) · ~/shop · main · workspace-write · 0% of 32.8k · ? help · / commands · @ files',
  ]);
});

test('popups of the composer: commands and files', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  await view.type('/');
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › /
    › /model        choose the model
      /permissions  choose what oagent may do without asking
      /status       show model, folder, sandbox, context used
      /diff         show all changes in the working tree
      /review       review changes: uncommitted, branch, commit
      /init         create an AGENTS.md for this project
      /compact      summarise the conversation to free context
      … +23

      workspace-write · 0% of 32.8k · enter send"
  `);
  await view.type(KEYS.backspace, 'look at @cart');
  await view.screen.until('src/cart.ts');
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › look at @cart
    › src/cart.ts
      test/cart.test.ts

      workspace-write · 0% of 32.8k · enter send"
  `);
  await view.type(KEYS.tab);
  expect(view.text().split('\n')[5]).toMatchInlineSnapshot(`"› look at src/cart.ts"`);
});

test('the transcript covers the screen and gives it back', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  await view.tell(TURN, ...done(user('why?')), ...done(answer('Because.')));
  const before = view.text();
  await view.type(KEYS.ctrlT);
  expect(view.screen.isAlternate()).toBe(true);
  expect(view.text()).toMatchInlineSnapshot(`
    "Transcript 100%

    › why?

    • Because.














      ↑↓ scroll · q close · / search · space page · home/end"
  `);
  await view.type('q');
  expect({ isAlternate: view.screen.isAlternate(), text: view.text() }).toEqual({
    isAlternate: false,
    text: before,
  });
});

test('/clear starts again on a blank screen; what was there can be scrolled back to', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const [, configured] = READY;
  await view.tell(TURN, ...done(user('why?')), ...done(answer('Because.')), tokens(12_000, 400), TURN_DONE);
  await view.type('/clear', KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'new_session' }]);
  await view.tell({ ...configured, threadId: 'another' } as Event);
  expect(view.text()).toMatchInlineSnapshot(`
    "
    ∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › Ask oagent to do anything

      workspace-write · 0% of 32.8k · ? help · / commands"
  `);
  expect(view.screen.history()).toContain('› why?\n\n• Because.');
  expect(view.screen.raw).not.toMatch(/\x1b\[[23]J/);
});

test('Ctrl+L repaints', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  await view.type('draft');
  view.screen.feed('\x1b[H\x1b[Jnoise of another program');
  await view.type(KEYS.ctrlL);
  expect(view.text()).toContain('› draft');
});

test('the editor has the terminal, and gives the text back', async () => {
  let done: (text: string) => void = () => undefined;
  const edited = new Promise<string>((resolve) => {
    done = resolve;
  });
  const given: string[] = [];
  const openEditor = (text: string): Promise<string> => {
    given.push(text);
    return edited;
  };
  const view = await startInScreen({ columns: 60, rows: 20, services: { openEditor } });
  await view.type('draft');
  view.screen.type('\x07');
  await view.screen.until(() => given.length > 0 && !view.screen.isRaw);
  done('edited\nby hand\n');
  await view.screen.until('by hand');
  expect({ given, isRaw: view.screen.isRaw, draft: view.tui.app.composer.draft }).toEqual({
    given: ['draft'],
    isRaw: true,
    draft: 'edited\nby hand',
  });
});

test('a plan that is closed in the editor as it was is not announced again', async () => {
  const texts = ['1. Add a.txt\n', '1. Add b.txt\n'];
  const view = await startInScreen({
    ...{ columns: 60, rows: 24 },
    services: { openEditor: () => Promise.resolve(texts.shift() ?? '') },
  });
  await view.tell({ type: 'plan_written', file: '/p.md', text: '1. Add a.txt' });
  const edits = () => view.ops.filter(({ type }) => type === 'edit_plan');
  for (const expected of [[], [{ type: 'edit_plan', text: '1. Add b.txt\n' }]]) {
    await view.pass(1_000);
    expect(view.text()).toContain('What becomes of the plan?');
    view.screen.type('\x07');
    await view.screen.until(() => texts.length === 1 - expected.length && view.screen.isRaw);
    await view.pass(100);
    expect(edits()).toEqual(expected);
  }
  await view.tell({ type: 'plan_written', file: '/p.md', text: '1. Add b.txt\n', isEdited: true });
  const [, edited = ''] = view.text().split('You edited the plan');
  expect(edited.split('\n').slice(0, 4)).toEqual([' in /p.md', '', '  1. Add b.txt', '']);
  expect(view.text().match(/The plan is in/g)).toHaveLength(1);
});

test('while an answer is written the composer and the footer say so, also in a narrow terminal', async () => {
  for (const [columns, lines] of [
    [100, ['? no: type what to do instead (esc to go back)', 'enter answers · esc goes back']],
    [40, ['? do what instead? (esc to go back)', 'workspace-write · 0% of 32.8k']],
  ] as const) {
    const view = await startInScreen({ columns, rows: 24 });
    await view.tell(TURN, asks());
    await view.pass(1_000);
    await view.type(KEYS.up, KEYS.up, KEYS.enter);
    const [asked, composer, , footer = ''] = view.text().split('\n').slice(-4);
    expect([asked, composer]).toEqual([lines[0], '› What to do instead']);
    expect(footer.endsWith(lines[1])).toBe(true);
  }
  const view = await startInScreen({ columns: 60, rows: 24 });
  const question = { kind: 'question', question: 'Which one?', options: ['a', 'b'] } as const;
  await view.tell(TURN, asks({ ...question, command: undefined, prefix: undefined }));
  await view.pass(1_000);
  await view.type(KEYS.up, KEYS.up, KEYS.enter);
  expect(view.text().split('\n').slice(-4, -2)).toEqual([
    '? type your answer (esc to go back)',
    '› Your answer',
  ]);
});
