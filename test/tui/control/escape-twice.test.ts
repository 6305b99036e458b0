/** The second Escape goes back only if the first one said so: one that closed something, or came before something else, did not. */
import { expect, test } from 'vitest';
import { KEYS, startInScreen } from '../../support/tui.ts';
import { answer, asks, done, TURN, TURN_DONE, user } from '../../support/tui-events.ts';

const MORE = 'esc again to edit an earlier prompt';

async function idle() {
  const view = await startInScreen({ columns: 100, rows: 24 });
  await view.tell(TURN, ...done(user('first')), ...done(answer('A.')), TURN_DONE);
  return view;
}

test.each([
  ['the picker of models', ['/model', KEYS.enter]],
  ['the transcript', [KEYS.ctrlT]],
  ['the search', ['\x12']],
  ['the keys', ['?']],
  ['the list of messages', ['/rewind', KEYS.enter]],
  ['the permissions', ['/permissions', KEYS.enter]],
])('Escape closes %s, and is not the first of two', async (_, keys) => {
  const view = await idle();
  await view.type(...keys, KEYS.escape);
  const { app } = view.tui;
  expect([app.overlay, app.hasPager, view.text().includes(MORE)]).toEqual([undefined, false, false]);
  await view.type(KEYS.escape);
  expect([app.hasPager, view.text().includes(MORE)]).toEqual([false, true]);
});

test.each(['@', '/'])('Escape twice at the list below %s keeps the draft', async (draft) => {
  const view = await idle();
  await view.type(draft, KEYS.escape, KEYS.escape);
  expect([view.tui.app.composer.draft, view.tui.app.hasPager, view.taken()]).toEqual([draft, false, []]);
});

test('what has happened after the first Escape makes the next one the first', async () => {
  const view = await idle();
  await view.type(KEYS.escape);
  await view.tell(TURN, ...done(user('second')), ...done(answer('B.')), TURN_DONE);
  expect(view.text()).not.toContain(MORE);
  await view.type(KEYS.escape);
  expect([view.tui.app.hasPager, view.text().includes(MORE)]).toEqual([false, true]);
  await view.tell(asks());
  expect(view.text()).not.toContain(MORE);
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'no' } });
  await view.type(KEYS.escape);
  expect([view.tui.app.hasPager, view.text().includes(MORE)]).toEqual([false, true]);
});
