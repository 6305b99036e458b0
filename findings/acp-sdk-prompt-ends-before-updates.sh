#!/usr/bin/env bash
# @agentclientprotocol/sdk 2.4.0, client and agent both by the SDK.
# Updates that were sent before the answer to a prompt begin to be handled before it, in their order, but nobody waits for an async handler:
# the next one begins while it runs, and the prompt resolves while both still run. A client that awaits something in its handler has to
# line them up itself, and cannot take the resolved prompt for the end of what it shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @agentclientprotocol/sdk@2.4.0

cat > look.mjs <<'JS'
import { agent, client, ndJsonStream } from '@agentclientprotocol/sdk';

const [toAgent, toClient] = [new TransformStream(), new TransformStream()];
agent({ name: 'look' })
  .onRequest('initialize', () => ({ protocolVersion: 1, agentCapabilities: {} }))
  .onRequest('session/prompt', async ({ client: other }) => {
    for (const text of ['one', 'two']) {
      const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } };
      await other.notify('session/update', { sessionId: 's', update });
    }
    return { stopReason: 'end_turn' };
  })
  .connect(ndJsonStream(toClient.writable, toAgent.readable));
let open = () => {};
const gate = new Promise((resolve) => {
  open = resolve;
});
const { agent: asked } = client({ name: 'look' })
  .onNotification('session/update', async ({ params: { update } }) => {
    console.log(`begin ${update.content.text}`);
    await gate;
    console.log(`end ${update.content.text}`);
  })
  .connect(ndJsonStream(toAgent.writable, toClient.readable));
await asked.request('initialize', { protocolVersion: 1, clientCapabilities: {} });
await asked.request('session/prompt', { sessionId: 's', prompt: [{ type: 'text', text: 'Go' }] });
console.log('the prompt has ended');
open();
setTimeout(() => process.exit(0), 100);
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
begin one
begin two
the prompt has ended
end one
end two
TEXT
