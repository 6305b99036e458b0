/** Commands end with oagent, however it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { sleepers } from '../support/exec.ts';
import { runSource } from '../support/run-source.ts';
import { isAlive, until } from '../tools/tool-context.ts';

const COMMAND = [
  'trap "" TERM HUP INT',
  'sleep 600 & echo $!',
  // A group of its own, as job control opens it, and one whose first process ends.
  'bash -c "set -m; sleep 600 & echo \\$!; wait" &',
  '(sleep 600 & echo $!) &',
  'echo $$',
  'wait',
].join('\n');

/** A process that runs `command` as oagent does, and the processes of that which were named. */
async function started(isWatched: boolean) {
  const module = path.resolve('src/system/process-group.ts');
  const script = `
    import { startGroup } from ${JSON.stringify(module)};
    const options = { cwd: '/', env: process.env, isWatched: ${isWatched} };
    const first = await startGroup('/bin/true', [], options);
    await first.exited;
    const group = await startGroup('/bin/bash', ['-c', ${JSON.stringify(COMMAND)}], options);
    group.stdout.pipe(process.stdout);
    process.on('SIGUSR2', () => process.exit(0));`;
  const owner = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pids: number[] = [];
  for await (const line of createInterface(owner.stdout)) {
    pids.push(Number(line));
    if (pids.length === 4) break;
  }
  return { owner, pids };
}

test.each([
  'SIGKILL',
  'SIGQUIT',
  'SIGSEGV',
  'SIGUSR2',
] as const)('nothing is left behind after %s', async (signal) => {
  const { owner, pids } = await started(true);
  expect(pids.map(isAlive)).toEqual([true, true, true, true]);
  owner.kill(signal);
  await once(owner, 'exit');
  await until(() => !pids.some(isAlive));
});

test.each([
  '',
  "await startGroup('/bin/true', [], options);",
])('nor of one that has just been started %j', async (before) => {
  const module = path.resolve('src/system/process-group.ts');
  const duration = `88${process.pid}.${before.length}`;
  const owner = runSource(`
    import { startGroup } from ${JSON.stringify(module)};
    const options = { cwd: '/', env: process.env, isWatched: true };
    ${before}
    void startGroup('sleep', ['${duration}'], options);
    process.kill(process.pid, 'SIGKILL');`);
  expect((await owner).signal).toBe('SIGKILL');
  await until(() => sleepers(duration) === 0);
});

test('what is not watched is left alone', async () => {
  const { owner, pids } = await started(false);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(pids.map(isAlive)).toEqual([true, true, true, true]);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
});

test('the watcher does not keep a process from exiting', async () => {
  const module = path.resolve('src/system/process-group.ts');
  const script = `
    import { startGroup } from ${JSON.stringify(module)};
    const group = await startGroup('/bin/true', [], { cwd: '/', env: {}, isWatched: true });
    group.stdout.resume(); group.stderr.resume();
    await group.exited;`;
  const owner = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    stdio: 'inherit',
  });
  expect(await once(owner, 'exit')).toEqual([0, null]);
});
