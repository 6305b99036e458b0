import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { notify } from '../../../src/cli/exec/notify.ts';

/** What the program gets for these texts. */
async function payloadFor(inputMessages: readonly string[], lastAssistantMessage: string | null) {
  const folder = mkdtempSync(path.join(homedir(), '.oagent-notify-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'got');
  const script = `printf %s "$1" > '${file}.part'; mv '${file}.part' '${file}'`;
  const notice = { threadId: 't', turnId: 'u', cwd: '/', inputMessages, lastAssistantMessage };
  expect(await notify(['/bin/sh', '-c', script, 'sh'], notice)).toBe(undefined);
  await expect.poll(() => existsSync(file)).toBe(true);
  const { 'input-messages': input, 'last-assistant-message': last } = JSON.parse(readFileSync(file, 'utf8'));
  return { input, last };
}

test('texts that fit come whole', async () => {
  const long = 'ä'.repeat(60_000);
  expect(await payloadFor(['one', 'two'], long)).toEqual({ input: ['one', 'two'], last: long });
  expect(await payloadFor([], null)).toEqual({ input: [], last: null });
});

test.each([
  ['a long answer', ['short'], 'ä'.repeat(100_000)],
  ['a long prompt', ['ä'.repeat(100_000)], 'short'],
  ['signs that take six bytes each', ['short'], '\x01'.repeat(60_000)],
  ['many prompts', Array<string>(50).fill('x'.repeat(10_000)), null],
])('what is longer than an argument may be is cut and says so: %s', async (_, prompts, answer) => {
  const { input, last } = await payloadFor(prompts, answer);
  const isCut = (text: string) => /^(.)\1*…\d+ chars truncated…\1+$/s.test(text);
  for (const [index, prompt] of prompts.entries())
    expect(prompt.length < 99 ? input[index] === prompt : isCut(input[index])).toBe(true);
  if (answer !== null) expect(answer.length < 99 ? last === answer : isCut(last)).toBe(true);
});
