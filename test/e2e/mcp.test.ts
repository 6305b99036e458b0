/** MCP servers in a session, with the built program and servers of others. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { type Bench, bench, type ChatBody } from '../support/exec.ts';

const FILES = path.resolve('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');
const EVERYTHING = path.resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');

const call = (name: string, args: JsonObject) => ({ toolCalls: [{ name, arguments: args }] });

/** The server of the file system, for the session's folder, with these lines more in its table. */
function files({ home, cwd }: Bench, ...more: string[]): void {
  const table = ['[mcp_servers.files]', `command = "${process.execPath}"`, `args = ["${FILES}", "${cwd}"]`];
  writeFileSync(path.join(home, 'config.toml'), [...table, ...more, ''].join('\n'));
}

/** What the model got in its last request. */
const lastOutput = (chats: readonly ChatBody[]): string => chats.at(-1)?.messages.at(-1)?.content ?? '';

test('a tool is found and called; the prompt grows at its end only', async () => {
  const made = await bench([
    call('mcp_find', { query: 'read a file' }),
    call('mcp_call', { server: 'files', tool: 'read_text_file', arguments: { path: 'notes.txt' } }),
    { content: 'It says noted.' },
  ]);
  const { json, cwd, chats } = made;
  writeFileSync(path.join(cwd, 'notes.txt'), 'noted\n');
  files(made, '[mcp_servers.files.tools.read_text_file]', 'approval_mode = "approve"');
  const { lines } = await json(['what do the notes say?']);
  const requests = chats();
  const names = requests[0]?.tools?.map(({ function: { name } }) => name) ?? [];
  expect(names.slice(-2)).toEqual(['mcp_find', 'mcp_call']);
  expect(requests[1]?.messages.at(-1)?.content).toContain('files.read_text_file(path: string');
  expect(lastOutput(requests)).toContain('noted');
  for (const [at, request] of requests.slice(1).entries()) {
    const before = requests[at] as ChatBody;
    expect(request.tools).toEqual(before.tools);
    expect(request.messages.slice(0, before.messages.length)).toEqual(before.messages);
  }
  const items = lines.map(({ item }) => item);
  expect(items).toContainEqual(
    expect.objectContaining({
      type: 'mcp_tool_call',
      server: 'files',
      tool: 'read_text_file',
      status: 'completed',
    }),
  );
  // The next session knows the tools without starting it.
  expect(readdirSync(path.join(made.home, 'mcp')).some((name) => name.endsWith('.json'))).toBe(true);
});

test('the last line does not say that nothing changed after a server has written a file', async () => {
  const write = { path: 'new.txt', content: 'new' };
  const made = await bench([
    call('mcp_call', { server: 'files', tool: 'list_directory', arguments: { path: '.' } }),
    { content: 'One.' },
    call('mcp_call', { server: 'files', tool: 'write_file', arguments: write }),
    { content: 'I have created new.txt, and all tests pass.' },
  ]);
  const allowed = ['list_directory', 'write_file'].flatMap((tool) => [
    `[mcp_servers.files.tools.${tool}]`,
    'approval_mode = "approve"',
  ]);
  files(made, ...allowed);
  const seen = async (): Promise<string[]> =>
    (await made.run(['exec', 'go'])).stderr.trimEnd().split('\n').slice(-1);
  // What the server says only reads has changed nothing.
  expect(await seen()).toEqual(['nothing changed; no test was run']);
  expect(await seen()).toEqual(['1 MCP call; no test was run']);
  expect(readFileSync(path.join(made.cwd, 'new.txt'), 'utf8')).toBe('new');
  // What the answer claims is not denied.
  expect(made.chats()).toHaveLength(4);
});

test('exec asks nobody: a tool that is not allowed is refused, with what allows it', async () => {
  const made = await bench([
    call('mcp_call', { server: 'files', tool: 'read_text_file', arguments: { path: 'notes.txt' } }),
    { content: 'No.' },
  ]);
  files(made);
  await made.run(['exec', 'read it']);
  expect(lastOutput(made.chats())).toBe(
    'this call needs approval and nobody can be asked. Its user can allow the tool: ' +
      'approval_mode = "approve" under [mcp_servers.files.tools.read_text_file] in config.toml',
  );
});

