import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockHolder, lockRollout } from '../../src/rollout/lock.ts';
import { RolloutWriter } from '../../src/rollout/rollout.ts';
import { RolloutError } from '../../src/rollout/rollout-error.ts';
import { processStat } from '../../src/system/process-stat.ts';
import { runSource } from '../support/run-source.ts';
import { tempFolder } from '../support/temp-folder.ts';

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

test('of many processes that find a dead lock one gets the session', async () => {
  const file = await lockedBy({ pid: 4_194_304, started: '1' });
  const source = `
    const { lockRollout } = await import(${JSON.stringify(path.resolve('src/rollout/lock.ts'))});
    process.stdin.once('data', () => {
      console.log(lockRollout(${JSON.stringify(file)}).isHeld);
      process.stdin.once('data', () => process.exit());
    });
    console.log('ready');`;
  const all = Array.from({ length: 6 }, () => runSource(source));
  await Promise.all(all.map(({ stdout }) => once(stdout, 'data')));
  const said = all.map(({ stdout }) => once(stdout, 'data'));
  for (const { stdin } of all) stdin.write('go\n');
  const answers = (await Promise.all(said)).map(([text]) => String(text).trim());
  expect(answers.toSorted()).toEqual(['false', 'true', 'true', 'true', 'true', 'true']);
  expect(readdirSync(path.dirname(file))).toEqual(['rollout.jsonl.lock']);
  for (const { stdin } of all) stdin.end('end\n');
});

test.each([
  ['a folder', (file: string) => mkdirSync(file)],
  ['a link to nothing', (file: string) => symlinkSync('nowhere', file)],
  ['a link to itself', (file: string) => symlinkSync(path.basename(file), file)],
  ['a pipe', (file: string) => void spawnSync('mkfifo', [file])],
])('a lock that is %s is an error with its cure', async (_name, make) => {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  make(`${file}.lock`);
  const expected = new RolloutError(
    `whether another oagent has this session open cannot be found out from ${file}.lock: it is not a regular file. ` +
      'If none has, delete it',
  );
  expect(() => lockRollout(file)).toThrow(expected);
  expect(() => lockHolder(file)).toThrow(expected);
  expect(readdirSync(path.dirname(file))).toEqual(['rollout.jsonl.lock']);
});

/** Runs a module as another user, in a folder that anybody may use. */
test.runIf(process.getuid?.() === 0)("another user's lock is an error with its cure", async () => {
  const folder = await tempFolder();
  chmodSync(folder, 0o1777);
  const lock = path.join(folder, 'rollout.jsonl.lock');
  const dead = JSON.stringify({ pid: 4_194_304, started: '1', host: hostname(), token: 'dead' });
  const source = `
    const { lockRollout } = await import(${JSON.stringify(path.resolve('src/rollout/lock.ts'))});
    process.setuid(65534);
    try { console.log(lockRollout(${JSON.stringify(path.join(folder, 'rollout.jsonl'))})) } catch ({ name, message }) {
      console.log(name, message);
    }`;
  for (const [mode, reason] of [
    [0o600, 'EACCES'],
    [0o644, 'EPERM'],
  ] as const) {
    writeFileSync(lock, dead);
    chmodSync(lock, mode);
    const { stdout } = await runSource(source);
    expect(stdout).toMatch(new RegExp(`^RolloutError .*${reason}.* If none has, delete it\\n$`));
  }
  expect(readdirSync(folder)).toEqual(['rollout.jsonl.lock']);
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'on a full disk and on a read-only one no draft of a lock is left',
  async () => {
    const folder = await tempFolder();
    const source = `
      const { lockRollout } = await import(${JSON.stringify(path.resolve('src/rollout/lock.ts'))});
      try { lockRollout('/mnt/rollout.jsonl') } catch ({ code }) { console.log(code) }`;
    const script = `
      mount -t tmpfs -o size=4k none /mnt && head -c 4096 /dev/zero > /mnt/full
      "$@"; ls /mnt; mount -o remount,ro /mnt; "$@"; ls /mnt`;
    const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', source];
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...node], { cwd: folder });
    expect(String(stdout)).toBe('ENOSPC\nfull\nEROFS\nfull\n');
  },
);

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
