import { expect, test } from 'vitest';
import { startInScreen } from '../../support/tui.ts';

test('every key and every paste says that somebody is there', async () => {
  const view = await startInScreen();
  expect(view.signsOfUser).toBe(0);
  await view.type('ab');
  const keys = view.signsOfUser;
  expect(keys).toBeGreaterThan(0);
  await view.paste('some text');
  expect(view.signsOfUser).toBe(keys + 1);
});

test('while memories are made the footer says how far that is', async () => {
  const view = await startInScreen({ columns: 100, rows: 20 });
  await view.tell({ type: 'memory_progress', done: 3, total: 12 });
  expect(view.text()).toContain('memories 3/12');
  await view.tell({ type: 'memory_progress' });
  expect(view.text()).not.toContain('memories');
});
