import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { McpProject, McpSettings } from '../../src/config/mcp-servers.ts';
import { addressOf, programOf, targetOf } from '../../src/mcp/launch.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function place(mode: Permissions['mode'] = 'workspace-write') {
  const [cwd, home] = [await tempFolder(), await tempFolder()];
  const env = { PATH: '/usr/bin:/bin', HOME: '/home/me', OPENAI_API_KEY: 'secret', MORE: 'more' };
  const permissions: Permissions = {
    ...{ mode, approval: 'never', network: false, writableRoots: [], cwd, home, env },
  };
  const started = (command: string, settings: McpSettings = {}, project?: McpProject) =>
    programOf({ name: 'docs', settings, source: 'config.toml', folder: cwd, project }, command, {
      env,
      permissions,
      sandbox: () => Promise.reject(new Error('no sandbox here')),
    });
  return { cwd, home, started };
}

test('it gets a few variables of the user, those that are named, and its own', async () => {
  const { cwd, started } = await place();
  expect(await started('docs', { args: ['-v'], env: { KEY: 'k' }, env_vars: ['MORE'] })).toEqual({
    command: 'docs',
    args: ['-v'],
    env: { PATH: '/usr/bin:/bin', HOME: '/home/me', MORE: 'more', KEY: 'k' },
    cwd,
  });
});

test('what looks for code around it is started in a folder of our own, for the same files', async () => {
  const { cwd, home, started } = await place();
  expect(await started('npx', { args: ['-y', 'server', '.', './docs', '../x', '.hidden'] })).toMatchObject({
    args: ['-y', 'server', cwd, path.join(cwd, 'docs'), path.resolve(cwd, '../x'), '.hidden'],
    cwd: path.join(home, 'mcp', 'start'),
    folder: cwd,
  });
  const folder = path.join(cwd, 'sub');
  expect(await started('npx', { cwd: 'sub' })).toMatchObject({ cwd: folder });
});

test('outside the sandbox nothing is run that a command could have put there', async () => {
  const { cwd, started } = await place();
  mkdirSync(path.join(cwd, 'bin'));
  const script = path.join(cwd, 'bin', 'server.js');
  writeFileSync(script, '');
  writeFileSync(path.join(cwd, 'data.db'), '');
  const away = await tempFolder();
  symlinkSync(script, path.join(away, 'link.js'));
  const refused =
    `It is not started outside the sandbox, because commands of the model can change ${script}.\n` +
    'Set sandbox = true under [mcp_servers.docs], or install it outside of the project.';
  for (const [command, ...args] of [
    ['./bin/server.js'],
    [script],
    ['node', 'bin/server.js'],
    ['node', '--import=./bin/server.js', 'x'],
    ['node', path.join(away, 'link.js')],
  ]) {
    await expect(started(command ?? '', { args })).rejects.toThrow(refused);
  }
  const harmless = { args: ['data.db', cwd, 'x'.repeat(10_000), '{"a": "b/c"}', 'data.db/x', ''] };
  expect(await started('docs', harmless)).toMatchObject(harmless);
});

test('nor what a program would take for code, or does as files in the folder say', async () => {
  const { cwd, started } = await place();
  for (const folder of ['lib', 'data']) mkdirSync(path.join(cwd, folder));
  for (const file of ['package.json', 'server.js', 'lib/start', 'data/a.txt'])
    writeFileSync(path.join(cwd, file), '');
  const found = async (command: string, settings: McpSettings) => {
    const error = await started(command, settings).then(
      () => 'started',
      (reason: unknown) => String(reason),
    );
    return /commands of the model can change (\S+)\.\n/.exec(error)?.[1] ?? error;
  };
  const lines: [file: string, command: string, settings: McpSettings][] = [
    ['', 'node', { args: ['.'] }],
    ['server', 'node', { args: ['--no-warnings', 'server', 'x'] }],
    ['server.js', 'node', { args: ['-r./server.js', '/opt/x.js'] }],
    ['server', 'node', { args: ['-r', './server', '/opt/x.js'] }],
    ['lib/start', 'sh', { args: ['lib/start'] }],
    ['server.js', 'sh', { args: ['-c', 'exec node "./server.js"'] }],
    ['server', 'bash', { args: ['-c', 'cd /; exec node ./server'] }],
    ['', 'make', { args: ['mcp'] }],
    ['', 'env', { args: ['A=1', 'go', 'run', 'x'] }],
    ['', 'npx', { args: ['-y', '.'] }],
    ['server', 'npx', { args: ['-y', 'tsx', 'server'] }],
    ['', 'npm', { args: ['--prefix', '.', 'run', 'mcp'] }],
    ['lib', 'uv', { args: ['--directory=lib', 'run', 'main'] }],
    ['server.js', 'docs', { env: { NODE_OPTIONS: '--require ./server.js' } }],
    ['lib', 'docs', { env: { PYTHONPATH: '/opt:./lib' } }],
  ];
  const refused = await Promise.all(lines.map(([, command, settings]) => found(command, settings)));
  expect(refused).toEqual(lines.map(([file]) => path.join(cwd, file)));
  const harmless: [command: string, settings: McpSettings][] = [
    ['npx', { args: ['-y', 'server-files', '.', 'data/a.txt'] }],
    ['node', { args: ['/opt/server.js', '.', 'data', 'data/a.txt'] }],
    ['docs', { args: ['--language', 'go', '.'], env: { NODE_OPTIONS: '--stack-size=99', DATA: './data' } }],
    ['python', { args: ['-m', 'mcp_server', '.'] }],
    ['docker', { args: ['run', '-i', '-v', '.:/data', 'image'] }],
  ];
  expect(await Promise.all(harmless.map((line) => found(...line)))).toEqual(harmless.map(() => 'started'));
});

test('a folder that a project names does not count as the word of the user', async () => {
  const { cwd, home, started } = await place();
  const project = { root: cwd, hash: '', lines: [] };
  expect(await started('npx', { cwd: 'sub', args: ['x'] }, project)).toMatchObject({
    cwd: path.join(home, 'mcp', 'start'),
    folder: path.join(cwd, 'sub'),
  });
});

test('with full access there is nothing to leave', async () => {
  const { cwd, started } = await place('danger-full-access');
  writeFileSync(path.join(cwd, 'server.js'), '');
  expect(await started('node', { args: ['server.js'] })).toMatchObject({ args: ['server.js'], cwd });
});

test('a server that is to be confined is not started where nothing confines it', async () => {
  const { started } = await place();
  await expect(started('docs', { sandbox: true })).rejects.toThrow('no sandbox here');
});

test('headers come from the configuration and the variables that it names', () => {
  const entry = (settings: McpSettings) => ({ name: 'web', settings, source: '', folder: '/' });
  const settings = {
    http_headers: { A: 'a' },
    env_http_headers: { B: 'B_VALUE' },
    bearer_token_env_var: 'TOKEN',
  };
  expect(addressOf(entry(settings), 'https://web', { B_VALUE: 'b', TOKEN: 't' })).toEqual({
    url: 'https://web',
    headers: { A: 'a', B: 'b', Authorization: 'Bearer t' },
  });
  expect(() => addressOf(entry(settings), 'https://web', { B_VALUE: 'b' })).toThrow(
    'TOKEN is not set in your environment.',
  );
  expect(targetOf({ url: 'https://me:word@web/mcp?key=1' })).toBe('https://web/mcp');
  expect(targetOf({ command: 'npx', args: ['a b'] })).toBe("npx 'a b'");
});
