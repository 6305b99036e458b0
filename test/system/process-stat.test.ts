import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processExists, processStat } from '../../src/system/process-stat.ts';
import { systemProgram } from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

test.runIf(process.platform === 'linux')(
  'the fields of a process are found whatever it is called',
  async () => {
    const program = path.join(await tempFolder(), 'a) S 1 (b');
    copyFileSync(systemProgram('cat') ?? '', program);
    const child = spawn(program);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const [state = '', parent] = processStat(pid);
    expect([/^[RSD]$/.test(state), parent]).toEqual([true, String(process.pid)]);
    expect(Number(processStat(pid)[19])).toBeGreaterThanOrEqual(Number(processStat(process.pid)[19]));
  },
);

test('a process that has gone has no fields', async () => {
  const child = spawn(process.execPath, ['--version']);
  const pid = child.pid ?? 0;
  await once(child, 'close');
  expect([processStat(pid), processExists(pid), processExists(process.pid)]).toEqual([[], false, true]);
});
