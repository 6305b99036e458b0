import { expect, test } from 'vitest';
import { Keymap } from '../../../src/tui/composer/keymap.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';
import {
  answer,
  asks,
  begins,
  call,
  command,
  delta,
  done,
  ends,
  plan,
  TURN,
  TURN_ABORTED,
  TURN_DONE,
  user,
} from '../../support/tui-events.ts';

test('Enter: a turn, then steering; Tab queues', async () => {
  const view = await startInScreen();
  await view.type('one', KEYS.enter);
  await view.tell(TURN);
  await view.type('two', KEYS.enter, 'three', KEYS.tab, KEYS.enter, KEYS.tab);
  expect(view.taken()).toEqual([
    { type: 'user_turn', text: 'one' },
    { type: 'steer', text: 'two' },
    { type: 'user_turn', text: 'three' },
  ]);
  await view.tell(TURN_DONE);
  await view.type('four', KEYS.tab);
  expect(view.taken()).toEqual([{ type: 'user_turn', text: 'four' }]);
});

test('Escape: a popup first, then the turn; what waits is sent at once', async () => {
  const view = await startInScreen();
  await view.tell(TURN);
  await view.type('/st', KEYS.escape);
  expect({ ops: view.taken(), draft: view.tui.app.composer.draft }).toEqual({ ops: [], draft: '/st' });
  await view.type(KEYS.escape);
  expect(view.taken()).toEqual([{ type: 'interrupt' }]);
  await view.tell({ type: 'queue_changed', entries: [{ id: 'a', text: 'use pnpm', kind: 'steer' }] });
  await view.type(KEYS.escape);
  expect(view.taken()).toEqual([{ type: 'interrupt', resubmit: true }]);
});

test('what was interrupted before it was sent is in front of the draft', async () => {
  const view = await startInScreen();
  await view.tell(TURN);
  await view.type('draft');
  await view.tell(
    { type: 'unqueued', id: 'a', text: 'first' },
    { type: 'unqueued', id: 'b', text: 'second' },
    TURN_ABORTED,
  );
  expect(view.tui.app.composer.draft).toMatchInlineSnapshot(`
    "first
    second
    draft"
  `);
});

test('Escape twice on an empty, idle composer goes back to an earlier prompt', async () => {
  const view = await startInScreen({ columns: 100, rows: 20 });
  await view.type(KEYS.escape);
  expect(view.text()).not.toContain('esc again');
  await view.tell(TURN, ...done(user('first')), ...done(answer('A.')), TURN_DONE);
  await view.tell(TURN, ...done(user('second')), ...done(answer('B.')), TURN_DONE);
  await view.type(KEYS.escape);
  expect(view.text()).toContain('esc again to edit an earlier prompt');
  await view.type('x', KEYS.backspace);
  expect(view.text()).not.toContain('esc again');
  await view.type(KEYS.escape, KEYS.escape);
  expect(view.screen.isAlternate()).toBe(true);
  expect(view.text()).toMatchInlineSnapshot(`
    "Transcript 100%

    › first

    • A.

    › second

    • B.










      ← older · → newer · enter edit from here · q close"
  `);
  await view.type(KEYS.escape, KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'rollback', userTurns: 2 }]);
  await view.tell({ type: 'rolled_back', userTurns: 2, text: 'first' });
  expect({ draft: view.tui.app.composer.draft, items: view.tui.app.transcript.items }).toEqual({
    draft: 'first',
    items: [],
  });
});

test('Ctrl+C: the draft, then the turn, then the end; Up brings the draft back', async () => {
  const view = await startInScreen();
  await view.tell(TURN);
  await view.type('draft', KEYS.ctrlC);
  expect(view.tui.app.composer.draft).toBe('');
  await view.type(KEYS.up);
  expect(view.tui.app.composer.draft).toBe('draft');
  await view.type(KEYS.ctrlC, KEYS.ctrlC);
  expect(view.taken()).toEqual([{ type: 'interrupt' }]);
  await view.tell(TURN_ABORTED);
  view.screen.type(KEYS.ctrlC);
  expect(await view.tui.ended).toBe('quit');
});

test('a command of the user: Escape and Ctrl+C end it, not oagent', async () => {
  const view = await startInScreen();
  const own = command('sleep 1000', { source: 'user', status: 'in_progress', exitCode: null });
  await view.tell(begins(own));
  await view.type(KEYS.escape, KEYS.ctrlC);
  expect(view.taken()).toEqual([{ type: 'interrupt' }, { type: 'interrupt' }]);
  await view.tell(ends({ ...own, status: 'failed' }));
  view.screen.type(KEYS.ctrlC);
  expect(await view.tui.ended).toBe('quit');
});

