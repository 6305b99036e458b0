#!/usr/bin/env bash
# ollama 0.6.4: a client with a `fetch` of one's own still loads Node's HTTP client.
# Each request asks whether its headers are an `instanceof Headers`, also where there are none, and Node makes that global
# from undici when it is first named: 65 ms and 8 MB on our machine, for a program that never uses it. A bundler that
# replaces `Headers` (a bundler's `define: { Headers: 'Map' }`) avoids it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ollama@0.6.4

cat > look.mjs <<'JS'
import { Ollama } from 'ollama';

const undici = () => process.moduleLoadList.some((name) => name.endsWith(' internal/deps/undici/undici'));
const fetch = async () => ({ ok: true, json: async () => ({ version: '0.32.6' }) });
const client = new Ollama({ host: 'http://127.0.0.1:11434', fetch });
console.log(`undici is loaded before a request: ${undici()}`);
const { version } = await client.version();
console.log(`after one for the version (${version}): ${undici()}`);
JS
cat > expected <<'TEXT'
undici is loaded before a request: false
after one for the version (0.32.6): true
TEXT
echo "ollama 0.6.4, Node.js $(node --version):"
node look.mjs | tee seen
diff expected seen && echo 'as found'
