/** The MCP servers that a client brings for a session, as settings: they count as the user's own. */
import type { McpServer } from '@agentclientprotocol/sdk';
import type { Table } from '../config/table.ts';
import { refused } from './errors.ts';

/** @throws RequestError for a kind that was not offered. */
export function clientServers(servers: readonly McpServer[]): Table {
  return Object.fromEntries(servers.map((server) => [server.name, entryOf(server)]));
}

function entryOf(server: McpServer): Table {
  if ('command' in server) {
    const { command, args } = server;
    const env = Object.fromEntries(server.env.map(({ name, value }) => [name, value]));
    return { command, args, env };
  }
  if (server.type !== 'http')
    throw refused('params', `MCP server ${server.name}: SSE is not spoken here. Give its HTTP address`);
  const headers = Object.fromEntries(server.headers.map(({ name, value }) => [name, value]));
  return { url: server.url, http_headers: headers };
}
