/** `oagent mcp-server` as a process: what another agent gets from it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { sandboxedTest } from '../support/sandbox.ts';

const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-mcp-server-')));
const [home, repo] = [path.join(root, 'home'), path.join(root, 'repo')];
mkdirSync(home);
mkdirSync(path.join(repo, '.git'), { recursive: true });
writeFileSync(
  path.join(repo, 'price.js'),
  'export function totalPrice(items) {\n  return items.length;\n}\n',
);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const MAIN = path.resolve(import.meta.dirname, '../../dist/main.js');

/** A client that asks one thing after the other. */
async function client(...args: string[]) {
  const server = spawn(process.execPath, [MAIN, ...args, 'mcp-server', '-C', repo], {
    env: { ...process.env, OAGENT_HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  let id = 0;
  const ask = async (method: string, params: object = {}): Promise<unknown> => {
    id += 1;
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const { value } = await lines.next();
    return JSON.parse(value ?? '').result;
  };
  await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  });
  const call = async (name: string, given: object): Promise<string> => {
    const result = await ask('tools/call', { name, arguments: given });
    return (result as { content: { text: string }[] }).content[0]?.text ?? '';
  };
  const end = async (): Promise<unknown> => {
    server.stdin.end();
    const [code] = await once(server, 'exit');
    return code;
  };
  return { ask, call, end };
}

test('search, reading, and the end of the client', async () => {
  const { ask, call, end } = await client();
  const { tools } = (await ask('tools/list')) as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toEqual(['read_file', 'search_code', 'run']);
  expect(await call('search_code', { query: 'total price' })).toContain('price.js');
  expect(await call('read_file', { path: 'price.js', limit: 1 })).toContain(
    '1\texport function totalPrice(items) {',
  );
  expect(await end()).toBe(0);
});

sandboxedTest('commands are confined as the session says', async () => {
  const reading = await client();
  expect(await reading.call('run', { command: 'touch made; ls' })).toContain('Read-only file system');
  await reading.end();
  const writing = await client('-s', 'workspace-write');
  expect(await writing.call('run', { command: 'touch made && ls' })).toContain('made');
  expect(await writing.call('run', { command: `touch ${home}/made || echo refused` })).toContain('refused');
  expect(await writing.end()).toBe(0);
});