test.each([
  [
    'a tool that is none',
    { server: 'files', tool: 'read_text' },
    'files has no tool "read_text": did you mean files.read_text_file',
  ],
  ['a server that is none', { server: 'disk', tool: 'x' }, 'there is no server "disk"; there are files'],
  ['a missing argument', { server: 'files', tool: 'read_text_file' }, 'path'],
  [
    'arguments as text',
    { server: 'files', tool: 'read_text_file', arguments: '{"path":"notes.txt"}' },
    'noted',
  ],
  ['the server in the name', { tool: 'files.read_text_file', arguments: { path: 'notes.txt' } }, 'noted'],
  ['names of others', { tool: 'mcp__files__read_text_file', arguments: { path: 'notes.txt' } }, 'noted'],
  ['arguments beside the name', { server: 'files', tool: 'read_text_file', path: 'notes.txt' }, 'noted'],
])('%s', async (_, args, expected) => {
  const made = await bench([call('mcp_call', args), { content: 'Done.' }]);
  writeFileSync(path.join(made.cwd, 'notes.txt'), 'noted\n');
  files(made, '[mcp_servers.files.tools.read_text_file]', 'approval_mode = "approve"');
  await made.run(['exec', 'read it']);
  expect(lastOutput(made.chats())).toContain(expected);
});

test('a call by the name of a tool that is not declared is one', async () => {
  const made = await bench([
    call('mcp_find', { query: 'read' }),
    call('read_text_file', { path: 'notes.txt' }),
    { content: 'Done.' },
  ]);
  writeFileSync(path.join(made.cwd, 'notes.txt'), 'noted\n');
  files(made, '[mcp_servers.files.tools.read_text_file]', 'approval_mode = "approve"');
  await made.run(['exec', 'read it']);
  expect(lastOutput(made.chats())).toContain('noted');
});

test('a server that cannot be started: the turn goes on; a required one ends exec', async () => {
  const broken = `[mcp_servers.gone]\ncommand = "${process.execPath}"\nargs = ["-e", "console.error('no token'); process.exit(3)"]\n`;
  const made = await bench([call('mcp_find', { query: 'x' }), { content: 'Done.' }]);
  writeFileSync(path.join(made.home, 'config.toml'), broken);
  const ran = await made.run(['exec', 'go']);
  expect([ran.code, lastOutput(made.chats())]).toEqual([
    0,
    expect.stringContaining('gone could not be started'),
  ]);
  writeFileSync(path.join(made.home, 'config.toml'), `${broken}required = true\n`);
  const required = await made.run(['exec', 'go']);
  expect([required.code, required.stderr]).toEqual([
    1,
    expect.stringMatching(/a required MCP server cannot be used\n.*gone[\s\S]*no token|exit code 3/),
  ]);
});

test('tools of the user’s choice are declared once they are known, and no more than fit', async () => {
  const made = await bench([call('mcp_find', { query: 'echo' }), { content: 'a' }, { content: 'b' }]);
  const table = (direct: string) =>
    `[mcp_servers.all]\ncommand = "${process.execPath}"\nargs = ["${EVERYTHING}"]\ndirect = ${direct}\n`;
  writeFileSync(path.join(made.home, 'config.toml'), table('["echo"]'));
  const names = (at: number) =>
    made
      .chats()
      [at]?.tools?.map(({ function: { name } }) => name)
      .slice(-3);
  await made.run(['exec', 'one']);
  await made.run(['exec', 'two']);
  expect(names(0)?.slice(-2)).toEqual(['mcp_find', 'mcp_call']);
  expect(names(2)).toEqual(['mcp_find', 'mcp_call', 'mcp__all__echo']);
});

test('what a project brings is used by exec only when the user has allowed exactly that', async () => {
  const made = await bench([
    { content: 'a' },
    call('mcp_find', { query: 'read' }),
    { content: 'b' },
    { content: 'c' },
  ]);
  const { cwd, home, run, chats } = made;
  mkdirSync(path.join(cwd, '.cursor'));
  const brought = (folder: string) =>
    JSON.stringify({ mcpServers: { files: { command: process.execPath, args: [FILES, folder] } } });
  writeFileSync(path.join(cwd, '.mcp.json'), brought(cwd));
  writeFileSync(path.join(home, 'config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`);
  const hasFind = (at: number) => chats()[at]?.tools?.some(({ function: { name } }) => name === 'mcp_find');
  const first = await run(['exec', 'one']);
  expect(first.stderr).toContain('oagent mcp allow files');
  expect(hasFind(0)).toBe(false);
  expect((await run(['mcp', 'allow', 'files'])).code).toBe(0);
  await run(['exec', 'two']);
  expect(hasFind(1)).toBe(true);
  expect(chats()[2]?.messages.at(-1)?.content).toContain('files.read_text_file');
  // Other content is unknown again.
  writeFileSync(path.join(cwd, '.mcp.json'), brought(home));
  const changed = await run(['exec', 'three']);
  expect(changed.stderr).toContain('oagent mcp allow files');
  expect(hasFind(3)).toBe(false);
});
