/** The session in plain lines: what is written for events and lines, and what the session gets. */
import { expect, test } from 'vitest';
import type { Event } from '../../../src/protocol.ts';
import { startPlainly } from '../../support/plain.ts';
import { READY } from '../../support/tui.ts';
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
  user,
} from '../../support/tui-events.ts';

const MODELS: Event = {
  type: 'models',
  models: [{ name: 'tiny:latest', capabilities: ['completion'], isRemote: false }],
};
const [SERVER = TURN, CONFIGURED = TURN] = READY;

test('a turn with an item of each kind, and what was typed while it ran', async () => {
  const it = await startPlainly();
  const run = command('npm test', {
    output: '1\n2\n3\n4\n5\n6\n7',
    exitCode: 1,
    status: 'failed',
    durationMs: 3_000,
  });
  const beside = command('make', { output: '' });
  const thought = thinking('I think so.');
  const said = answer('First.\n\nSecond.\n');
  const background = command('npm start', { exitCode: null, sessionId: 3 });
  await it.type('go\n');
  it.say(TURN, ...done(user('go')), phase('loading', { detail: 'qwen3:8b' }), phase('loading'));
  it.say(begins({ ...thought, text: '' }), delta(thought, 'I think so.'));
  it.say(begins({ ...run, output: '', status: 'in_progress' }), begins({ ...beside, status: 'in_progress' }));
  it.say(ends(beside), ends(run), ends(thought), ...done(call('read_file', { path: 'src/a.ts' })));
  it.say(...done(command('rg total src', { exitCode: 1, status: 'failed' })));
  it.say(...done(call('search_docs', { query: 'x' }, { output: 'one\ntwo' })));
  it.say(
    ...done(patch([CHANGE, { path: '/home/ada/shop/b.ts', kind: 'delete', diff: '@@ -1 +0,0 @@\n-b\n' }])),
  );
  it.say(
    ...done(
      plan([
        { step: 'Read', status: 'completed' },
        { step: 'Write', status: 'in_progress' },
      ]),
    ),
  );
  it.say({ type: 'warning', message: 'The window is nearly full.' });
  it.say(begins({ ...background, status: 'in_progress' }), ends(background));
  it.say(begins({ ...said, text: '' }), delta(said, 'First.\n\nSec'), delta(said, 'ond.\n'), ends(said));
  expect(it.taken()).toEqual([{ type: 'user_turn', text: 'go' }]);
  await it.tell(TURN_DONE, ...done(command('npm start', { output: 'bye', sessionId: 3 })));
  expect(it.written).toMatchInlineSnapshot(`
    "oagent 0.1.0
    model: qwen3:8b, 32,768 tokens
    directory: ~/shop
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: You: 
    qwen3:8b is being loaded.
    Thought: 3 words; /last shows all.
    Running: npm test
    Running: make
    Exit 0, no output.
    npm test: exit 1 after 3s, 7 lines; /last shows all. The end:
      5
      6
      7
    Read: src/a.ts
    Search: total in src (nothing found)
    Called search_docs (query: "x"):
      one
      two
    Edited src/cart.ts: 1 line added, 1 removed:
      3  export function total(cart: Cart): number {
      4 -  return cart.items.length;
      4 +  return cart.items.reduce((sum, { price }) => sum + price, 0);
      5  }
      6
    Deleted b.ts: 0 lines added, 1 removed:
      1 -b
    The plan:
    Done: Read
    Now: Write
    Warning: The window is nearly full.
    Background command 3, npm start: still running, in the background as number 3.
    oagent: First.

      Second.
    nothing changed; no test was run
    Background command 3, npm start: exit 0:
      bye
    You: "
  `);
});

test('every file and every changed line of a patch is in its question; it is answered once', async () => {
  const it = await startPlainly();
  it.say(TURN);
  const changes = Array.from({ length: 12 }, (_, at) => ({
    ...CHANGE,
    path: `/home/ada/shop/src/file${at}.ts`,
    diff: `@@ -1 +1 @@\n-old${at}\n+new${at}\n`,
  }));
  const text = await it.tell(asks({ kind: 'patch', command: undefined, changes }));
  for (let at = 0; at < 12; at += 1) {
    for (const part of [`file${at}.ts`, `-old${at}\n`, `+new${at}\n`])
      expect(text.split(part)).toHaveLength(2);
  }
  expect(text.slice(text.indexOf('1. Yes'))).toMatchInlineSnapshot(`
    "1. Yes, this time
    2. Yes, and allow edits to these files for this session
    3. No, and tell the model what to do instead
    4. No, and stop the turn
    Number, 1 to 4: "
  `);
  await it.type('2\n');
  expect(it.taken()).toEqual([{ type: 'approval', id: 'approval_1', answer: { type: 'session' } }]);
  expect(await it.type('2\n')).toBe('');
  expect(it.taken()).toEqual([{ type: 'steer', text: '2' }]);
});

