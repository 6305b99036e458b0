/** A server of the version of 2026 only, of the official library: `stdio`, or `http`, which prints its address to stderr. */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });

function make() {
  const server = new McpServer({ name: 'modern', version: '3.0.0' }, { instructions: 'Only of 2026.' });
  const region = z.string().meta({ 'x-mcp-header': 'Region' });
  const inputSchema = z.object({
    region,
    deep: z.object({ count: z.int().meta({ 'x-mcp-header': 'Count' }) }),
  });
  server.registerTool('deploy', { description: 'Deploys.', inputSchema }, (args) =>
    text(JSON.stringify(args)),
  );
  server.registerTool('ask', { inputSchema: z.object({}) }, () =>
    inputRequired({
      inputRequests: {
        sure: inputRequired.elicit({ message: 'Sure?', requestedSchema: z.object({ yes: z.boolean() }) }),
      },
    }),
  );
  server.registerTool('slow', { inputSchema: z.object({}) }, async (_, ctx) => {
    const { progressToken } = ctx.mcpReq._meta ?? {};
    for (const progress of [1, 2]) {
      await ctx.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 2 },
      });
    }
    return text('done');
  });
  server.registerTool('grow', { inputSchema: z.object({}) }, () => {
    if (handler === undefined) server.sendToolListChanged();
    else handler.notify.toolsChanged();
    return text('grown');
  });
  server.registerPrompt('greet', { argsSchema: z.object({ name: z.string() }) }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
  }));
  server.registerResource('notes', 'notes://all', { description: 'All notes.' }, (uri) => ({
    contents: [{ uri: uri.href, text: 'nothing yet' }],
  }));
  return server;
}

let handler;
if (process.argv[2] === 'stdio') serveStdio(make, { legacy: 'reject' });
else {
  handler = createMcpHandler(make, { legacy: 'reject' });
  const server = createServer(async (request, response) => {
    const { method, headers, url } = request;
    const body = method === 'GET' ? undefined : Readable.toWeb(request);
    const answer = await handler.fetch(
      new Request(`http://localhost${url}`, { method, headers, body, duplex: 'half' }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    else Readable.fromWeb(answer.body).pipe(response);
  });
  server.listen(0, '127.0.0.1', () =>
    process.stderr.write(`http://127.0.0.1:${server.address().port}/mcp\n`),
  );
}
