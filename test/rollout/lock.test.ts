import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockHolder, lockRollout } from '../../src/rollout/lock.ts';
import { RolloutWriter } from '../../src/rollout/rollout.ts';
import { processStat } from '../../src/system/process-stat.ts';
import { tempFolder } from '../support/agent.ts';

/** The field of /proc/PID/stat that says when a process began. */
const STARTED = 19;

const startOf = (pid: number): string => processStat(pid)[STARTED] ?? '';

/** A rollout with a lock of this holder. */
async function lockedBy(holder: { pid: number; started: string; host?: string }): Promise<string> {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  writeFileSync(`${file}.lock`, JSON.stringify({ host: hostname(), token: 'theirs', ...holder }));
  return file;
}

test.runIf(process.platform === 'linux')(
  'a process is the holder only if it began when the lock says',
  async () => {
    const other = process.ppid;
    const held = await lockedBy({ pid: other, started: startOf(other) });
    const expected = { isHeld: true, pid: other, host: hostname(), file: `${held}.lock` };
    expect([lockHolder(held), lockRollout(held)]).toEqual([expected, expected]);

    const reused = await lockedBy({ pid: other, started: '1' });
    expect(lockHolder(reused)).toBeUndefined();
    expect(lockRollout(reused).isHeld).toBe(false);
    expect(lockHolder(reused)?.pid).toBe(process.pid);
  },
);

test('where the system does not say when a process began, its number counts', async () => {
  const file = await lockedBy({ pid: process.ppid, started: '' });
  expect(lockRollout(file).isHeld).toBe(true);
});

test.runIf(process.platform === 'linux')('a zombie holds nothing', async () => {
  // `sleep` takes the place of the shell and does not collect the shell's child, which ends with its input.
  const parent = spawn('bash', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 100']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [said] = await once(parent.stdout, 'data');
  const pid = Number(String(said));
  await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
  parent.stdin.end();
  await expect.poll(() => processStat(pid)[0]).toBe('Z');
  expect(lockRollout(await lockedBy({ pid, started: startOf(pid) })).isHeld).toBe(false);
});

test('what another machine holds stays held, whatever its processes are here', async () => {
  const { pid = 0 } = spawnSync('true');
  const file = await lockedBy({ pid, started: '1', host: 'elsewhere' });
  expect(lockRollout(file)).toEqual({ isHeld: true, pid, host: 'elsewhere', file: `${file}.lock` });
});

test('a lock that is given back twice is not taken from the next one', async () => {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  const first = lockRollout(file);
  if (first.isHeld) throw new Error('it is new');
  first.release();
  expect(existsSync(`${file}.lock`)).toBe(false);
  const second = lockRollout(file);
  first.release();
  expect([second.isHeld, lockHolder(file)?.pid]).toEqual([false, process.pid]);
});

test('who takes over a dead lock leaves the one that was made meanwhile', async () => {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  const lock = `${file}.lock`;
  const dead = JSON.stringify({ pid: 4_194_304, started: '1', host: hostname(), token: 'dead' });
  const living = JSON.stringify({ pid: 1, started: '1', host: 'elsewhere', token: 'living' });
  writeFileSync(`${lock}.living`, living);
  spawnSync('mkfifo', [lock]);
  // The reader of the FIFO gets its end, and with it the dead lock, only when another lock is in its place.
  const script = 'exec 3>"$1"; printf %s "$2" >&3; mv "$1.living" "$1"';
  const other = spawn('bash', ['-c', script, 'bash', lock, dead]);
  expect(lockRollout(file)).toEqual({ isHeld: true, pid: 1, host: 'elsewhere', file: lock });
  expect(readFileSync(lock, 'utf8')).toBe(living);
  await once(other, 'close');
});

test('nothing is written to a session that another process has', async () => {
  const file = await lockedBy({ pid: 7, started: '1', host: 'elsewhere' });
  const warnings: string[] = [];
  const writer = new RolloutWriter({ file, warn: (message) => warnings.push(message) });
  writer.append('1\n');
  await writer.close();
  expect(existsSync(file)).toBe(false);
  expect(warnings).toEqual([expect.stringContaining('another process (7)')]);
  expect(lockHolder(file)?.pid).toBe(7);
});
