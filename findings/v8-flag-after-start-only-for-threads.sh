#!/usr/bin/env bash
# Node.js 24.21.0.
# V8's memory reducer wakes an idle process every few seconds. `v8.setFlagsFromString('--no-memory-reducer')` as the first line of a
# program does not end that: the flag was read when the main isolate was made. It is not without effect either: a thread that is
# started afterwards has none. V8 itself says so with --trace-memory-reducer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# One platform's binary without the install script of the package `node`.
platform=$(node -p '`node-${process.platform}-${process.arch}`')
npm install --silent --no-audit --no-fund --ignore-scripts "$platform@24.21.0"

cat > idle.mjs <<'JS'
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';

const [flag, where] = process.argv.slice(2);
if (isMainThread && flag === 'set') setFlagsFromString('--no-memory-reducer');
if (isMainThread && where === 'thread') {
  const thread = new Worker(new URL(import.meta.url), { argv: [flag, where] });
  setTimeout(() => thread.terminate(), 20_000);
} else {
  let rows = [];
  for (let number = 0; number < 3e6; number += 1) rows.push({ number });
  rows = [];
  setTimeout(() => undefined, 18_000);
}
JS
seen() {
  "node_modules/$platform/bin/node" --trace-memory-reducer idle.mjs "$@" | grep -qi 'memory reducer' && echo works || echo silent
}
cat > expected <<'TEXT'
main, flag not set: works
main, flag set: works
thread, flag not set: works
thread, flag set: silent
TEXT
{
  echo "main, flag not set: $(seen none main)"
  echo "main, flag set: $(seen set main)"
  echo "thread, flag not set: $(seen none thread)"
  echo "thread, flag set: $(seen set thread)"
} | tee seen
diff expected seen && echo 'as found'
