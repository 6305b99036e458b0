import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startGroup } from '../../src/system/process-group.ts';
import { runSource } from '../support/run-source.ts';
import { isAlive, until } from '../tools/tool-context.ts';

const options = { cwd: '/', env: process.env };

/** Starts a bash script and waits for the first line that it prints. */
async function start(script: string) {
  const group = await startGroup('/bin/bash', ['-c', script], options);
  const line = await new Promise<string>((resolve) =>
    group.stdout.once('data', (data) => resolve(String(data))),
  );
  return { group, pids: line.trim().split(' ').map(Number) };
}

/** The processes that have this text in their command line; zombies have none. */
function pidsWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('startGroup', () => {
  test('tells how the first process ended', async () => {
    const group = await startGroup('/bin/sh', ['-c', 'exit 3'], options);
    group.stdout.resume();
    expect(await group.exited).toEqual({ code: 3, signal: null });
  });

  test('gives bytes on further descriptors, also to one who does not read them', async () => {
    const extraFds = [Buffer.from('three'), Buffer.alloc(300_000, 'x')];
    const group = await startGroup('/bin/sh', ['-c', 'cat <&3; cat <&4 | wc -c'], { ...options, extraFds });
    let output = '';
    for await (const data of group.stdout) output += data;
    expect(output.replace(/ /g, '')).toBe('three300000\n');
    const deaf = await startGroup('/bin/true', [], { ...options, extraFds });
    expect(await deaf.exited).toEqual({ code: 0, signal: null });
  });

  test('a program that reads from its own output, for want of a terminal, comes to the end of it', async () => {
    const group = await startGroup('/bin/sh', ['-c', 'cat <&2 && cat <&1 && echo over'], options);
    let output = '';
    for await (const data of group.stdout) output += data;
    expect(output).toBe('over\n');
  });

  test('fails with the error of the system', async () => {
    await expect(startGroup('/no/such/program', [], options)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(startGroup('/bin/echo', ['x'.repeat(200_000)], options)).rejects.toMatchObject({
      code: 'E2BIG',
    });
  });
});

describe('terminate', () => {
  test('ends every process of the group', async () => {
    const { group, pids } = await start('sleep 60 & a=$!; (sleep 60 & echo $$ $a $!; wait)');
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    await group.terminate(1_000);
    expect(pids.map(isAlive)).toEqual([false, false, false]);
    expect(await group.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test.skipIf(process.platform !== 'linux')(
    'ends a session that a process has opened and waits for',
    async () => {
      const { group, pids } = await start(
        'setsid sh -c \'trap "" TERM; echo $$; while :; do sleep 0.01; done\'; true',
      );
      expect(pids.map(isAlive)).toEqual([true]);
      await group.terminate(100);
      expect(pids.map(isAlive)).toEqual([false]);
    },
  );

  test('kills what ignores TERM after the grace, and not before', async () => {
    const { group, pids } = await start('trap "" TERM; echo $$; while :; do sleep 0.01; done');
    const begin = performance.now();
    await group.terminate(150);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(150);
    expect(pids.map(isAlive)).toEqual([false]);
    expect(await group.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('gives the grace to what cleans up', async () => {
    const { group } = await start('trap "exit 7" TERM; echo $$; while :; do sleep 0.01; done');
    await group.terminate(1_500);
    expect(await group.exited).toEqual({ code: 7, signal: null });
  });

  test('reaches a background process whose shell has ended', async () => {
    const { group, pids } = await start('sleep 60 & echo $!');
    await group.exited;
    expect(pids.map(isAlive)).toEqual([true]);
    await group.terminate(1_000);
    expect(pids.map(isAlive)).toEqual([false]);
  });

  test.skipIf(process.platform !== 'linux')(
    'lets nothing escape from a command that forks sessions as fast as it can',
    async () => {
      // A number of seconds that nothing else on this machine sleeps.
      const mark = `60.${process.pid}`;
      const fork = `if (!fork) { POSIX::setsid(); close STDOUT; close STDERR; exec "sleep", "${mark}" }`;
      const script = `use POSIX; $| = 1; for (1 .. 300) { ${fork} print "$$\\n" if $_ == 3 } sleep ${mark}`;
      onTestFinished(() => {
        for (const pid of pidsWith(mark)) process.kill(pid, 'SIGKILL');
      });
      for (let round = 0; round < 10; round += 1) {
        const group = await startGroup('perl', ['-e', script], options);
        await once(group.stdout, 'data');
        await group.terminate(round % 2 === 0 ? 0 : 1_000);
        await until(() => pidsWith(mark).length === 0);
      }
    },
  );

  test('does nothing when all is over', async () => {
    const group = await startGroup('/bin/true', [], options);
    await group.exited;
    await group.terminate(1_000);
  });
});

test('a process that exits takes its running groups along', async () => {
  const node = runSource(`
    import { startGroup } from ${JSON.stringify(path.resolve('src/system/process-group.ts'))};
    const group = await startGroup('/bin/sh', ['-c', 'sleep 60'], { cwd: '/', env: process.env });
    console.log(group.pid);
    process.stdin.once('data', () => process.exit(1));`);
  const pid = Number(await once(node.stdout, 'data'));
  expect(isAlive(pid)).toBe(true);
  node.stdin.end('go');
  await node;
  await until(() => !isAlive(pid));
});
