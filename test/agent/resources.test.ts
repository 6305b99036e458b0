/** `@server:uri` in a message, with the reference server as a real process. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { McpServers } from '../../src/mcp/mcp-servers.ts';
import type { Event } from '../../src/protocol.ts';
import { connectNode, options } from '../mcp/wire/connect.ts';
import { testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';

const EVERYTHING = path.resolve(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/server-everything/dist',
);
const STARTUP = 'demo://resource/static/document/startup.md';

async function everything(): Promise<Pick<McpServers, 'servers' | 'resource'>> {
  const connection = await connectNode(path.join(EVERYTHING, 'index.js'), []);
  onTestFinished(() => connection.close());
  return {
    servers: [
      {
        ...{ name: 'every', state: 'running', target: '', source: '', isSandboxed: false },
        ...{ tools: [], prompts: 0, resources: [], lines: [] },
      },
    ],
    resource: async (server, uri, signal) => {
      expect(server).toBe('every');
      const parts = await connection.resource(uri, { ...options, signal });
      return parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
    },
  };
}

const warnings = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

test('what a message names comes behind it, cut, with all of it in a file; what was sent stays', async () => {
  const server = await withOllama([{ content: 'One.' }, { content: 'Two.' }]);
  const { agent, turn, events } = await testAgent(server, { mcp: await everything(), outputLimit: 400 });
  await turn(`What does @every:${STARTUP} say? Mail me@every:x, or @other:${STARTUP}.`);
  await turn('And now?');
  const said = agent.history.items.flatMap((item) => (item.type === 'user' ? [item.content] : []));
  expect(said).toHaveLength(4);
  const [, , note = '', last] = said;
  const text = readFileSync(path.join(EVERYTHING, 'docs/startup.md'), 'utf8');
  const [, file = ''] = /(\/\S+?\.txt)/.exec(note) ?? [];
  expect(note.startsWith(`[@every:${STARTUP}, as its server gives it:]\n${text.slice(0, 80)}`)).toBe(true);
  expect(note.length).toBeLessThan(700);
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(last).toBe('And now?');
  expect(warnings(events)).toEqual([]);
  const chats = server.log.filter((entry) => entry.kind === 'chat');
  expect(chats.map(({ rereadTokens, newTokens }) => rereadTokens === newTokens)).toEqual([true, true]);
});

test('one that cannot be read is said, and the message goes', async () => {
  const server = await withOllama([{ content: 'One.' }]);
  const { turn, events } = await testAgent(server, { mcp: await everything() });
  await turn('See @every:demo://resource/nothing');
  expect(warnings(events)).toEqual([
    '@every:demo://resource/nothing is not sent: The server answered with an error: MCP error -32602: Resource demo://resource/nothing not found (-32602)',
  ]);
  expect(server.log.filter(({ kind }) => kind === 'chat')).toHaveLength(1);
});
