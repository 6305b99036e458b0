/** Which program a server is, and what it is given. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectStdio } from '../../../src/mcp/wire/stdio.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import { sandboxedTest } from '../../support/sandbox.ts';
import { callBad, connectFake, options } from './connect.ts';

const FAKE = path.join(import.meta.dirname, 'fake-server.mjs');
const PATH = '/usr/local/bin:/usr/bin:/bin';
const connect = (command: string, cwd: string, env: NodeJS.ProcessEnv) =>
  connectStdio(
    { command, args: [], env, cwd },
    { signal: options.signal, startupTimeoutMs: 30_000, version: '1' },
  );

/** With a program `server` in its `bin`. */
function workspace(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-mcp-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'bin'));
  const program = path.join(folder, 'bin/server');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${FAKE}' env\n`);
  chmodSync(program, 0o755);
  return folder;
}

test('a name is not looked for in the workspace', async () => {
  const folder = workspace();
  await expect(connect('server', folder, { PATH: `${folder}/bin:${PATH}` })).rejects.toMatchObject({
    name: 'McpError',
    message:
      'The server could not be started: server is not installed but in a folder of a project, or one that commands can write to',
  });
});

test('a path is what it says; what the program starts is not looked for in the workspace', async () => {
  const folder = workspace();
  const env = { PATH: `${folder}/bin:${PATH}`, NODE_OPTIONS: '--no-warnings', OWN: 'x' };
  for (const command of [path.join(folder, 'bin/server'), './bin/server']) {
    const connection = await connect(command, folder, env);
    onTestFinished(() => connection.close());
    const { PWD, OLDPWD, SHLVL, _, ...seen } = JSON.parse(await callBad(connection));
    expect(seen).toEqual({ PATH: realPaths(PATH), NODE_OPTIONS: '--no-warnings', OWN: 'x', cwd: folder });
  }
});

/** Where the folders really are, without those that anybody may write to. */
function realPaths(text: string): string {
  return text
    .split(':')
    .map((folder) => realpathSync(folder))
    .join(':');
}

test('what cannot be started says why', async () => {
  const folder = workspace();
  const message = (text: string) => ({
    name: 'McpError',
    message: `The server could not be started: ${text}`,
  });
  await expect(connect('/no/such/server', folder, { PATH })).rejects.toMatchObject(
    message(`there is no /no/such/server, or no folder ${folder}. Check command and cwd.`),
  );
  await expect(connect('sh', '/no/such/folder', { PATH })).rejects.toMatchObject(
    message('there is no sh, or no folder /no/such/folder. Check command and cwd.'),
  );
  await expect(connect(folder, folder, { PATH })).rejects.toMatchObject(
    message(`${folder} is not an executable file. Check its permissions.`),
  );
  await expect(connect('no-such-server', folder, { PATH })).rejects.toMatchObject(
    message('no-such-server is not installed'),
  );
});

sandboxedTest('in a sandbox it is confined, may be of the workspace, and leaves nothing', async () => {
  const folder = workspace();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  symlinkSync(process.execPath, path.join(folder, 'bin/own-node'));
  const env = { PATH: `${folder}/bin:${PATH}` };
  const permissions = {
    approval: 'never',
    cwd: folder,
    writableRoots: [],
    network: false,
    home,
    env,
  } as const;
  const sandbox = await createSandbox({ mode: 'read-only', ...permissions });
  const finished: string[] = [];
  const connection = await connectStdio(
    {
      ...{ command: 'own-node', args: [FAKE, 'writes', home, folder], env, cwd: folder },
      prepare: async (argv, cwd, variables) => {
        const prepared = await sandbox.prepare({ argv, cwd, env: variables });
        const finish = () => {
          finished.push('yes');
          return prepared.finish();
        };
        return { ...prepared, finish };
      },
    },
    { signal: options.signal, startupTimeoutMs: 30_000, version: '1' },
  );
  onTestFinished(() => connection.close());
  expect(JSON.parse(await callBad(connection))).toEqual(['EROFS', 'EROFS']);
  await connection.close();
  expect(finished).toEqual(['yes']);
});

test('a sandbox that cannot be had says so', async () => {
  const prepare = async () => {
    throw new Error('no sandbox works here');
  };
  await expect(connectFake('good', { prepare })).rejects.toMatchObject({
    name: 'McpError',
    message: 'The server could not be started: no sandbox works here',
  });
});