test('a question that is withdrawn takes no answer, and the next one is asked', async () => {
  const it = await startPlainly();
  it.say(TURN);
  await it.tell(asks(), asks({ id: 'approval_2', command: 'rm -r build', prefix: undefined }));
  const text = await it.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'no' } });
  expect(text).toMatchInlineSnapshot(`
    "
    You declined npm install left-pad
    Would you like to run the following command?
      $ rm -r build

      Reason: it needs the network
      Folder: ~/shop
      The model says: “The tests need it.”
    1. Yes, this time
    2. Yes, and allow this exact command for this session
    3. No, and tell the model what to do instead
    4. No, and stop the turn
    Number, 1 to 4: "
  `);
  await it.type('1\n');
  expect(it.taken()).toEqual([{ type: 'approval', id: 'approval_2', answer: { type: 'once' } }]);
});

test('text beside a question is a message, a lone word or number is not, and Ctrl+C stops the turn', async () => {
  const it = await startPlainly();
  it.say(TURN);
  await it.tell(asks());
  for (const word of ['y', 'n', 'yes', '', '0', '6', '1.']) {
    expect(await it.type(`${word}\n`)).toBe('Type a number from 1 to 5.\nNumber, 1 to 5: ');
  }
  expect(it.taken()).toEqual([]);
  expect(await it.type('use bun\n')).toMatchInlineSnapshot(`
    "Your message was sent. The question is still open.
    Number, 1 to 5: "
  `);
  expect(it.taken()).toEqual([{ type: 'steer', text: 'use bun' }]);
  await it.interrupt();
  expect(it.taken()).toEqual([{ type: 'approval', id: 'approval_1', answer: { type: 'stop' } }]);
});

test('the first number counts, whatever comes with it', async () => {
  const it = await startPlainly();
  it.say(TURN);
  await it.tell(asks());
  // Together: a paste, which is no answer.
  await it.type('1\n1\n');
  expect(it.taken()).toEqual([]);
  await it.type('1\n');
  await it.type('1\n');
  expect(it.taken()[0]).toEqual({ type: 'approval', id: 'approval_1', answer: { type: 'once' } });
});

test('a session without a usable model offers some, downloads one on a number, and works with it', async () => {
  const it = await startPlainly({ isSilent: true });
  expect(
    await it.tell({ ...SERVER, state: 'no_model', message: 'no model can work as an agent' } as Event),
  ).toBe(
    [
      'oagent 0.1.0\nmodel: none yet\ndirectory: ~/shop\nsandbox: workspace-write, on-request',
      'Type a message. /help lists the commands.\nWarning: no model can work as an agent\nYou: ',
    ].join('\n'),
  );
  expect(it.taken()).toEqual([{ type: 'list_models' }]);
  expect(await it.tell(MODELS)).toMatchInlineSnapshot(`
    "
    Which model?
    1. tiny: no tools: cannot work as an agent
    2. qwen3-coder:30b: 19 GB, window 256k, for 24 GB of memory or more (download)
    3. gpt-oss:20b: 14 GB, window 128k, thinking, for 16 GB (download)
    4. devstral:24b: 14 GB, window 128k, for 16 GB to 24 GB (download)
    5. qwen3:8b: 5.2 GB, window 40k, thinking, for 8 GB (download)
    Number, 1 to 5: "
  `);
  expect(await it.type('1\n')).toBe('Type a number from 1 to 5.\nNumber, 1 to 5: ');
  await it.type('fix the tests\n');
  expect(it.taken()).toEqual([{ type: 'user_turn', text: 'fix the tests' }]);
  await it.type('5\n');
  expect(it.taken()).toEqual([{ type: 'pull_model', name: 'qwen3:8b' }]);
  await it.tell({ type: 'pull_progress', name: 'qwen3:8b', status: 'pulling', completed: 1e9, total: 5e9 });
  expect((await it.type('/status\n')).split('\n').at(-2)).toBe(
    'Doing: downloading qwen3:8b, 1.0 GB of 5.0 GB',
  );
  await it.tell({ type: 'pull_ended', name: 'qwen3:8b' });
  expect(it.taken()).toEqual([{ type: 'set_model', model: 'qwen3:8b' }]);
  expect(await it.tell(CONFIGURED)).toBe('\nModel: qwen3:8b, 32,768 tokens\nYou: ');
});

