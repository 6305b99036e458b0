/** `exec --until`: rounds of one session until a command succeeds. */
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { addFile, BYPASS, bench } from '../support/exec.ts';

const add = (name: string): Turn => ({
  toolCalls: [{ name: 'apply_patch', arguments: { input: addFile(name, 'x') } }],
});
const DONE: Turn = { content: 'Done.' };
const CHECK = 'test -e b || { echo "b is missing"; exit 7; }';

test('the next round is told how the command failed, and nothing else; it ends when it succeeds', async () => {
  const { run, chats, server } = await bench([add('a'), DONE, add('b'), { content: 'Now it is.' }]);
  const { code, stdout, stderr } = await run(['exec', BYPASS, '--until', CHECK, 'Add the files']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Now it is.\n' });
  expect(stderr).toContain(`\`${CHECK}\` failed (exit code 7): round 2 of 10`);
  expect(chats().map(({ messages }) => messages.at(-1)?.content)[2]).toBe(
    `\`${CHECK}\` fails (exit code 7):\nb is missing\n\nFix that.`,
  );
  // The same session: the server reads only what is new.
  const entries = server.log.filter(({ kind }) => kind === 'chat');
  expect(entries.map(({ rereadTokens }) => rereadTokens)).toEqual(entries.map(({ newTokens }) => newTokens));
});

test('it ends after --max-rounds, with the exit code of what was not verified', async () => {
  let count = 0;
  const { run, chats } = await bench(({ messages }): Turn => {
    count += 1;
    return messages.at(-1)?.role === 'tool' ? DONE : add(`file${count}`);
  });
  const { code, stderr } = await run(['exec', BYPASS, '--until', CHECK, '--max-rounds', '3', 'Go']);
  expect({ code, chats: chats().length }).toEqual({ code: 3, chats: 6 });
  expect(stderr).toContain('failed (exit code 7); stopped after 3 rounds (--max-rounds)');
});

test('a model that changes nothing any more is not asked for ever', async () => {
  const { run, chats } = await bench(() => DONE);
  const { code, stderr } = await run(['exec', BYPASS, '--until', 'echo no; exit 1', 'Go']);
  expect(code).toBe(3);
  expect(stderr).toContain('stopped: the last rounds changed nothing about it');
  expect(chats().length).toBeLessThan(10);
});

test('limits are those of all rounds', async () => {
  let count = 0;
  const { run } = await bench(({ messages }): Turn => {
    count += 1;
    return messages.at(-1)?.role === 'tool' ? DONE : add(`file${count}`);
  });
  const { code } = await run(['exec', BYPASS, '--until', 'exit 1', '--max-steps', '4', 'Go']);
  expect(code).toBe(4);
});

test('--until and --verify say different things', async () => {
  const { run } = await bench([]);
  const { code, stderr } = await run(['exec', BYPASS, '--until', 'true', '--verify', 'true', 'Go']);
  expect(code).toBe(2);
  expect(stderr).toContain("option '--until <command>' cannot be used with option '--verify <command>'");
});
