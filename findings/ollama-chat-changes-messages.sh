#!/usr/bin/env bash
# ollama 0.6.4: `chat()` and `generate()` write into what they are given.
# Each message with images gets a new array in their place, base64 instead of bytes, and the request gets a `stream`. A
# conversation that is kept for the next request is another one afterwards; a frozen one is refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ollama@0.6.4

cat > look.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Ollama } from 'ollama';

const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end('{"message":{"role":"assistant","content":"A cat."},"done":true}');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const client = new Ollama({ host: `http://127.0.0.1:${server.address().port}` });

const message = { role: 'user', content: 'What is this?', images: [new Uint8Array([1, 2, 3])] };
const request = { model: 'm', messages: [message] };
await client.chat(request);
console.log(`after chat():     images ${JSON.stringify(message.images)}, stream ${request.stream}`);

const kept = Object.freeze({ role: 'user', content: 'And this?', images: ['AQID'] });
const end = await client.chat({ model: 'm', messages: [kept] }).then(() => 'answered', (error) => error.name);
console.log(`a frozen message: ${end}`);
server.closeAllConnections();
server.close();
JS
cat > expected <<'TEXT'
after chat():     images ["AQID"], stream false
a frozen message: TypeError
TEXT
echo "ollama 0.6.4, Node.js $(node --version):"
node look.mjs | tee seen
diff expected seen && echo 'as found'