test('a server that is down is said once, and that there is a model', async () => {
  const it = await startPlainly({ isSilent: true });
  const down: Event = { ...SERVER, state: 'down', message: 'no Ollama server' } as Event;
  const first = await it.tell(down);
  expect(first).toContain('Warning: no Ollama server');
  expect(await it.tell({ ...SERVER, state: 'connecting' } as Event, down)).toBe('');
  expect(await it.tell(...READY)).toBe('\nModel: qwen3:8b, 32,768 tokens\nYou: ');
});

test('a request that waits for others is told with their number, or as a busy server, once in a turn', async () => {
  const it = await startPlainly();
  await it.type('go\n');
  const before = it.written.length;
  await it.tell(
    TURN,
    phase('queued', { before: 2 }),
    phase('queued', { before: 1 }),
    phase('reading'),
    TURN_DONE,
  );
  await it.type('again\n');
  await it.tell(TURN, phase('queued'), TURN_DONE);
  const waits = it.written.slice(before).match(/Waiting for the server.*/g);
  expect(waits).toEqual([
    'Waiting for the server: 2 requests before yours.',
    'Waiting for the server: it is busy.',
  ]);
});

test('Ctrl+C interrupts a turn; pressed again before it ends, it quits', async () => {
  const it = await startPlainly();
  await it.tell(TURN);
  await it.interrupt();
  expect(it.taken()).toEqual([{ type: 'interrupt' }]);
  await it.tell(TURN_ABORTED, TURN);
  await it.interrupt();
  expect(it.taken()).toEqual([{ type: 'interrupt' }]);
  await it.interrupt();
  expect(await it.plain.ended).toBe('quit');
});

test('Ctrl+D quits, a signal ends it, and nothing is written afterwards', async () => {
  const it = await startPlainly();
  const said = answer('Half of it');
  await it.tell(TURN, begins({ ...said, text: '' }), delta(said, 'Half of it'));
  expect(await it.end()).toBe('\noagent: Half of it\n');
  expect(await it.plain.ended).toBe('quit');
  expect([await it.tell(TURN_DONE), it.clock.pending]).toEqual(['', 0]);
  const other = await startPlainly();
  other.signals.emit('SIGTERM', 'SIGTERM');
  expect(await other.plain.ended).toBe('SIGTERM');
});

test('what makes no sense here says so, and changes nothing', async () => {
  const it = await startPlainly();
  expect(await it.type('/theme dark\n')).toBe('There are no colours here.\nYou: ');
  expect(await it.type('/nonsense\n')).toBe('Warning: unknown command /nonsense; /help lists them\nYou: ');
  expect(await it.type('/last\n')).toBe('There is nothing to show.\nYou: ');
  expect(await it.type('/last x\n')).toBe('Usage: /last, or /last 2 for the one before it.\nYou: ');
  expect(await it.type('/unqueue\n/queue\n')).toBe('No message is waiting.\nNo message is waiting.\nYou: ');
  expect(it.taken()).toEqual([]);
});

test('/help names every command once', async () => {
  const it = await startPlainly();
  expect(await it.type('/help\n')).toMatchInlineSnapshot(`
    "A line is a message. While a turn runs, it steers: the model gets it with its next request.
    A line that ends with a backslash continues on the next one. Lines that are pasted together are one message.
    !COMMAND runs a command of yours, outside the sandbox.
    Ctrl+C interrupts; twice it quits. Ctrl+D quits. Questions are answered by a number.
    Commands:
    /model: choose the model
    /permissions: choose what oagent may do without asking
    /status: show model, folder, sandbox, context used
    /diff: show all changes in the working tree
    /review: review changes: uncommitted, branch, commit
    /init: create an AGENTS.md for this project
    /compact: summarise the conversation to free context
    /context: show what fills the context window
    /new: start a new conversation
    /resume: resume an earlier conversation
    /rewind: go back to before a message: files, talk, or both
    /try: do it on trial: keep or drop all changes afterwards
    /fork: fork this conversation into a new one
    /rename: rename this conversation
    /plan: plan first, change nothing
    /task: have a sub-agent find something out
    /copy: copy the last answer as Markdown
    /export: write the conversation to a Markdown file
    /ps: list background commands
    /stop: stop background commands
    /index: show the index; why PATH: what puts a file where it is
    /remember: keep a note for later sessions
    /memories: show and forget what is remembered
    /incognito: make no memories of this session, use none
    /mcp: MCP servers: states and tools
    /help: show keys and commands
    /quit: quit oagent
    /last: show the last output, edit or thinking whole; /last 2: the one before it
    /queue: send a message when the turn has ended; without one: what waits
    /back: go back to an earlier message of yours
    /unqueue: take back the message that waits last
    You: "
  `);
});

