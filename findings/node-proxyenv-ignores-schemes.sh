#!/usr/bin/env bash
# Node.js 24.21.0: `new http.Agent({ proxyEnv })`.
# A proxy with a scheme other than http: and https:, or with none (`HTTP_PROXY=127.0.0.1:3128`, which curl and others accept),
# is not refused and not used: the request goes to its host directly, and nothing says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node@24.21.0

cat > look.mjs <<'JS'
import http from 'node:http';

const listen = (answer) =>
  new Promise((resolve) => {
    const server = http.createServer((request, response) => response.end(answer));
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
const host = await listen('the host itself');
const proxy = await listen('the proxy');
const get = (agent) =>
  new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port: host.address().port, agent };
    http.get(where, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject);
  });
for (const scheme of ['http://', '', 'socks5://', 'socks5h://']) {
  const agent = new http.Agent({ proxyEnv: { HTTP_PROXY: `${scheme}127.0.0.1:${proxy.address().port}` } });
  console.log(`HTTP_PROXY=${scheme}127.0.0.1:PORT: answered by ${await get(agent)}`);
}
process.exit(0);
JS
node_modules/.bin/node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
HTTP_PROXY=http://127.0.0.1:PORT: answered by the proxy
HTTP_PROXY=127.0.0.1:PORT: answered by the host itself
HTTP_PROXY=socks5://127.0.0.1:PORT: answered by the host itself
HTTP_PROXY=socks5h://127.0.0.1:PORT: answered by the host itself
TEXT
