/** What a one-line task costs before the model has said a word. */
import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';

test('the first request of a one-line task stays under 1,250 tokens', async () => {
  const { run, chats } = await bench([{ content: 'Hi.' }]);
  await run(['exec', '--yolo', 'Fix the typo in README.md']);
  const [body] = chats();
  const encoding = get_encoding('o200k_base');
  const count = (value: unknown): number => encoding.encode(JSON.stringify(value)).length;
  const tokens = { messages: count(body?.messages), tools: count(body?.tools) };
  encoding.free();
  expect(tokens.messages).toBeGreaterThan(100);
  expect(tokens.tools).toBeGreaterThan(100);
  expect(tokens.messages + tokens.tools).toBeLessThan(1250);
});