test('/last shows whole what was only counted', async () => {
  const it = await startPlainly();
  const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  await it.tell(
    TURN,
    ...done(command('seq', { output: lines.join('\n') })),
    ...done(thinking('One two.')),
    TURN_DONE,
  );
  expect(await it.type('/last\n')).toBe('Thinking\n  One two.\nYou: ');
  const shown = await it.type('/last 2\n');
  expect(shown.split('\n').slice(1, 31)).toEqual(lines.map((line) => `  ${line}`));
});

test('an earlier conversation is written once, with its questions and answers', async () => {
  const it = await startPlainly();
  const items = [
    user('hi'),
    call('ask_user', { questions: [] }, { output: 'Which colour?\n→ blue' }),
    answer('Blue it is.'),
  ];
  const soFar = ['Changed so far: wall.md', 'You corrected: "no, blue"'];
  const resumed: Event = {
    ...{ type: 'session_resumed', threadId: 'T', name: 'paint', items },
    ...{ itemsBefore: 4, soFar },
  };
  expect(await it.tell(resumed)).toMatchInlineSnapshot(`
    "
    4 earlier items not shown; to see them: oagent sessions show T
    You: hi
    Asked you:
      Which colour?
      → blue
    oagent: Blue it is.
    Resumed paint
    Changed so far: wall.md
    You corrected: "no, blue"
    You: "
  `);
});

test('while a turn runs nothing is written that only shows that it runs', async () => {
  const it = await startPlainly();
  const make = command('make', { status: 'in_progress' });
  await it.tell(TURN, begins(make));
  const text = await it.tell(
    phase('reading', { newTokens: 900, remainingMs: 9_000 }),
    phase('thinking'),
    phase('writing'),
    delta(make, 'compiling\n'),
    { type: 'index_progress', done: 1, total: 9 },
    { type: 'index_status', lines: ['ready'] },
  );
  expect([text, it.clock.pending]).toEqual(['', 0]);
});

test('/back lists the messages, newest first, and drops one with all that followed', async () => {
  const it = await startPlainly();
  expect(await it.type('/back\n')).toBe('There is no message to go back to.\nYou: ');
  await it.tell(TURN, ...done(user('first')), TURN_DONE, TURN, ...done(user('second')), TURN_DONE);
  expect(await it.type('/back\n')).toMatchInlineSnapshot(`
    "Back to which message? It and all that followed is dropped.
    An empty line leaves things as they are.
    1. second
    2. first
    Number, 1 to 2: "
  `);
  await it.type('2\n');
  expect(it.taken()).toEqual([{ type: 'rollback', userTurns: 2 }]);
  const text = await it.tell({ type: 'rolled_back', userTurns: 2, text: 'first' });
  expect(text.split('\n').slice(1)).toEqual([
    'Rolled back. The messages above, from that one on, are no longer part of the conversation.',
    'It was: first',
    'You: ',
  ]);
});

test('/rewind offers only what can go back', async () => {
  const it = await startPlainly();
  const point = { added: 1, removed: 0, since: { files: 1, added: 2, removed: 0 } };
  const points = [
    { ...point, itemId: 'i1', number: 1, text: 'first', files: 1, isSummarised: true },
    { ...point, itemId: 'i4', number: 2, text: 'second', files: 0 },
  ];
  await it.type('/rewind\n');
  await it.tell({ type: 'rewind_points', points, canUndo: false });
  expect(await it.type('2\n')).toMatchInlineSnapshot(`
    "Put back what?
    An empty line leaves things as they are.
    1. Files: 1 file +2 -0, the talk was summarised
    Number, 1 to 1: "
  `);
  expect(it.taken()).toEqual([{ type: 'list_rewinds' }]);
  await it.type('1\n');
  expect(it.taken()).toEqual([{ type: 'rewind', itemId: 'i1', what: 'files' }]);
  await it.type('/rewind\n');
  await it.tell({
    type: 'rewind_points',
    points: points.map((one) => ({ ...one, files: 0, isSummarised: true })),
    canUndo: false,
  });
  expect(await it.type('1\n')).toMatchInlineSnapshot(`
    "The talk was summarised after that message, and no file was changed since: nothing can go back.
    You: "
  `);
});

