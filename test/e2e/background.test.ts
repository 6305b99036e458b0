/** Commands that outlast their call, by the built program: what is shown of them, and that none outlasts the program. */
import { expect, test } from 'vitest';
import { BYPASS, bench, processesWith, sleepers } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

/** A number that no other process has. */
const number = (): string => `6${process.pid}.${Math.trunc(performance.now() * 1_000)}`;
const exec = (cmd: string, more: object = {}) => ({
  toolCalls: [{ name: 'exec_command', arguments: { cmd, yield_time_ms: 250, ...more } }],
});

test('what still runs, or was left in the background, ends with the program', async () => {
  const [first, second, third] = [number(), number(), number()];
  const { run } = await bench([
    exec(`sleep ${first}`),
    exec(`stty -echo; sleep ${second}`, { tty: true }),
    { toolCalls: [{ name: 'shell', arguments: { command: `sleep ${third} >/dev/null 2>&1 &` } }] },
    { content: 'Done.' },
  ]);
  const { code, stdout, stderr } = await run(['exec', BYPASS, 'Hi']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' });
  expect(stderr).toMatch(/ still running as session 1 after \d+ms:\n/);
  expect(stderr).toMatch(/ still running as session 2 after \d+ms:\n/);
  expect(stderr.match(/^warning: .*$/gm)).toEqual([
    `warning: this command still ran, and ended with oagent: sleep ${first}`,
    `warning: this command still ran, and ended with oagent: stty -echo; sleep ${second}`,
  ]);
  expect([first, second, third].map(processesWith)).toEqual([0, 0, 0]);
});

test('clients of --json see a completed command without an exit code, and nothing else', async () => {
  const { json } = await bench([
    exec(`echo on; sleep ${number()}`, { yield_time_ms: 800 }),
    { content: 'Done.' },
  ]);
  const { lines } = await json([BYPASS, 'Hi']);
  expect(lines.slice(2, -1)).toEqual([
    {
      type: 'item.started',
      item: expect.objectContaining({ type: 'command_execution', exit_code: null, status: 'in_progress' }),
    },
    {
      type: 'item.completed',
      item: {
        id: 'item_0',
        type: 'command_execution',
        command: expect.stringContaining('echo on'),
        aggregated_output: 'on\n',
        exit_code: null,
        status: 'completed',
      },
    },
    { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: 'Done.' } },
  ]);
});

sandboxedTest('in the sandbox they end even when the program is killed', async () => {
  const [piped, typed] = [number(), number()];
  const { start } = await bench([
    exec(`sleep ${piped}`),
    exec(`sleep ${typed}`, { tty: true }),
    { fault: { kind: 'stall' } },
  ]);
  const running = start(['exec', '-s', 'read-only', 'Hi']);
  await expect.poll(() => sleepers(piped) + sleepers(typed), { timeout: 5_000 }).toBe(2);
  running.child.kill('SIGKILL');
  await running.ended;
  await expect.poll(() => processesWith(piped) + processesWith(typed)).toBe(0);
});
