#!/usr/bin/env bash
# node:sqlite of Node.js 22.15.1, 22.16.0, 23.11.1 and 24.0.0.
# Full-text search (FTS5) came to node:sqlite in 24.0 and was backported to 22.16. Node 23 ended without it:
# `>=22.16` in `engines` lets a Node in whose SQLite `CREATE VIRTUAL TABLE … USING fts5` fails. The version of SQLite does
# not tell: 22.15.1, 22.16.0, 23.11.1 and 24.0.0 all have 3.49.1, with other build options. `PRAGMA compile_options` tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > look.mjs <<'JS'
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(':memory:');
const has = (option) =>
  database.prepare('PRAGMA compile_options').all().some(({ compile_options: name }) => name === option);
let table = 'made';
try {
  database.exec('CREATE VIRTUAL TABLE words USING fts5(text)');
} catch (error) {
  table = error.message;
}
console.log(
  `Node.js ${process.versions.node}, SQLite ${process.versions.sqlite}: ENABLE_FTS5 ${has('ENABLE_FTS5')}, table ${table}`,
);
JS
cat > expected <<'TEXT'
Node.js 22.15.1, SQLite 3.49.1: ENABLE_FTS5 false, table no such module: fts5
Node.js 22.16.0, SQLite 3.49.1: ENABLE_FTS5 true, table made
Node.js 23.11.1, SQLite 3.49.1: ENABLE_FTS5 false, table no such module: fts5
Node.js 24.0.0, SQLite 3.49.1: ENABLE_FTS5 true, table made
TEXT
# One platform's binary without the install script of the package `node`.
platform=$(node -p '`node-${process.platform}-${process.arch}`')
for version in 22.15.1 22.16.0 23.11.1 24.0.0; do
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$version" "$platform@$version"
  "$version/node_modules/$platform/bin/node" --no-warnings look.mjs
done | tee seen
diff expected seen && echo 'as found'