test('of many sessions the newest are listed', async () => {
  const it = await startPlainly();
  await it.type('/resume\n');
  const sessions = Array.from({ length: 30 }, (_, at) => ({
    id: `id${at}`,
    firstPrompt: `prompt ${at}`,
    usedAt: Date.now(),
    cwd: '/home/ada/shop',
    source: at === 25 ? ('exec' as const) : ('cli' as const),
  }));
  const text = await it.tell({ type: 'sessions', sessions });
  expect(text.split('\n').slice(1, 5)).toEqual([
    'Resume a session',
    'The newest 20 of 29; oagent sessions lists all.',
    'An empty line leaves things as they are.',
    '1. prompt 0: just now, ~/shop',
  ]);
  expect(text.endsWith('20. prompt 19: just now, ~/shop\n21. Those of exec too\nNumber, 1 to 21: ')).toBe(
    true,
  );
  expect((await it.type('21\n')).split('\n')[1]).toBe('The newest 20 of 30; oagent sessions lists all.');
  await it.type('20\n');
  expect(it.taken()).toEqual([{ type: 'list_sessions' }, { type: 'resume_session', session: 'id19' }]);
});

test('who goes on typing over a question answers nothing, and the whole line is sent', async () => {
  for (const end of ['2\n', 'two\n']) {
    const it = await startPlainly();
    it.say(TURN);
    it.sendBytes('look at chapter ');
    it.say(asks());
    await it.looks();
    it.clock.pass(400);
    await it.looks();
    it.sendBytes(end);
    await it.settled();
    expect(it.taken()).toEqual([{ type: 'steer', text: `look at chapter ${end.trim()}` }]);
    expect(it.written).not.toContain('not sent');
    expect(it.written.endsWith('\nNumber, 1 to 5: ')).toBe(true);
  }
});

test('/memories is a numbered list; one that is chosen is shown and can be forgotten', async () => {
  const asked: string[] = [];
  const entries = Array.from({ length: 22 }, (_, at) => ({
    key: `line ${at}`,
    text: `Line \u001b[2J${at}`,
    detail: 'handbook',
  }));
  const memories = {
    report: async () => ({
      entries,
      folder: '/home/ada/shop',
      isOffHere: false,
      why: 'memories.use is false',
    }),
    remember: async () => 'Remembered.',
    forget: async (key: string) => {
      asked.push(key);
      return 'Forgotten.';
    },
    switchFolder: async (isOn: boolean) => `Switched ${isOn ? 'on' : 'off'}.`,
  };
  const it = await startPlainly({ services: { memories } });
  expect(
    (await it.type('/memories\n')).split('\n').filter((line) => !/^(?:[2-9]|1\d|20)\. /.test(line)),
  ).toMatchInlineSnapshot(`
    [
      "What is remembered",
      "Memories are limited here: memories.use is false.",
      "The first 20 of 22; oagent memories lists all.",
      "An empty line leaves things as they are.",
      "1. Line 0: handbook",
      "21. Switch off in this folder: /home/ada/shop",
      "22. Switch off in this session: incognito",
      "Number, 1 to 22: ",
    ]
  `);
  expect(await it.type('2\n')).toMatchInlineSnapshot(`
    "Line 1
    handbook
    An empty line leaves things as they are.
    1. Forget it: it does not come back
    Number, 1 to 1: "
  `);
  expect([await it.type('1\n'), asked]).toEqual([expect.stringContaining('Forgotten.'), ['line 1']]);
  await it.type('/memories\n');
  expect(await it.type('21\n')).toContain('Switched off.');
  await it.type('/memories\n');
  await it.type('22\n');
  expect(it.taken()).toEqual([{ type: 'go_incognito' }]);
  expect(await it.tell({ type: 'incognito', isOn: true })).toContain(
    'Incognito: no memories are made of this session',
  );
});
