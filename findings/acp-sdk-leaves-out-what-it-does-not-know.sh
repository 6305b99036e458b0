#!/usr/bin/env bash
# @agentclientprotocol/sdk 2.4.0, client and agent both by the SDK.
# What a newer agent says that this client does not know is not refused: an entry of a plan with an unknown priority is taken out, and an
# empty plan arrives, so that a plan on the screen is cleared. An unknown kind of update goes to console.error alone. Unknown fields of
# notifications are taken out, those of an answer stay. The agent hears of none of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @agentclientprotocol/sdk@2.4.0

cat > look.mjs <<'JS'
import { agent, client, ndJsonStream } from '@agentclientprotocol/sdk';

const [toAgent, toClient] = [new TransformStream(), new TransformStream()];
const updates = [
  { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'Hello', tone: 'warm' }, part: 3 },
  { sessionUpdate: 'plan', entries: [{ content: 'Look', priority: 'urgent', status: 'pending' }] },
  { sessionUpdate: 'weather', sky: 'clear' },
];
agent({ name: 'look' })
  .onRequest('initialize', () => ({ protocolVersion: 1, agentCapabilities: {}, greeting: 'hi' }))
  .onRequest('session/prompt', async ({ client: other }) => {
    for (const update of updates) await other.notify('session/update', { sessionId: 's', update });
    return { stopReason: 'end_turn' };
  })
  .connect(ndJsonStream(toClient.writable, toAgent.readable));
console.error = (text) => console.log(`console.error: ${text}`);
const { agent: asked } = client({ name: 'look' })
  .onNotification('session/update', ({ params: { update } }) => console.log(JSON.stringify(update)))
  .connect(ndJsonStream(toAgent.writable, toClient.readable));
console.log(JSON.stringify(await asked.request('initialize', { protocolVersion: 1, clientCapabilities: {} })));
const prompt = [{ type: 'text', text: 'Go' }];
console.log(JSON.stringify(await asked.request('session/prompt', { sessionId: 's', prompt })));
process.exit(0);
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
{"protocolVersion":1,"agentCapabilities":{},"greeting":"hi"}
{"content":{"text":"Hello","type":"text"},"sessionUpdate":"agent_message_chunk"}
{"entries":[],"sessionUpdate":"plan"}
console.error: Error handling notification
{"stopReason":"end_turn"}
TEXT
