import { expect, test } from 'vitest';
import { KEYS, startInScreen } from '../support/tui.ts';

test('what a first-time user sees', async () => {
  const view = await startInScreen();
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k · ? help · ctrl+t transcript"
  `);
  await view.type('hello', KEYS.enter);
  expect(view.taken()).toEqual([{ type: 'user_turn', text: 'hello' }]);
  expect(view.text()).toMatchInlineSnapshot(`
    "∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/shop
      sandbox    workspace-write · on-request

    › Ask oagent to do anything

      qwen3:8b · ~/shop · main · workspace-write · 0% of 32.8k · ? help · ctrl+t transcript"
  `);
});
