/** The view and what is around it: images, the clipboard, the window's focus and title, Ctrl+Z. */
import { expect, test } from 'vitest';
import { KEYS, startInScreen } from '../../support/tui.ts';
import { asks, TURN, TURN_DONE, turnFailed } from '../../support/tui-events.ts';

test('the path of an image becomes the image', async () => {
  const view = await startInScreen({
    columns: 60,
    rows: 20,
    services: { isFile: (file) => file.endsWith('.png'), readImage: async (file) => `base64 of ${file}` },
  });
  await view.type('what is ');
  await view.paste('/home/ada/shop/cart.png');
  await view.type('?');
  expect(view.text()).toContain('› what is [Image #1]?');
  await view.type(KEYS.enter);
  await view.pass(60);
  expect(view.taken()).toEqual([
    { type: 'user_turn', text: 'what is [Image #1]?', images: ['base64 of /home/ada/shop/cart.png'] },
  ]);
});

test('the path of an image that only looks the same becomes the image, and that is said', async () => {
  const view = await startInScreen({
    columns: 60,
    rows: 20,
    services: {
      isFile: (file) => file === '/home/ada/shop/a.png',
      lookAlike: () => ({ path: '/home/ada/shop/a.png', note: 'Taken for a.png.' }),
    },
  });
  await view.paste('/home/ada/shop/\u00e5.png');
  expect(view.text()).toContain('› [Image #1]');
  expect(view.text()).toContain('Taken for a.png.');
});

test('an image that cannot be read: nothing is sent, nothing is lost', async () => {
  const view = await startInScreen({
    columns: 80,
    rows: 20,
    services: { isFile: () => true, readImage: () => Promise.reject(new Error('cart.png: no such file')) },
  });
  await view.paste('/home/ada/shop/cart.png');
  await view.type('?', KEYS.enter);
  await view.screen.until('⚠ the message was not sent');
  await view.type(KEYS.up);
  expect({ ops: view.taken(), draft: view.tui.app.composer.draft }).toEqual({
    ops: [],
    draft: '[Image #1]?',
  });
});

test('joined emoji, Persian and Hindi words, and flags reach the terminal whole', async () => {
  const view = await startInScreen();
  const text = `👩‍💻 می‌خواهم क्‍ष \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}`;
  await view.type(text);
  const typed = view.screen.raw.includes(text);
  view.tui.app.say(`said ${text}`);
  await view.pass(60);
  expect({ typed, said: view.screen.raw.includes(`said ${text}`) }).toEqual({ typed: true, said: true });
});

test('a user who looks elsewhere is notified of questions, ends and failures; one who looks here is not', async () => {
  const view = await startInScreen({ columns: 60, rows: 20, env: { TERM_PROGRAM: 'ghostty' } });
  const calls = (): string[] =>
    [...view.screen.raw.matchAll(/\x1b\]9;(?!4;)([^\x07]*)\x07/g)].map(([, text]) => text ?? '');
  await view.tell(TURN, { ...TURN_DONE, lastMessage: 'Done.' } as typeof TURN_DONE);
  expect(calls()).toEqual([]);
  await view.type('\x1b[O');
  await view.tell(TURN, asks(), { type: 'approval_resolved', id: 'approval_1', answer: { type: 'once' } });
  await view.tell({ ...TURN_DONE, lastMessage: 'It **works**\nnow.' } as typeof TURN_DONE);
  await view.tell(TURN, turnFailed('no'));
  await view.type('\x1b[I');
  await view.tell(TURN, TURN_DONE);
  expect(calls()).toEqual([
    'oagent needs approval: npm install left-pad',
    'oagent: It **works** now.',
    'oagent: the turn failed',
  ]);
});

test.each([
  [{ when: 'always', method: 'osc9' }, ['oagent needs approval: npm install left-pad', 'oagent: Done.']],
  [{ when: 'always', method: 'osc9', about: ['turns'] }, ['oagent: Done.']],
  [{ when: 'always', method: 'osc9', about: ['approvals'] }, ['oagent needs approval: npm install left-pad']],
  [{ when: 'never', method: 'osc9' }, []],
] as const)('notifications as they are set: %j', async (notify, wanted) => {
  const view = await startInScreen({ columns: 60, rows: 20, notify });
  await view.tell(TURN, asks(), { type: 'approval_resolved', id: 'approval_1', answer: { type: 'once' } });
  await view.tell({ ...TURN_DONE, lastMessage: 'Done.' } as typeof TURN_DONE);
  const calls = [...view.screen.raw.matchAll(/\x1b\]9;([^\x07]*)\x07/g)].map(([, text]) => text);
  expect(calls).toEqual(wanted);
});

