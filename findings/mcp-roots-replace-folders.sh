#!/usr/bin/env bash
# @modelcontextprotocol/server-filesystem 2026.8.31.
# The folders of its command line are what it may touch only while the client declares no roots: those of one that does replace them
# all, whether they are narrower or wider.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @modelcontextprotocol/server-filesystem@2026.8.31
mkdir named root

cat > look.mjs <<'JS'
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const here = process.cwd();
const file = 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js';
for (const capabilities of [{}, { roots: {} }]) {
  const server = spawn(process.execPath, [file, `${here}/named`], { stdio: ['pipe', 'pipe', 'ignore'] });
  const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const list = { name: 'list_allowed_directories', arguments: {} };
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'look', version: '1' } };
  send({ id: 1, method: 'initialize', params });
  for await (const line of createInterface(server.stdout)) {
    const { id, method, result } = JSON.parse(line);
    if (method === 'roots/list') send({ id, result: { roots: [{ uri: `file://${here}/root` }] } });
    else if (id === 1) {
      send({ method: 'notifications/initialized' });
      setTimeout(() => send({ id: 2, method: 'tools/call', params: list }), 1_000);
    } else if (id === 2) {
      const folders = result.content[0].text.replaceAll(here, '').replace(/\s+/g, ' ');
      console.log(`${JSON.stringify(capabilities)}: ${folders}`);
      server.kill();
    }
  }
}
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
{}: Allowed directories: /named
{"roots":{}}: Allowed directories: /root
TEXT