test('Ctrl+D deletes in a text and ends on an empty composer', async () => {
  const view = await startInScreen();
  await view.type('ab', KEYS.left, KEYS.ctrlD);
  expect(view.tui.app.composer.draft).toBe('a');
  await view.type(KEYS.backspace);
  view.screen.type(KEYS.ctrlD);
  expect(await view.tui.ended).toBe('quit');
});

test('Up on an empty composer takes back what waits, then earlier prompts; so does alt+up', async () => {
  const view = await startInScreen({ services: { promptHistory: async () => ['older'] } });
  await view.tell(TURN, {
    type: 'queue_changed',
    entries: [
      { id: 'a', text: 'one', kind: 'queue' },
      { id: 'b', text: 'two', kind: 'queue' },
    ],
  });
  await view.type(KEYS.altUp);
  expect(view.taken()).toEqual([{ type: 'unqueue', id: 'b' }]);
  await view.tell({ type: 'queue_changed', entries: [] }, { type: 'unqueued', id: 'b', text: 'two' });
  expect(view.tui.app.composer.draft).toBe('two');
  await view.type(KEYS.ctrlC, KEYS.up, KEYS.up);
  expect(view.tui.app.composer.draft).toBe('older');
});

test('commands that are not available say so; unknown ones too, and nothing is lost', async () => {
  const view = await startInScreen({ columns: 80, rows: 20 });
  await view.tell(TURN);
  await view.type('/new', KEYS.escape, KEYS.enter);
  await view.pass(60);
  expect(view.text()).toContain('⚠ /new is not available while a turn is running');
  await view.type(KEYS.ctrlC, '/nonsense', KEYS.enter);
  expect(view.text()).toContain('⚠ unknown command /nonsense; type / for a list');
  expect({ ops: view.taken(), draft: view.tui.app.composer.draft }).toEqual({ ops: [], draft: '/nonsense' });
});

test('typed text never answers a question, and is not lost', async () => {
  const view = await startInScreen();
  await view.tell(TURN, asks());
  await view.pass(2_000);
  await view.type('yes', KEYS.enter);
  expect({ ops: view.taken(), draft: view.tui.app.composer.draft }).toEqual({
    ops: [{ type: 'steer', text: 'yes' }],
    draft: '',
  });
});

test('Enter and Escape answer a question only when nobody typed just before', async () => {
  const view = await startInScreen();
  await view.tell(TURN);
  await view.type('hello');
  await view.tell(asks());
  await view.type(KEYS.backspace, KEYS.backspace, KEYS.backspace, KEYS.backspace, KEYS.backspace);
  await view.type(KEYS.enter, KEYS.enter);
  expect(view.taken()).toEqual([]);
  await view.pass(2_000);
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'approval', id: 'approval_1', answer: { type: 'once' } }]);
});

