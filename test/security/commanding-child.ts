/**
 * Runs one command after the other in argv[2] until it is killed, kept in argv[3], and says one line for each. A command writes its number
 * into every file, one after the other, removes the file that the last one made, and makes one. It dies with this process, as in the sandbox.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CommandChanges } from '../../src/tools/checkpoints/commands/command-changes.ts';

const [root = '', home = ''] = process.argv.slice(2);
const changes = new CommandChanges({ home, session: 'session' }, (message) => {
  throw new Error(message);
});
const { signal } = new AbortController();

async function run(number: number): Promise<void> {
  const kept = await changes.begin([root], number, signal);
  const write = `for f in f0 f1 d/f2 d/f3; do echo run ${number} > $f; sleep 0.1; done`;
  const script = `${write}; rm made-${number - 1}; echo run ${number} > made-${number}`;
  const args = ['--bind', '/', '/', '--dev', '/dev', '--die-with-parent', '/bin/sh', '-c', script];
  const [code] = (await once(spawn('bwrap', args, { cwd: root, stdio: 'inherit' }), 'exit')) as [number];
  if (code !== 0) throw new Error(`the command ended with ${code}`);
  await kept?.end();
  writeSync(1, 'ended\n');
}

const last = Number(readFileSync(path.join(root, 'f0'), 'utf8').slice('run '.length));
for (let number = last + 1; ; number++) await run(number);
