#!/usr/bin/env bash
# @agentclientprotocol/sdk 2.4.0, as an agent.
# `session/new` in the same write as `initialize`, as JSON-RPC lets a client do, is refused with -32600 although the handler of
# `initialize` answers at once: the connection counts as initialised only when that answer goes out. The refusal comes before the answer
# to `initialize`, and the handler of `session/new` is never called. A client has to wait for the first answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @agentclientprotocol/sdk@2.4.0

cat > look.mjs <<'JS'
import { agent, ndJsonStream } from '@agentclientprotocol/sdk';

const [toAgent, toClient] = [new TransformStream(), new TransformStream()];
agent({ name: 'look' })
  .onRequest('initialize', () => ({ protocolVersion: 1, agentCapabilities: {} }))
  .onRequest('session/new', () => {
    console.log('session/new is handled');
    return { sessionId: 's' };
  })
  .connect(ndJsonStream(toClient.writable, toAgent.readable));
const writer = toAgent.writable.getWriter();
const line = (id, method, params) => `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const send = (text) => writer.write(new TextEncoder().encode(text));
const first = line(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} });
const next = (id) => line(id, 'session/new', { cwd: '/', mcpServers: [] });
void send(first + next(2));
let answers = 0;
for await (const bytes of toClient.readable) {
  const text = new TextDecoder().decode(bytes);
  process.stdout.write(text);
  answers += text.trim().split('\n').length;
  if (answers === 2) void send(next(3));
  if (answers === 3) process.exit(0);
}
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
{"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"Invalid request: ACP connection must be initialized before 'session/new'"}}
{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1,"agentCapabilities":{}}}
session/new is handled
{"jsonrpc":"2.0","id":3,"result":{"sessionId":"s"}}
TEXT
