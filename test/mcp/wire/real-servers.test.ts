/** Servers of others, as real processes. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { McpConnection } from '../../../src/mcp/connection.ts';
import { connectNode, connectUrl, options, startScript, textOf } from './connect.ts';

const packageFile = (name: string) =>
  path.resolve('node_modules/@modelcontextprotocol', name, 'dist/index.js');
const EVERYTHING = packageFile('server-everything');
const MODERN = path.join(import.meta.dirname, 'modern-server.mjs');

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-mcp-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const connects: Readonly<Record<string, () => Promise<McpConnection>>> = {
  stdio: () => connectNode(EVERYTHING, []),
  http: async () => {
    const port = await freePort();
    await startScript(EVERYTHING, ['streamableHttp'], { PORT: String(port) });
    return connectUrl(`http://127.0.0.1:${port}/mcp`);
  },
};

const failed = (text: string) => ({
  content: [{ type: 'text', text }],
  structured: undefined,
  isError: true,
});

describe.each(['stdio', 'http'])('server-everything by %s', (kind) => {
  test('has tools, prompts and resources', async () => {
    const connection = await (connects[kind] as () => Promise<McpConnection>)();
    const manifest = await connection.manifest(options);
    expect({
      ...manifest,
      instructions: manifest.instructions.split('\n')[0],
      tools: manifest.tools.map(({ name }) => name).toSorted(),
      resources: manifest.resources.map(({ uri }) => uri).toSorted(),
    }).toEqual({
      server: { name: 'mcp-servers/everything', version: '2.0.0' },
      protocolVersion: '2025-11-25',
      instructions: '# Everything Server – Server Instructions',
      tools: [
        ...['echo', 'get-annotated-message', 'get-env', 'get-resource-links', 'get-resource-reference'],
        ...['get-structured-content', 'get-sum', 'get-tiny-image', 'gzip-file-as-resource'],
        ...['simulate-research-query', 'toggle-simulated-logging', 'toggle-subscriber-updates'],
        'trigger-long-running-operation',
      ],
      prompts: [
        { name: 'simple-prompt', description: 'A prompt with no arguments', arguments: [] },
        {
          name: 'args-prompt',
          description: 'A prompt with two arguments, one required and one optional',
          arguments: [
            { name: 'city', isRequired: true },
            { name: 'state', isRequired: false },
          ],
        },
        {
          name: 'completable-prompt',
          description: 'First argument choice narrows values for second argument.',
          arguments: [
            { name: 'department', isRequired: true },
            { name: 'name', isRequired: true },
          ],
        },
        {
          name: 'resource-prompt',
          description: 'A prompt that includes an embedded resource reference',
          arguments: [
            { name: 'resourceType', isRequired: true },
            { name: 'resourceId', isRequired: true },
          ],
        },
      ],
      resources: [
        ...[
          'architecture',
          'extension',
          'features',
          'how-it-works',
          'instructions',
          'startup',
          'structure',
        ].map((name) => `demo://resource/static/document/${name}.md`),
      ],
      notes: [],
    });
    expect(manifest.tools.find(({ name }) => name === 'get-sum')).toMatchObject({
      inputSchema: { type: 'object', required: ['a', 'b'] },
      isReadOnly: true,
    });
  });

  test('answers in every form', async () => {
    const connection = await (connects[kind] as () => Promise<McpConnection>)();
    const call = (name: string, args = {}) => connection.call(name, args, options);
    expect(textOf(await call('echo', { message: 'Grüße\u2028👋' }))).toBe('Echo: Grüße\u2028👋');
    expect(await call('get-structured-content', { location: 'New York' })).toEqual({
      content: [{ type: 'text', text: '{"temperature":33,"conditions":"Cloudy","humidity":82}' }],
      structured: { temperature: 33, conditions: 'Cloudy', humidity: 82 },
      isError: false,
    });
    const { content } = await call('get-tiny-image');
    expect(content[1]).toEqual({
      type: 'image',
      mimeType: 'image/png',
      data: expect.stringMatching(/^iVBORw0KGgo/),
    });
    expect((await call('get-resource-links', { count: 2 })).content.slice(1)).toEqual([
      { type: 'link', uri: 'demo://resource/dynamic/blob/1', name: 'Blob Resource 1' },
      { type: 'link', uri: 'demo://resource/dynamic/text/2', name: 'Text Resource 2' },
    ]);
    const reference = await call('get-resource-reference', { resourceType: 'Text', resourceId: 1 });
    expect(reference.content[1]).toEqual({
      type: 'text',
      text: expect.stringMatching(/^Resource 1: This is a plaintext/),
    });
    expect(await call('nope')).toEqual(failed('MCP error -32602: Tool nope not found'));
    const told: string[] = [];
    const onProgress = (text: string) => told.push(text);
    await connection.call(
      'trigger-long-running-operation',
      { duration: 0.1, steps: 3 },
      { ...options, onProgress },
    );
    expect(told).toEqual(['1 of 3', '2 of 3', '3 of 3']);
    expect(await connection.prompt('args-prompt', { city: 'Rome' }, options)).toBe("What's weather in Rome?");
    const [file] = await connection.resource('demo://resource/static/document/structure.md', options);
    expect(file).toEqual({ type: 'text', text: expect.stringMatching(/^# Everything Server/) });
  });
});

test('server-filesystem keeps to the folders that the user has given it', async () => {
  const folder = temporaryFolder();
  const open = path.join(folder, 'open');
  mkdirSync(open);
  writeFileSync(path.join(open, 'a.txt'), 'hello');
  const connection = await connectNode(packageFile('server-filesystem'), [open], { cwd: folder });
  const { tools } = await connection.manifest(options);
  expect(tools.filter(({ isReadOnly }) => !isReadOnly).map(({ name }) => name)).toEqual([
    ...['write_file', 'edit_file', 'create_directory', 'move_file'],
  ]);
  const read = (file: string) => connection.call('read_text_file', { path: file }, options);
  expect(await read(path.join(open, 'a.txt'))).toEqual({
    content: [{ type: 'text', text: 'hello' }],
    structured: { content: 'hello' },
    isError: false,
  });
  const outside = path.join(folder, 'b.txt');
  expect(await read(outside)).toEqual(
    failed(`Access denied - path outside allowed directories: ${outside} not in ${open}`),
  );
  expect(connection.stderr()[0]).toBe('Secure MCP Filesystem Server running on stdio');
});

test('server-memory remembers', async () => {
  const env = { PATH: process.env.PATH, MEMORY_FILE_PATH: path.join(temporaryFolder(), 'memory.json') };
  const entity = { name: 'Ada', entityType: 'person', observations: ['likes tea'] };
  const first = await connectNode(packageFile('server-memory'), [], { env });
  const created = await first.call('create_entities', { entities: [entity] }, options);
  expect(created.structured).toEqual({ entities: [entity] });
  await first.close();
  const second = await connectNode(packageFile('server-memory'), [], { env });
  const found = await second.call('search_nodes', { query: 'tea' }, options);
  expect(found.structured).toEqual({ entities: [entity], relations: [] });
});

test('a tool whose arguments HTTP has to repeat is called without the list, too', async () => {
  const connection = await connectUrl(await startScript(MODERN, ['http']));
  const args = { region: 'eu', deep: { count: 3 } };
  expect(JSON.parse(textOf(await connection.call('deploy', args, options)))).toEqual(args);
});

describe.each(['stdio', 'http'])('a server of 2026 by %s', (kind) => {
  test('is spoken with in its version', async () => {
    const connection =
      kind === 'stdio'
        ? await connectNode(MODERN, ['stdio'])
        : await connectUrl(await startScript(MODERN, ['http']));
    const { tools, ...manifest } = await connection.manifest(options);
    expect(manifest).toEqual({
      server: { name: 'modern', version: '3.0.0' },
      protocolVersion: '2026-07-28',
      instructions: 'Only of 2026.',
      prompts: [{ name: 'greet', description: '', arguments: [{ name: 'name', isRequired: true }] }],
      resources: [{ uri: 'notes://all', name: 'notes', description: 'All notes.' }],
      notes: [],
    });
    expect(tools.map(({ name }) => name)).toEqual(['deploy', 'ask', 'slow', 'grow']);
    const changed = new Promise<void>((resolve) => connection.onToolsChanged(resolve));
    for (const region of ['eu', ' ä\n', '=?base64?eA==?=']) {
      const args = { region, deep: { count: 3 } };
      expect(JSON.parse(textOf(await connection.call('deploy', args, options)))).toEqual(args);
    }
    const told: string[] = [];
    const slow = await connection.call('slow', {}, { ...options, onProgress: (text) => told.push(text) });
    expect([textOf(slow), ...told]).toEqual(['done', '1 of 2', '2 of 2']);
    expect(await connection.prompt('greet', { name: 'Ada' }, options)).toBe('Greet Ada.');
    expect(await connection.resource('notes://all', options)).toEqual([
      { type: 'text', text: 'nothing yet' },
    ]);
    expect(textOf(await connection.call('grow', {}, options))).toBe('grown');
    await changed;
    await expect(connection.call('ask', {}, options)).rejects.toThrow(
      /^The server answered with an error: Cannot request input 'sure' .*\(-32021\)$/,
    );
  });
});
