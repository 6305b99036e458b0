/** What the model gets of servers, and what it costs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { get_encoding } from 'tiktoken';
import { expect, onTestFinished, test } from 'vitest';
import type { McpSettings } from '../../src/config/mcp-servers.ts';
import { ConfiguredServers } from '../../src/mcp/configured-servers.ts';
import type { McpManifest } from '../../src/mcp/connection.ts';
import { ManifestCache } from '../../src/mcp/manifest-cache.ts';
import { Server } from '../../src/mcp/server.ts';
import type { JsonObject } from '../../src/protocol.ts';
import type { McpRequest } from '../../src/safety/mcp-calls.ts';
import { connector } from '../../src/session/mcp-connect.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { itemEvents, makeContext } from '../tools/tool-context.ts';

const FAKE = path.join(import.meta.dirname, 'fake-server.mjs');

interface ToolSpec {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: JsonObject;
}

/** Servers that are known from an earlier session; those without tools are not. */
async function made(
  specs: { readonly [server: string]: readonly ToolSpec[] },
  { settings = {}, directTokens = 800 }: { settings?: McpSettings; directTokens?: number } = {},
) {
  const home = await tempFolder();
  const cache = new ManifestCache(home);
  const permissions = {
    ...({ mode: 'danger-full-access', approval: 'never' } as const),
    ...{ network: false, writableRoots: [], cwd: home, home, env: process.env },
  };
  const servers = Object.entries(specs).map(([name, list]) => {
    const tools = list.map(({ name: tool, description = '', inputSchema = { type: 'object' } }) => ({
      ...{ name: tool, description, inputSchema, isReadOnly: false },
    }));
    const parts = {
      entry: {
        name,
        settings: { command: process.execPath, args: [FAKE, JSON.stringify(tools)], ...settings },
        source: 'config.toml',
        folder: home,
      },
      connect: connector(() => ({ home, env: process.env, permissions })),
      cache,
      onChange: () => undefined,
      confinement: () => '',
    };
    const manifest: McpManifest = {
      ...{ server: { name, version: '1' }, protocolVersion: '2025-11-25', instructions: '' },
      ...{ tools, prompts: [], resources: [], notes: [] },
    };
    if (list.length > 0) cache.write(new Server(parts).identity, manifest);
    const server = new Server(parts);
    onTestFinished(() => server.close());
    return server;
  });
  const permits = { isAllowed: () => false, allow: () => undefined, howToAllow: () => 'so' };
  const all = new ConfiguredServers(servers, { permits, directTokens });
  const asked: McpRequest[] = [];
  const context = makeContext({
    guard: {
      command: async () => ({ allowed: true }),
      write: async () => ({ allowed: true }),
      mcp: async (request) => {
        asked.push(request);
        return { allowed: true };
      },
    },
  });
  onTestFinished(() => context[Symbol.dispose]());
  const use = async (name: string, args: JsonObject) => {
    const tool = all.tools.find(({ schema }) => schema.function.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    return tool.run(args, context.ctx);
  };
  return { all, use, asked, context };
}

function tokens(value: unknown): number {
  const encoding = get_encoding('o200k_base');
  const { length } = encoding.encode(typeof value === 'string' ? value : JSON.stringify(value));
  encoding.free();
  return length;
}

const declared = (all: ConfiguredServers) => all.tools.map(({ schema }) => schema);

const WORDS = ['issue', 'branch', 'release', 'comment', 'label', 'review'];
const many = (count: number): ToolSpec[] =>
  Array.from({ length: count }, (_, at) => ({
    name: `${WORDS[at % WORDS.length]}_${['list', 'get', 'create', 'update'][at % 4]}_${at}`,
    description: `Handles one ${WORDS[at % WORDS.length]} of a repository, as number ${at} of many. It has more to say.`,
    inputSchema: {
      type: 'object',
      properties: {
        owner: { type: 'string', description: 'Owner of the repository' },
        number: { type: 'integer' },
        state: { enum: ['open', 'closed', 'all'] },
      },
      required: ['owner'],
    },
  }));

test('three servers of 60 tools cost 120 tokens, and an answer of mcp_find 600', async () => {
  const { all, use } = await made({ one: many(60), two: many(60), three: many(60) });
  expect(declared(all).map(({ function: { name } }) => name)).toEqual(['mcp_find', 'mcp_call']);
  expect(tokens(declared(all))).toBeLessThanOrEqual(120);
  const { text } = await use('mcp_find', { query: 'issue comments' });
  expect(text).toMatch(
    /^\w+\.(?:issue|comment)_\w+\(owner: string, number\?: integer, state\?: "open" \| "closed" \| "all"\) - Handles one/,
  );
  expect(text).toMatch(/\n\[\d+ more fit: ask with other words\]$/);
  expect(tokens(text)).toBeLessThanOrEqual(600);
});

test('words of the name count most; without a hit the servers are listed', async () => {
  const { use } = await made({
    files: [
      { name: 'read_text_file', description: 'Reads a file.' },
      { name: 'search', description: 'Finds files to read by a pattern.' },
    ],
    web: [{ name: 'fetch', description: 'Gets a page.' }],
  });
  const find = async (query: string) => (await use('mcp_find', { query })).text;
  expect(await find('reading files')).toBe(
    'files.read_text_file() - Reads a file.\nfiles.search() - Finds files to read by a pattern.',
  );
  const list = 'Nothing fits. The servers are:\nfiles: 2 tools\nweb: 1 tool';
  expect([await find('weather'), await find('')]).toEqual([list, list]);
});

const ECHO: ToolSpec = {
  name: 'echo',
  description: 'Says it again.',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string' }, times: { type: 'integer' } },
    required: ['text'],
  },
};

