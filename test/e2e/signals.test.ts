/** SIGINT, SIGTERM and a reader that goes away: the turn ends in good order and nothing is left running. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  type Bench,
  BYPASS,
  bench,
  MAIN,
  processesWith,
  type RunResult,
  sleepers,
  startProgram,
} from '../support/exec.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const stalls = [{ fault: { kind: 'stall' } }] as const;

/** A command with children of its own, all of which hold a number that no other process has. */
function sleeper(name: string): {
  readonly marker: string;
  readonly script: { toolCalls: { name: string; arguments: { command: string } }[] }[];
} {
  const marker = `8${process.pid}.${name.length}${Math.trunc(performance.now())}`;
  const command = `(sleep ${marker}; true) & sleep ${marker}; true`;
  return { marker, script: [{ toolCalls: [{ name: 'shell', arguments: { command } }] }] };
}

test.for(SIGNALS)('%s while the model is silent', async (signal) => {
  const { start, server } = await bench(stalls);
  const running = start(['exec', 'Hi']);
  await server.waitForRequest(1);
  running.child.kill(signal);
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout, last: stderr.split('\n').slice(-2) }).toEqual({
    code: 1,
    stdout: '',
    last: ['turn interrupted', ''],
  });
  expect((await server.waitForAbort(1)).kind).toBe('chat');
});

test.for(SIGNALS)('%s while a command runs ends its whole process group', async (signal) => {
  const { marker, script } = sleeper(signal);
  const { start } = await bench(script);
  const running = start(['exec', BYPASS, 'Hi']);
  await expect.poll(() => sleepers(marker)).toBe(2);
  running.child.kill(signal);
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout, last: stderr.split('\n').slice(-2) }).toEqual({
    code: 1,
    stdout: '',
    last: ['turn interrupted', ''],
  });
  expect(processesWith(marker)).toBe(0);
});

test('a command that ignores TERM dies too', async () => {
  const marker = `9${process.pid}.${Math.trunc(performance.now())}`;
  const command = `trap '' TERM; while :; do sleep ${marker}; done`;
  const { start } = await bench([{ toolCalls: [{ name: 'shell', arguments: { command } }] }]);
  const running = start(['exec', BYPASS, 'Hi']);
  await expect.poll(() => sleepers(marker)).toBe(1);
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(1);
  expect(processesWith(marker)).toBe(0);
});

test('with --json there is no terminal event, but open items are closed', async () => {
  const { marker, script } = sleeper('json');
  const { start } = await bench(script);
  const running = start(['exec', '--json', BYPASS, 'Hi']);
  await expect.poll(() => sleepers(marker)).toBe(2);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect({ code, stderr, types: lines.map(({ type }) => type), item: lines.at(-1).item.status }).toEqual({
    code: 1,
    stderr: 'Reading additional input from stdin...\n',
    types: ['thread.started', 'turn.started', 'item.started', 'item.completed'],
    item: 'failed',
  });
});

test('a second SIGINT ends the process at once, and what it had started', async () => {
  // The first one waits for a command that takes its time to die.
  const marker = `7${process.pid}.${Math.trunc(performance.now())}`;
  const command = `trap '' TERM; while :; do sleep ${marker}; done`;
  const { start } = await bench([{ toolCalls: [{ name: 'shell', arguments: { command } }] }]);
  const running = start(['exec', '--json', BYPASS, 'Hi']);
  await expect.poll(() => sleepers(marker)).toBe(1);
  running.child.kill('SIGINT');
  running.child.kill('SIGINT');
  const { code, signal } = await running.ended;
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  await expect.poll(() => processesWith(marker)).toBe(0);
});

test('SIGINT before there is a session', async () => {
  const { start, server } = await bench([], { faultFor: () => ({ kind: 'stall' }) });
  const running = start(['exec', 'Hi']);
  await server.waitForRequest(1, 'other');
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Reading additional input from stdin...\nturn interrupted\n',
  });
});

test('SIGINT between two tries of a request ends the wait', async () => {
  const { start } = await bench(() => ({ fault: { kind: 'destroy' } }));
  const running = start(['exec', 'Hi']);
  await running.printed('Reconnecting... 2/2');
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect({ code, last: stderr.split('\n').slice(-2) }).toEqual({ code: 1, last: ['turn interrupted', ''] });
});

test('-o is not written by an interrupted turn', async () => {
  const { start, server, cwd } = await bench(stalls);
  const running = start(['exec', '-o', 'last.txt', 'Hi']);
  await server.waitForRequest(1);
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(1);
  await expect(readFile(path.join(cwd, 'last.txt'))).rejects.toThrow('ENOENT');
});

/** A shell line in which `oagent` is the built program. */
function inShell({ cwd, env }: Bench, line: string): Promise<RunResult> {
  const program = `oagent() { '${process.execPath}' '${MAIN}' "$@"; }`;
  return startProgram('/bin/bash', ['-c', `${program}; ${line}`], { cwd, env }).ended;
}

test('`| head -1` neither crashes nor prints a stack, and is no success', async () => {
  const steps = Array.from({ length: 20 }, () => ({
    toolCalls: [{ name: 'shell', arguments: { command: 'seq 3000' } }],
  }));
  const made = await bench([...steps, { content: 'Done.' }]);
  const line = 'oagent exec --json --yolo Hi | head -1; echo $PIPESTATUS';
  const { stdout, stderr } = await inShell(made, line);
  expect({ stdout, stderr }).toEqual({
    stdout: expect.stringMatching(/^\{"type":"thread\.started","thread_id":"[0-9a-f-]{36}"\}\n1\n$/),
    stderr: 'Reading additional input from stdin...\n',
  });
});

test('a closed stderr does not stop the work', async () => {
  const { code, stdout } = await inShell(await bench([{ content: 'Done.' }]), 'oagent exec Hi 2>&-');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Done.\n' });
});

test.skipIf(process.platform !== 'linux')('a full disk behind stdout is a failure and is told', async () => {
  const made = await bench([{ content: 'Done.' }]);
  for (const args of ['exec Hi', '--version']) {
    const { code, stderr } = await inShell(made, `oagent ${args} >/dev/full`);
    expect({ code, last: stderr.split('\n').at(-2) }).toEqual({
      code: 1,
      last: expect.stringMatching(/^Error: cannot write: ENOSPC/),
    });
  }
});
