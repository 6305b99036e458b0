import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunningSession } from '../../../src/protocol.ts';
import { startCommand } from '../../../src/tools/commands/command-process.ts';
import { CommandSessions, type SessionsOptions } from '../../../src/tools/commands/command-sessions.ts';
import { RunningCommand } from '../../../src/tools/commands/running-command.ts';
import { runSource } from '../../support/run-source.ts';
import { isAlive, until } from '../tool-context.ts';

async function start(command: string, warning?: string): Promise<RunningCommand> {
  const { process: group, finish } = await startCommand(
    { command, workdir: '/', env: process.env },
    { allowed: true },
    { privatePath: () => '' },
  );
  const warned = async () => [...(await finish()), ...(warning === undefined ? [] : [warning])];
  const options = { limitBytes: 1_000, spillPath: () => '/dev/null/none' };
  return new RunningCommand({ process: group, finish: warned }, options, () => undefined);
}

function table(options: SessionsOptions = {}) {
  const changes: number[][] = [];
  const warnings: string[] = [];
  const sessions = new CommandSessions({
    onChange: (running) => changes.push(ids(running)),
    warn: (message) => warnings.push(message),
    ...options,
  });
  onTestFinished(() => sessions.close());
  return { sessions, changes, warnings };
}

function ids(running: readonly RunningSession[]): number[] {
  return running.map(({ sessionId }) => sessionId);
}

test('who runs is told whenever it changes', async () => {
  const { sessions, changes } = table();
  const before = Date.now();
  const first = await start('sleep 60');
  sessions.add('sleep 60', first);
  sessions.add('true', await start('true'));
  await until(() => changes.length === 3);
  expect(changes).toEqual([[1], [1, 2], [1]]);
  expect(sessions.running).toEqual([{ sessionId: 1, command: 'sleep 60', startedAt: expect.any(Number) }]);
  expect(sessions.running[0]?.startedAt).toBeGreaterThanOrEqual(before);
  await sessions.endAll();
  expect(changes).toEqual([[1], [1, 2], [1], []]);
  expect(isAlive(first.process.pid)).toBe(false);
  expect(sessions.use(1)?.running).toBe(first);
});

describe('when there is no room', () => {
  const limits = { max: 4, keepRecent: 2, warnAt: 3 };

  test('one that has ended goes first, then the least recently used, never the newest', async () => {
    const { sessions, warnings } = table(limits);
    const running = [await start('sleep 60'), await start('sleep 60'), await start('exit 0', 'look at this')];
    const added = running.map((one) => sessions.add('x', one));
    await running[2]?.ended;
    sessions.add('x', await start('sleep 60'));
    // 3 has ended, but it is among the newest; 1 is used again, so 2 is the oldest.
    sessions.use(1);
    sessions.use(4);
    sessions.add('x', await start('sleep 60'));
    expect(sessions.use(3)).toBe(undefined);
    expect(warnings).toEqual(['look at this']);
    expect(ids(sessions.running)).toEqual([1, 2, 4, 5]);
    const { warning } = sessions.add('x', await start('sleep 60'));
    expect(ids(sessions.running)).toEqual([1, 4, 5, 6]);
    await until(() => !isAlive(running[1]?.process.pid ?? 0));
    expect(added.map((one) => one.warning)).toEqual([
      undefined,
      undefined,
      '3 of at most 4 sessions are open: the oldest are ended to make room',
    ]);
    expect(warning).toBe('4 of at most 4 sessions are open: the oldest are ended to make room');
  });

  test('and all are too new, one more is kept', async () => {
    const { sessions } = table({ max: 1, keepRecent: 8 });
    for (let count = 0; count < 3; count += 1) sessions.add('x', await start('sleep 60'));
    expect(ids(sessions.running)).toEqual([1, 2, 3]);
  });
});

test('after the end nothing is kept running any more', async () => {
  const { sessions, changes } = table();
  await sessions.close();
  const late = await start('sleep 60');
  sessions.add('late', late);
  await late.ended;
  expect(isAlive(late.process.pid)).toBe(false);
  expect(changes.at(-1)).toEqual([]);
});

test('a program that exits kills its sessions and what others have left behind', async () => {
  const root = path.resolve(import.meta.dirname, '../../../src');
  const child = runSource(`
    const { startGroup } = await import('${root}/system/process-group.ts');
    const { loadPty, startPty } = await import('${root}/tools/commands/pty.ts');
    const options = { cwd: '/', env: process.env };
    const left = await startGroup('/bin/bash', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], options);
    left.stdout.on('data', (data) => process.stdout.write(data));
    await left.exited;
    const terminal = startPty(await loadPty(), '/bin/bash', ['-c', 'trap "" HUP TERM; echo $$; sleep 60; true'], options);
    terminal.outputs[0].on('data', (data) => process.stdout.write(data));
    process.stdin.once('data', () => process.exit(0));`);
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  await until(() => /\d+\s+\d+\s/.test(output), 5_000);
  const pids = output.trim().split(/\s+/).map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  child.stdin.write('x');
  await child;
  await until(() => pids.every((pid) => !isAlive(pid)));
});