test('a call is shown as an item of its server', async () => {
  const { use, asked, context } = await made({ fake: [ECHO] });
  const result = await use('mcp_call', {
    server: 'fake',
    tool: 'echo',
    arguments: { text: 'a', times: '2' },
  });
  expect(result).toEqual({ ok: true, text: '{"text":"a","times":2}', bounded: true });
  const call = { server: 'fake', tool: 'echo', arguments: { text: 'a', times: 2 } };
  expect(asked.map((request) => request.call)).toEqual([call]);
  const item = { type: 'mcp_tool_call', id: 'item_0', ...call };
  expect(itemEvents(context.events)).toEqual([
    { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
    { type: 'item_completed', item: { ...item, output: result.text, status: 'completed' } },
  ]);
});

test.each<[JsonObject, string]>([
  [{ tool: 'ecco' }, 'no server has a tool "ecco": did you mean fake.echo?'],
  [{ server: 'fake', tool: 'ecco' }, 'fake has no tool "ecco": did you mean fake.echo?'],
  [
    { server: 'fake', tool: 'weather' },
    'fake has no tool "weather": mcp_find with a few words finds what there is',
  ],
  [{ server: 'none', tool: 'weather' }, 'there is no server "none"; there are fake, other'],
  [{ tool: 'pid' }, 'pid may be fake.pid, other.pid: name the server'],
  [
    { server: 'fake', tool: 'echo', arguments: { words: 'a' } },
    '`text` (string) is missing. fake.echo takes text: string, times?: integer',
  ],
])('%j teaches', async (args, text) => {
  const { use, asked } = await made({ fake: [ECHO, { name: 'pid' }], other: [{ name: 'pid' }] });
  expect(await use('mcp_call', args)).toEqual({ ok: false, text, refused: true });
  expect(asked).toEqual([]);
});

test('what a tool says of its failure, what has no text, and a death', async () => {
  const { use } = await made({ fake: ['fail', 'structured', 'die'].map((name) => ({ name })) });
  const call = async (tool: string) => {
    const { ok, text } = await use('mcp_call', { server: 'fake', tool });
    return [ok, text];
  };
  expect(await call('fail')).toEqual([false, 'it did not work']);
  expect(await call('structured')).toEqual([true, '{"found":3}']);
  expect(await call('die')).toEqual([
    false,
    'fake: The server has ended (exit code 7).\n' +
      'Whether the call took effect is not known: check that before you call it again.',
  ]);
});

test('a long answer is cut, and the file has all of it', async () => {
  const { all, context } = await made({ fake: [ECHO] });
  const call = all.tools.find(({ schema }) => schema.function.name === 'mcp_call');
  const args = { server: 'fake', tool: 'echo', arguments: { text: 'a'.repeat(50_000) } };
  const result = await call?.run(args, context.ctx);
  expect(result?.text).toContain(`chars truncated…[full output: ${context.spillFile}]`);
  expect(Buffer.byteLength(result?.text ?? '')).toBeLessThan(11_000);
});

test('a name that no tool has is adopted where it means one', async () => {
  const { all } = await made({ fake: [ECHO, { name: 'pid' }], other: [{ name: 'pid' }] });
  const adopts = (name: string) => all.tools.map((tool) => tool.adopts?.(name, { text: 'a' })).find(Boolean);
  const meant = { server: 'fake', tool: 'echo', arguments: { text: 'a' } };
  expect(['mcp__fake__echo', 'fake.echo', 'fake__echo', 'echo'].map(adopts)).toEqual([
    meant,
    meant,
    meant,
    meant,
  ]);
  expect(adopts('mcp__other__pid')).toMatchObject({ server: 'other', tool: 'pid' });
  expect(['pid', 'weather', 'fake'].map(adopts)).toEqual([undefined, undefined, undefined]);
});

test('direct tools are declared by name, with what Ollama keeps, and no more than fit', async () => {
  const specs = { b: many(30), a: [{ ...ECHO, name: 'x' }] };
  const direct = ['x', ...many(30).map(({ name }) => name)];
  const { all, use } = await made(specs, { settings: { direct } });
  const own = declared(all).slice(2);
  const names = own.map(({ function: { name } }) => name);
  expect(names).toEqual(names.toSorted());
  expect(names.filter((name) => name.endsWith('__x'))).toEqual(['mcp__a__x']);
  expect(own.find(({ function: { name } }) => name === 'mcp__a__x')).toEqual({
    type: 'function',
    function: {
      name: 'mcp__a__x',
      description: 'Says it again.',
      parameters: {
        type: 'object',
        properties: { text: { type: 'string' }, times: { type: 'integer' } },
        required: ['text'],
      },
    },
  });
  expect(tokens(own)).toBeLessThanOrEqual(800);
  expect(
    all.warnings.filter((line) => line.startsWith('More tools are direct than fit into 800 tokens')),
  ).toHaveLength(1);
  expect((await use('mcp_find', { query: 'says again' })).text).toContain('a.x(text: string');
});

test('of a server that is not known nothing is direct, which is said', async () => {
  const { all } = await made({ fake: [] }, { settings: { direct: ['echo'] } });
  expect(all.tools).toHaveLength(2);
  expect(all.warnings).toEqual([
    'The tools of the MCP server fake are not known yet, so none is direct in this session: once it has run they are',
  ]);
});

test('mcp_find starts a server that has never run', async () => {
  const list: ToolSpec[] = [];
  const { use, all } = await made(
    { fake: list },
    { settings: { args: [FAKE, JSON.stringify([{ ...ECHO }])] } },
  );
  expect((await use('mcp_find', { query: 'say' })).text).toBe(
    'fake.echo(text: string, times?: integer) - Says it again.',
  );
  expect(all.servers.map(({ state }) => state)).toEqual(['running']);
});

test('a server that cannot be started is named', async () => {
  const script = path.join(await tempFolder(), 'ends.mjs');
  writeFileSync(script, 'process.exit(3)');
  const { use } = await made({ fake: [] }, { settings: { args: [script] } });
  const { text } = await use('mcp_find', { query: 'say' });
  expect(text).toContain('[fake could not be started: The server has ended (exit code 3).]');
});

test('a call waits for a server that has never run, which is shown; a start that fails is, too', async () => {
  const shown = async (settings: McpSettings) => {
    const { use, context } = await made({ one: [] }, { settings });
    const { ok } = await use('mcp_call', { server: 'one', tool: 'echo', arguments: {} });
    const items = context.events.flatMap((event) =>
      event.type === 'item_completed' && 'status' in event.item
        ? [[event.item.type, 'tool' in event.item && event.item.tool, event.item.status]]
        : [],
    );
    return [ok, items];
  };
  const echo = JSON.stringify([{ name: 'echo', inputSchema: { type: 'object' } }]);
  expect([await shown({ args: [FAKE, echo] }), await shown({ args: ['-e', 'process.exit(3)'] })]).toEqual([
    [
      true,
      [
        ['tool_call', 'mcp_start', 'completed'],
        ['mcp_tool_call', 'echo', 'completed'],
      ],
    ],
    [false, [['tool_call', 'mcp_start', 'failed']]],
  ]);
});
