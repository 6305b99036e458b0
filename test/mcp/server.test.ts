/** Servers of a session with real processes: started when needed, again after they have died, and gone in the end. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { McpSettings } from '../../src/config/mcp-servers.ts';
import { ManifestCache } from '../../src/mcp/manifest-cache.ts';
import { Server } from '../../src/mcp/server.ts';
import type { McpState } from '../../src/protocol/extensions.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { connector } from '../../src/session/mcp-connect.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { isAlive } from '../tools/tool-context.ts';

const FAKE = path.join(import.meta.dirname, 'fake-server.mjs');
const TOOLS = ['echo', 'pid', 'die', 'fail', 'structured'].map((name) => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object' },
}));
const asked = { signal: new AbortController().signal };

interface Made {
  readonly home?: string;
  readonly settings?: McpSettings;
  readonly confinement?: () => string;
}

async function made({ home, settings = {}, confinement = () => '' }: Made = {}) {
  const folder = home ?? (await tempFolder());
  const cwd = await tempFolder();
  const permissions: Permissions = {
    // Wherever these tests lie, their server is nobody's to refuse here (launch.test.ts).
    ...{ mode: 'danger-full-access', approval: 'never', network: false, writableRoots: [] },
    ...{ cwd, home: folder, env: process.env },
  };
  const states: McpState[] = [];
  const server: Server = new Server({
    entry: {
      name: 'fake',
      settings: { command: process.execPath, args: [FAKE, JSON.stringify(TOOLS)], ...settings },
      source: 'config.toml',
      folder: cwd,
    },
    connect: connector(() => ({ home: folder, env: process.env, permissions })),
    cache: new ManifestCache(folder),
    onChange: () => {
      const { state } = server.info;
      if (states.at(-1) !== state) states.push(state);
    },
    confinement,
  });
  onTestFinished(() => server.close());
  const call = async (tool: string): Promise<string> => {
    const { content } = await server.call(tool, {}, asked);
    return content.map((part) => (part.type === 'text' ? part.text : part.type)).join();
  };
  return { server, states, home: folder, call };
}

test('it starts with the first call, once, and is gone when the session is', async () => {
  const { server, states, call } = await made();
  expect([server.info.state, server.isKnown]).toEqual(['known', false]);
  const [one, two] = await Promise.all([call('pid'), call('pid')]);
  expect(one).toBe(two);
  expect(states).toEqual(['starting', 'running']);
  await server.close();
  expect(isAlive(Number(one))).toBe(false);
});

test('the next session knows its tools; what is damaged is not known', async () => {
  const { server, home } = await made();
  await server.started(asked.signal);
  await server.close();
  const names = async () => (await made({ home })).server.info.tools.map(({ name }) => name);
  expect(await names()).toEqual(['echo', 'pid', 'die', 'fail', 'structured']);
  const folder = path.join(home, 'mcp');
  for (const file of readdirSync(folder)) writeFileSync(path.join(folder, file), '{"tools": [');
  expect(await names()).toEqual([]);
});

test('only the tools that the user wants', async () => {
  const { server } = await made({
    settings: { enabled_tools: ['echo', 'pid'], disabled_tools: ['pid'] },
  });
  await server.started(asked.signal);
  expect(server.tools.map(({ name }) => name)).toEqual(['echo']);
});

test('after a death the next call starts it, twice; then the user has to', async () => {
  const { server, call } = await made();
  for (const _ of [1, 2, 3]) {
    await expect(call('die')).rejects.toThrow('The server has ended (exit code 7).');
    expect(server.info).toMatchObject({ state: 'failed', lines: ['The server has ended (exit code 7).'] });
  }
  await expect(call('echo')).rejects.toThrow('fake has failed 3 times and is not started again by itself.');
  await server.startAgain();
  expect(await call('echo')).toBe('{}');
});

test('one that cannot be started says why, and so does one that is off', async () => {
  const ends = { args: ['-e', 'console.error("no token"); process.exit(3)'] };
  const { server, call } = await made({ settings: ends });
  await expect(call('echo')).rejects.toThrow(/^fake: .*exit code 3[\s\S]*no token/);
  // The reason first; what it said is there once, whole.
  expect(server.info).toMatchObject({
    state: 'failed',
    lines: ['The server has ended (exit code 3).', 'no token'],
  });
  const off = await made({ settings: { enabled: false } });
  await expect(off.call('echo')).rejects.toThrow(
    'fake cannot be used: It is switched off (enabled = false).',
  );
  expect(off.server.info).toMatchObject({ state: 'off', tools: [] });
});

test('of one that talks a lot before it dies the reason is kept, and the end of what it said', async () => {
  const program = 'for (let at = 1; at < 40; at += 1) console.error("line " + at); process.exitCode = 3';
  const { server } = await made({ settings: { args: ['-e', program] } });
  const heard: string[] = [];
  await expect(server.started(asked.signal, (text) => heard.push(text))).rejects.toThrow();
  const { lines } = server.info;
  expect([lines[0], lines.at(-1), lines.length, heard.length]).toEqual([
    'The server has ended (exit code 3).',
    'line 39',
    20,
    39,
  ]);
});

test('a call that is aborted leaves the start to those that wait for it', async () => {
  const { server, call } = await made();
  const controller = new AbortController();
  const first = server.call('echo', {}, { signal: controller.signal });
  controller.abort(new Error('stopped'));
  await expect(first).rejects.toThrow('stopped');
  expect(await call('echo')).toBe('{}');
});

test('one that was starting when the permissions changed is started anew', async () => {
  let permissions = 'may write';
  const { states, call } = await made({ confinement: () => permissions });
  const calls = [call('echo')];
  await new Promise(setImmediate);
  expect(states).toEqual(['starting']);
  permissions = 'may read';
  calls.push(call('echo'));
  expect(await Promise.all(calls)).toEqual(['{}', '{}']);
  expect(states).toEqual(['starting', 'running', 'starting', 'running']);
});

test('closing while it starts leaves nothing', async () => {
  const { server } = await made();
  const start = server.started(asked.signal);
  start.catch(() => undefined);
  await server.close();
  await expect(start).rejects.toThrow();
  expect(server.info.state).not.toBe('running');
});
