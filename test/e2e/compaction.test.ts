/** `exec` in a small window: the conversation is summarised on the way, said to people and to programs. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import compactPrompt from '../../prompts/compact.md?raw';
import type { Script } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';

const WINDOW = ['-c', 'model_context_window=8192'];

function script(prompt: string): Script {
  let said = 0;
  return ({ messages }) => {
    if (messages.at(-1)?.content === prompt) return { content: '## Progress\nMost of it is done.' };
    said += 1;
    if (said > 4) return { content: 'Done.' };
    return { toolCalls: [{ name: 'shell', arguments: { command: `seq ${said} ${said + 900}` } }] };
  };
}

const opened = (prompt = compactPrompt.trim()): Promise<Bench> => bench(script(prompt));

const SAID =
  /^the conversation was compacted from \d,\d{3} to \d,\d{3} tokens to free space in the context window$/;

test('a program reads a warning item with the numbers', async () => {
  const { code, lines } = await (await opened()).json([BYPASS, ...WINDOW, 'Work']);
  const items = lines.flatMap(({ item }) => (item ? [item as { type: string; message?: string }] : []));
  const errors = items.filter(({ type }) => type === 'error');
  expect(code).toBe(0);
  expect(errors).toEqual([{ id: expect.any(String), type: 'error', message: expect.stringMatching(SAID) }]);
});

test('a person reads that it is about to happen, and its numbers', async () => {
  const { run } = await opened();
  const { code, stdout, stderr } = await run(['exec', BYPASS, ...WINDOW, 'Work']);
  const lines = stderr.split('\n');
  const at = lines.indexOf('the context window is full: summarising the conversation…');
  expect([code, stdout, at >= 0]).toEqual([0, 'Done.\n', true]);
  expect(lines[at + 1]).toMatch(SAID);
});

test('a prompt of the user’s own, from the configuration or a file; a file that is not there is said at once', async () => {
  const one = await opened('Sum it up.');
  expect((await one.json([BYPASS, ...WINDOW, '-c', 'compact_prompt=Sum it up.', 'Work'])).code).toBe(0);
  const asked = (made: Bench) =>
    made.chats().filter(({ messages }) => messages.at(-1)?.content === 'Sum it up.');
  expect(asked(one)).toHaveLength(1);

  const two = await opened('Sum it up.');
  writeFileSync(path.join(two.home, 'compact.md'), 'Sum it up.\n');
  writeFileSync(path.join(two.home, 'config.toml'), 'experimental_compact_prompt_file = "compact.md"\n');
  expect((await two.json([BYPASS, ...WINDOW, 'Work'])).code).toBe(0);
  expect(asked(two)).toHaveLength(1);

  const three = await opened();
  const { code, stderr } = await three.run([
    'exec',
    BYPASS,
    '-c',
    'experimental_compact_prompt_file=none.md',
    'Work',
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('experimental_compact_prompt_file: there is no such file');
  expect(three.asked()).toEqual([]);
});

test('what a session measured of its model is there for the next, and doctor tells it', async () => {
  const made = await opened();
  await made.json([BYPASS, ...WINDOW, 'Work']);
  const [measure] = Object.values(JSON.parse(readFileSync(path.join(made.home, 'models.json'), 'utf8')));
  expect(measure).toEqual({
    bytesPerToken: expect.any(Number),
    msPerToken: expect.any(Number),
    loads: [{ numCtx: 8192, size: 4_700_000_000, sizeVram: 4_700_000_000 }],
    calls: { digest: expect.any(String), native: expect.any(Number), leaked: 0, none: 0 },
  });
  const { stdout } = await made.run(['doctor']);
  expect(stdout).toContain(
    `Measured: 8,192 fitted (${path.join(made.home, 'models.json')}; delete it to measure again)`,
  );
});
