/** kill -9 in the middle of a turn: what the model and the user are told of it afterwards is true. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';

/** Ends with the folder of the test. */
const WAITS = 'touch started; while [ -e started ]; do sleep 0.1; done';

const shell = (command: string) => ({ name: 'shell', arguments: { command } });

/** Two commands in one answer: the first ends, the second is running when oagent is killed. */
async function killed(): Promise<Bench & { readonly id: string }> {
  const calls = [shell('echo one; exit 3'), shell(WAITS)];
  const place = await bench((_request, index) => (index === 0 ? { toolCalls: calls } : { content: 'Done.' }));
  const running = place.start(['exec', BYPASS, 'Begin.']);
  await expect.poll(() => existsSync(path.join(place.cwd, 'started'))).toBe(true);
  running.child.kill('SIGKILL');
  await running.ended;
  return { ...place, id: rolloutFiles(place.home)[0]?.id ?? '' };
}

const BROKEN =
  '<turn_aborted>\noagent ended unexpectedly in the previous turn. Its calls may have run or not, or in part: look first.\n</turn_aborted>';

test('the model is told which call had ended, and which may have run or not', async () => {
  const { json, run, chats, id } = await killed();
  const again = await json([BYPASS, 'resume', id, 'Go on.']);
  expect([again.code, again.lines[1]?.item]).toEqual([
    0,
    {
      ...{ id: 'item_0', type: 'error' },
      message: 'the last turn of this session was cut off; the model is informed',
    },
  ]);
  const said = chats()[1]?.messages.map(({ role, content }) => [role, content]);
  expect(said?.slice(4)).toEqual([
    ['tool', 'oagent ended unexpectedly, after this call had ended (exit 3):\none\n'],
    ['tool', 'oagent ended unexpectedly; this call may have run or not: look first'],
    ['user', BROKEN],
    ['user', 'Go on.'],
  ]);
  const { stdout } = await run(['sessions', 'show', id]);
  expect(stdout).toContain('$ echo one; exit 3 (exit 3)\n  one\n');
  expect(stdout).toContain(
    `$ ${WAITS}\n  the record ends while this was running: what it has done is not known\n`,
  );
  await json([BYPASS, 'resume', id, 'And on.']);
  expect(
    JSON.stringify(chats()[2]?.messages).startsWith(JSON.stringify(chats()[1]?.messages).slice(0, -1)),
  ).toBe(true);
  expect(chats()[2]?.messages.filter(({ content }) => content === BROKEN)).toHaveLength(1);
});

test('a copy of a session at work is not called a crash', async () => {
  const calls = [shell(WAITS)];
  const place = await bench((_request, index) => (index === 0 ? { toolCalls: calls } : { content: 'Done.' }));
  const running = place.start(['exec', BYPASS, 'Begin.']);
  await expect.poll(() => existsSync(path.join(place.cwd, 'started'))).toBe(true);
  await place.json([BYPASS, 'fork', rolloutFiles(place.home)[0]?.id ?? '', 'Go on.']);
  running.child.kill('SIGINT');
  await running.ended;
  const said = JSON.stringify(place.chats()[1]?.messages);
  expect([
    said.includes('This is a copy of a session that was at work; this call'),
    said.includes('unexpectedly'),
  ]).toEqual([true, false]);
});
