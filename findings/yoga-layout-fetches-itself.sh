#!/usr/bin/env bash
# yoga-layout 3.2.1 (the layout engine of Ink) on Node.js 20 and later.
# Importing it calls `fetch`, although it reads no file and no network: the WebAssembly is in its source as a data: URL, and
# Emscripten's loader fetches that. On Node this loads the whole HTTP client (undici) for every program that uses Ink: 25 ms
# of each start, measured with Node.js 24. With the bytes passed in as `wasmBinary` nothing is fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts yoga-layout@3.2.1

cat > look.mjs <<'JS'
import { readFile } from 'node:fs/promises';

const hasClient = () => process.moduleLoadList.includes('NativeModule internal/deps/undici/undici');
const { fetch } = globalThis;
globalThis.fetch = (url) => {
  console.log(`  fetch of ${String(url).slice(0, 37)}…`);
  return fetch(url);
};
const binary = new URL('node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js', import.meta.url);
if (process.argv[2] === 'bytes') {
  const { default: load } = await import(binary);
  const base64 = /base64,([^"]+)"/.exec(await readFile(binary, 'utf8'))[1];
  await load({ wasmBinary: Buffer.from(base64, 'base64') });
} else {
  await import('yoga-layout');
}
console.log(`  HTTP client loaded: ${hasClient()}`);
JS
cat > expected <<'TEXT'
import 'yoga-layout':
  fetch of data:application/octet-stream;base64,…
  HTTP client loaded: true
its loader, with the bytes:
  HTTP client loaded: false
TEXT
{
  echo "import 'yoga-layout':"
  node look.mjs import
  echo 'its loader, with the bytes:'
  node look.mjs bytes
} | tee seen
diff expected seen && echo 'as found'
