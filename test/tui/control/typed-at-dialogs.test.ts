/** Text that is typed while a dialog opens by itself is the composer's, and answers nothing. */
import { expect, test } from 'vitest';
import type { ModelInfo } from '../../../src/protocol/models.ts';
import type { Event } from '../../../src/protocol.ts';
import { KEYS, READY, startInScreen, type TuiHarness } from '../../support/tui.ts';
import { asks, TURN } from '../../support/tui-events.ts';

const HOST = 'http://127.0.0.1:11434';
const MODEL: ModelInfo = { name: 'qwen3:8b', size: 5e9, isRemote: false, capabilities: ['tools'] };
const QUESTION = asks({
  id: 'q1',
  kind: 'question',
  command: undefined,
  reason: 'Which one?',
  options: ['a', 'b'],
});

/** How each dialog opens. */
const DIALOGS: Readonly<Record<string, { readonly trust?: true; readonly events: readonly Event[] }>> = {
  trust: { trust: true, events: [] },
  'no server': { events: [{ type: 'server_state', state: 'down', host: HOST, message: 'refused' }] },
  'model picker': {
    events: [
      { type: 'server_state', state: 'no_model', host: HOST, message: 'no model is installed' },
      { type: 'models', models: [MODEL] },
    ],
  },
  plan: { events: [...READY, { type: 'plan_written', file: '/p.md', text: 'do it' }] },
  approval: { events: [...READY, TURN, asks()] },
  question: { events: [...READY, TURN, QUESTION] },
};

async function opened(name: string): Promise<TuiHarness> {
  const { trust, events } = DIALOGS[name] ?? { events: [] };
  const facts = trust ? { trustRoot: '/home/ada/shop' } : {};
  const view = await startInScreen({ columns: 80, rows: 24, isSilent: true, facts });
  await view.tell(...events);
  view.taken();
  return view;
}

test.each(
  Object.keys(DIALOGS),
)('%s: what is typed and pasted as it opens is kept, and Enter answers nothing', async (name) => {
  const view = await opened(name);
  await view.type('1', 'f', 'ix', ' it');
  await view.paste(' now');
  expect(view.tui.app.composer.draft).toBe('1fix it now');
  expect(view.text()).toContain('› 1fix it now');
  expect(view.taken()).toEqual([]);
});

test('the trust question stays, and no Enter after typing answers it', async () => {
  const view = await opened('trust');
  await view.pass(1_000);
  await view.type('fix ', 'x', KEYS.backspace, 'it', KEYS.enter);
  expect(view.text()).toContain('Do you trust this folder?');
  expect(view.text()).toContain('› fix it');
  await view.pass(1_000);
  await view.type(KEYS.enter);
  expect(view.text()).not.toContain('Do you trust this folder?');
  expect(view.tui.app.composer.draft).toBe('fix it');
});

test('the list of models: typing searches once it was seen, and what was typed is not lost with it', async () => {
  const view = await opened('model picker');
  await view.pass(400);
  await view.type('fix');
  expect([view.tui.app.composer.draft, view.text().includes('  fix')]).toEqual(['', true]);
  await view.type(KEYS.escape);
  expect(view.tui.app.composer.draft).toBe('fix');
});

test('the list of models that opened by itself does not take an Enter that was on its way', async () => {
  const view = await opened('model picker');
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([]);
  await view.pass(400);
  await view.type(KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'set_model', model: 'qwen3:8b', effort: undefined }]);
});

test('while a model is downloaded, a message can be typed', async () => {
  const view = await startInScreen({ columns: 80, rows: 24 });
  await view.type('/model', KEYS.enter);
  await view.tell({ type: 'models', models: [] });
  await view.type('llama', KEYS.enter);
  await view.type('hello');
  await view.paste(' you');
  expect([view.tui.app.composer.draft, view.text().includes('› hello you')]).toEqual(['hello you', true]);
});
