/** Tests that do not end: what has run until then is told, and nothing of them is left. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runTests } from '../../../src/tools/run-tests/run-test-command.ts';
import { isAlive, makeContext } from '../tool-context.ts';

const LIMIT_MS = 600_000;
const COMMAND = 'node --test --test-reporter=tap';
const LATE =
  '[stopped after 10 minutes: give a target, or run the command with exec_command, which keeps it running in the background]';

/** @param tests those that end; one that hangs follows, with a child that does not obey */
async function late(tests: string): Promise<{ readonly text: string; readonly left: boolean[] }> {
  const context = makeContext();
  onTestFinished(() => context[Symbol.dispose]());
  const { ctx, cwd } = context;
  const source = `
    import assert from 'node:assert/strict';
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    import test from 'node:test';
    ${tests}
    test('hangs', async () => {
      const child = spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { stdio: 'inherit' });
      writeFileSync('pids', [process.pid, child.pid].join(' ') + '.');
      await new Promise(() => setInterval(() => undefined, 1_000));
    });`;
  writeFileSync(path.join(cwd, 'a.test.mjs'), source);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let text = '';
  void runTests({ command: COMMAND, folder: cwd }, {}, process.env, ctx).then((result) => {
    ({ text } = result);
  });
  const pids = (): string => readFileSync(path.join(cwd, 'pids'), 'utf8');
  await expect.poll(pids, { timeout: 20_000 }).toMatch(/\.$/);
  await expect
    .poll(
      () => {
        vi.advanceTimersByTime(LIMIT_MS);
        return text;
      },
      { timeout: 20_000 },
    )
    .not.toBe('');
  return { text, left: pids().split(/[ .]/, 2).map(Number).map(isAlive) };
}

test('what has passed so far', { timeout: 60_000 }, async () => {
  const { text, left } = await late("test('adds', () => assert.equal(1, 1));");
  expect(text.split('\n').slice(0, 2)).toEqual([
    `$ ${COMMAND}`,
    '1 test passed so far (stopped: the time was over):',
  ]);
  expect([text.split('\n').at(-1), left]).toEqual([LATE, [false, false]]);
});

test('what has failed so far', { timeout: 60_000 }, async () => {
  const { text, left } = await late(
    "test('adds', () => assert.equal(1, 1)); test('fails', () => assert.equal(1, 2));",
  );
  expect(text.split('\n').slice(0, 2)).toEqual([
    `$ ${COMMAND}`,
    '1 of 2 tests failed so far (stopped: the time was over).',
  ]);
  expect(text).toContain('not ok 2 - fails');
  expect([text.split('\n').at(-1), left]).toEqual([LATE, [false, false]]);
});

test('that none has ended is not that there are none', { timeout: 60_000 }, async () => {
  const { text, left } = await late('');
  expect(text.split('\n').slice(0, 2)).toEqual([
    `$ ${COMMAND}`,
    'No result so far (stopped: the time was over):',
  ]);
  expect(left).toEqual([false, false]);
});
