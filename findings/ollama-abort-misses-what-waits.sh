#!/usr/bin/env bash
# ollama 0.6.4: `client.abort()` ends the streams that have begun, all of them, and no others.
# A request counts as begun when the server's headers have come. Ollama sends them with the first chunk: after the model
# was loaded and the whole prompt was read. An abort in those seconds or minutes does nothing, and the answer comes later.
# Only `stream.abort()` ends one stream; the stream is what `chat()` resolves to, so it is not there before either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ollama@0.6.4

cat > look.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Ollama } from 'ollama';

const line = (content, done) => `${JSON.stringify({ message: { role: 'assistant', content }, done })}\n`;
let answer;
const server = createServer((request, response) => {
  request.resume();
  answer = response;
  server.emit('asked');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const client = new Ollama({ host: `http://127.0.0.1:${server.address().port}` });
const ask = async () => {
  const asked = once(server, 'asked');
  const stream = client.chat({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true });
  await asked;
  return { stream, response: answer };
};
const read = async (stream) => {
  try {
    let text = '';
    for await (const part of await stream) text += part.message.content;
    return `"${text}"`;
  } catch (error) {
    return error.name;
  }
};

const one = await ask();
const two = await ask();
const waiting = await ask();
const texts = [one, two, waiting].map(({ stream }) => read(stream));
one.response.write(line('a', false));
two.response.write(line('b', false));
await Promise.all([one.stream, two.stream]);
client.abort();
waiting.response.end(line('a whole answer', true));
const [first, second, third] = await Promise.all(texts);
console.log(`a stream that had begun: ${first}`);
console.log(`another one:             ${second}`);
console.log(`a request that waited:   ${third}`);
server.closeAllConnections();
server.close();
JS
cat > expected <<'TEXT'
a stream that had begun: AbortError
another one:             AbortError
a request that waited:   "a whole answer"
TEXT
echo "ollama 0.6.4, Node.js $(node --version):"
node look.mjs | tee seen
diff expected seen && echo 'as found'