test('what was being said when the user left stays there, without the composer', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const said = answer('');
  await view.tell(
    TURN,
    ...done(plan([{ step: 'Find out why', status: 'pending' }])),
    ...done(call('read_file', { path: 'a.ts' })),
  );
  await view.tell(begins(said), delta(said, 'The total is wrong.\n\nIt counts **it'));
  view.tui.end('quit');
  await view.screen.settled();
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    • Updated plan
      └ □ Find out why

    • Explored
      └ Read a.ts

    • The total is wrong.

      It counts **it"
  `);
});

test('the end: whatever ends it, the terminal is as it was', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    const view = await startInScreen({ columns: 60, rows: 20 });
    await view.type('draft', KEYS.ctrlT);
    view.signals.emit(signal, signal);
    expect(await view.tui.ended).toBe(signal);
    await view.screen.settled();
    expect({
      raw: view.screen.isRaw,
      alternate: view.screen.isAlternate(),
      end: view.screen.raw.endsWith('\x1b[?1004l\x1b[?2004l\x1b[?25h'),
      text: view.text().includes('draft'),
      timers: view.clock.pending,
      listeners: view.signals.eventNames(),
    }).toEqual({ raw: false, alternate: false, end: true, text: false, timers: 0, listeners: [] });
  }
});

test('the keys that the terminal tells apart are the ones that hints and help name', async () => {
  const view = await startInScreen({ columns: 80, rows: 40 });
  await view.type('a');
  expect(view.text()).toContain('enter send · ctrl+j new line');
  // What a terminal with kitty's protocol answers.
  await view.type('\x1b[?0u');
  expect(view.text()).toContain('enter send · shift+enter new line');
});

test('a key that only a newer protocol sends is taken for its answer', async () => {
  const view = await startInScreen({ columns: 80, rows: 40 });
  await view.type('a', '\x1b[27;2;13~', 'b');
  expect(view.tui.app.composer.draft).toBe('a\nb');
  expect(view.text()).toContain('enter send · shift+enter new line');
});

test("the user's own keys work, and the footer names them", async () => {
  const keymap = new Keymap({
    submit: ['ctrl+s'],
    newline: ['enter'],
    interrupt: ['ctrl+x'],
    transcript: ['alt+t'],
  });
  const view = await startInScreen({ columns: 100, rows: 40, keymap });
  await view.type('one', KEYS.enter, 'two', '\x13');
  expect(view.taken()).toEqual([{ type: 'user_turn', text: 'one\ntwo' }]);
  await view.tell(TURN);
  expect(view.text()).toContain('ctrl+s steers · tab queues · ctrl+x interrupts');
  await view.type(KEYS.escape);
  expect(view.taken()).toEqual([]);
  await view.type('\x18');
  expect(view.taken()).toEqual([{ type: 'interrupt' }]);
  await view.tell(...done(command('seq 40', { output: 'line\n'.repeat(40) })));
  expect(view.text()).toContain('(alt+t)');
});

test('Ctrl+T holds what happened between the items, and / finds it; after a resume too', async () => {
  const view = await startInScreen({ columns: 60, rows: 24 });
  const asked = {
    id: 'a1',
    kind: 'command',
    command: "/bin/bash -c 'npm publish'",
    cwd: '/work',
    reason: 'network',
  } as const;
  const happened = [
    {
      type: 'retrieved',
      places: [{ path: 'a.ts', start: 1, end: 1 }],
      text: 'a.ts:1\nexport const price = 3;',
    },
    {
      type: 'call_rejected',
      tool: 'apply_patch',
      message: 'no such line\nread it first',
      arguments: { input: '-old\n+new' },
    },
    { type: 'approval_resolved', id: 'a1', answer: { type: 'no' }, request: asked },
  ] as const;
  await view.tell(TURN, ...done(user('fix it')), ...happened, TURN_ABORTED);
  const shown = async (): Promise<string> => {
    await view.type(KEYS.ctrlT);
    return view.text().replaceAll(/ +$/gm, '').trim();
  };
  const live = await shown();
  expect(live).toMatchInlineSnapshot(`
    "Transcript 100%

    › fix it

    • Retrieved 1 place
      a.ts:1-1

      a.ts:1
      export const price = 3;

    ✗ The edit was not made:
      no such line
      read it first
      It tried:
        input:
          -old
          +new

    ✗ You declined
      $ npm publish
      Asked because: network

    ■ Interrupted. Tell the model what to do instead.
      ↑↓ scroll · q close · / search · space page · home/end"
  `);
  await view.type('/price', KEYS.enter);
  expect(view.text()).toContain('1 of 1 · n next');
  await view.type('q');
  const [first] = view.tui.app.transcript.items;
  if (first === undefined) throw new Error('no item');
  const items = [first, ...happened, { type: 'turn_aborted' }] as const;
  await view.tell({ type: 'session_resumed', threadId: 't', items, itemsBefore: 0 });
  expect(await shown()).toBe(live);
});

test('vi: the footer says the mode, and Escape leaves insert mode before it interrupts', async () => {
  const view = await startInScreen({ columns: 80, rows: 24, hasVi: true });
  const footer = (): string => view.text().trimEnd().split('\n').at(-1)?.trim().split(' · ')[0] ?? '';
  await view.tell(TURN);
  await view.type('one two');
  expect(footer()).toBe('INSERT');
  await view.type(KEYS.escape);
  expect([footer(), view.taken()]).toEqual(['NORMAL', []]);
  await view.type('2d');
  expect(footer()).toBe('NORMAL 2d');
  await view.type(KEYS.escape);
  expect([footer(), view.taken()]).toEqual(['NORMAL', []]);
  await view.type(KEYS.escape);
  expect([view.taken(), view.tui.app.composer.draft]).toEqual([[{ type: 'interrupt' }], 'one two']);
});

test('vi: with nothing written, Escape means the turn that runs', async () => {
  const view = await startInScreen({ hasVi: true });
  await view.tell(TURN);
  await view.type(KEYS.escape);
  expect(view.taken()).toEqual([{ type: 'interrupt' }]);
});

test('/vim turns the keys of vi on and off', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/vim', KEYS.enter);
  expect(view.text()).toContain('• Keys of vi: on.');
  await view.type('ab', KEYS.escape, 'x');
  expect(view.tui.app.composer.draft).toBe('a');
  await view.type('cc/vim', KEYS.enter, 'x');
  expect(view.tui.app.composer.draft).toBe('x');
});
