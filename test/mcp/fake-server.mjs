/** A server of MCP on stdio: the tools of a JSON argument; what they do is in their names. */
import { createInterface } from 'node:readline';

const tools = JSON.parse(process.argv[2] ?? '[]');
const said = process.argv[3] ?? '';
if (said !== '') process.stderr.write(`${said}\n`);

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const RESULTS = {
  echo: (args) => text(JSON.stringify(args)),
  pid: () => text(String(process.pid)),
  die: () => process.exit(7),
  fail: () => ({ ...text('it did not work'), isError: true }),
  structured: () => ({ content: [], structuredContent: { found: 3 } }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const results = {
    initialize: () => ({
      protocolVersion: params.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'fake', version: '1' },
    }),
    'tools/list': () => ({ tools }),
    'tools/call': () => RESULTS[params.name](params.arguments),
  };
  const result = results[method]?.();
  const answer = result === undefined ? { error: { code: -32601, message: 'no such method' } } : { result };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
}