test('the theme to begin with', async () => {
  const view = await startInScreen({ columns: 60, rows: 20, theme: 'plain' });
  await view.tell(TURN, turnFailed('no'));
  expect(view.tui.app.theme).toBe('plain');
  expect(view.screen.raw).not.toMatch(/\x1b\[(?:3[1-7]|9[0-7])m/);
});

test('the title says what oagent does, and the bar how much of the prompt was read', async () => {
  const view = await startInScreen({ env: { TERM_PROGRAM: 'ghostty' } });
  const from = view.screen.raw.length;
  const said = (): string[] =>
    [...view.screen.raw.slice(from).matchAll(/\x1b\](?:0|9;4);([^\x07]*)\x07/g)].map(
      ([, text]) => text ?? '',
    );
  await view.tell(TURN, { type: 'model_phase', phase: 'reading', newTokens: 4_000, remainingMs: 4_000 });
  await view.pass(1_000);
  await view.pass(1_000);
  await view.tell({ type: 'model_phase', phase: 'writing' });
  await view.tell(asks());
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'once' } });
  await view.tell(TURN_DONE);
  await view.tell(TURN);
  await view.tell(turnFailed('no'));
  await view.tell(TURN);
  await view.tell({ type: 'turn_aborted', turnId: 'turn_1' });
  const [working, waiting] = ['working · oagent · shop', 'waiting for you · oagent · shop'];
  const shares = said().flatMap((text) => (text.startsWith('1;') ? [Number(text.slice(2))] : []));
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect([shares.length, shares[0], shares.at(-1)]).toEqual([7, 2, 50]);
  expect(said().filter((text) => !text.startsWith('1;'))).toEqual([
    ...[working, '3'],
    ...[waiting, '4', working, '3'],
    ...['done · oagent · shop', '0', working, '3', 'failed · oagent · shop', '0'],
    ...[working, '3', 'oagent · shop', '0'],
  ]);
  await view.tell(TURN);
  view.tui.end('quit');
  expect(said().slice(-2)).toEqual(['3', '0']);
});

test('while it is asked what becomes of a plan, the title says so', async () => {
  const view = await startInScreen();
  const titles = (): string[] =>
    [...view.screen.raw.matchAll(/\x1b\]0;([^\x07]*)\x07/g)].map(([, text = '']) => text);
  const planning = { mode: 'read-only', approval: 'on-request', sandbox: 'bwrap' } as const;
  await view.tell({ type: 'permissions_changed', ...planning, isPlan: true });
  await view.tell(TURN, TURN_DONE, { type: 'plan_written', file: '/p.md', text: '1. Add a.txt' });
  await view.tell({ type: 'permissions_changed', ...planning, isPlan: false });
  expect(titles().slice(-2)).toEqual(['waiting for you · oagent · shop', 'oagent · shop']);
});

test('other terminals get no bar', async () => {
  const view = await startInScreen({ env: { TERM_PROGRAM: 'Apple_Terminal' } });
  await view.tell(TURN, TURN_DONE);
  expect(view.screen.raw.includes('\x1b]9;4')).toBe(false);
});

test('the title says where oagent works, and is given back', async () => {
  const view = await startInScreen();
  expect(view.screen.raw).toContain('\x1b]0;oagent · shop\x07');
  view.tui.end('quit');
  expect(view.screen.raw).toContain('\x1b[23;0t');
});

test('Ctrl+Z gives the terminal back to the shell until it is continued', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  view.screen.type('\x1a');
  await view.screen.until(() => view.killed.length > 0);
  expect({ killed: view.killed, isRaw: view.screen.isRaw }).toEqual({ killed: ['0 SIGTSTP'], isRaw: false });
  view.signals.emit('SIGCONT');
  await view.screen.until(() => view.screen.isRaw);
  await view.type('still here');
  expect(view.text()).toContain('› still here');
  expect(view.signals.listenerCount('SIGCONT')).toBe(0);
});

test('a page that is asked for together with Ctrl+Z is not opened over the shell', async () => {
  const view = await startInScreen({ columns: 60, rows: 20 });
  const { length } = view.screen.raw;
  view.screen.type('\x1a\x14');
  await view.screen.until(() => view.killed.length > 0);
  await view.screen.until(() => view.screen.isRaw);
  await view.type('still here');
  expect(view.text()).toContain('› still here');
  expect(view.screen.raw.slice(length)).not.toContain('\x1b[?1049h');
});

test('the terminal is gone: the view ends', async () => {
  const view = await startInScreen();
  (view.screen.stdin as unknown as NodeJS.WritableStream).end();
  expect(await view.tui.ended).toBe('SIGHUP');
});
