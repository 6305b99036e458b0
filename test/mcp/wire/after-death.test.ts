/** Servers end with oagent, however it ends. */
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { runSource } from '../../support/run-source.ts';
import { isAlive, until } from '../../tools/tool-context.ts';

test.each([
  'SIGKILL',
  'SIGQUIT',
  'SIGUSR2',
] as const)('no process of a server is left after %s', async (signal) => {
  const stdio = path.resolve('src/mcp/wire/stdio.ts');
  const fake = path.resolve('test/mcp/wire/fake-server.mjs');
  const source = `
    import { connectStdio } from ${JSON.stringify(stdio)};
    process.on('SIGUSR2', () => process.exit(0));
    const signal = new AbortController().signal;
    const connection = await connectStdio(
      { command: process.execPath, args: [${JSON.stringify(fake)}, 'children', 'attached'], env: process.env, cwd: '/' },
      { signal, startupTimeoutMs: 30_000, version: '0' });
    const { tools } = await connection.manifest({ signal, timeoutMs: 30_000 });
    console.log(tools.map(({ name }) => name).join(' '));
    setInterval(() => {}, 1_000);`;
  const owner = runSource(source);
  const lines = createInterface(owner.stdout);
  const [line] = await once(lines, 'line');
  const pids = String(line).split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  owner.kill(signal);
  await owner;
  await until(() => !pids.some(isAlive));
});
