#!/usr/bin/env bash
# Node.js 24.21.0, @vscode/tree-sitter-wasm 0.3.1.
# A grammar of 1 MB and a text of a few kB, and the process has hundreds of MB more: V8 compiles functions of WebAssembly that are used
# much a second time, and of the lexer of such a grammar, one function of thousands of cases, its optimising compiler makes that much.
# It is native memory: no heap statistics show it. With the first compiler alone nothing of it happens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @vscode/tree-sitter-wasm@0.3.1

cat > look.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Language, Parser } = require('@vscode/tree-sitter-wasm');

const folder = dirname(require.resolve('@vscode/tree-sitter-wasm'));
const TEXT = 'function Get-Name($name) {\n  if ($name -eq 1) { Write-Host "a $name" }\n}\n'.repeat(150);

async function main() {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(join(folder, 'tree-sitter-powershell.wasm'))));
  for (let round = 0; round < 20; round += 1) parser.parse(TEXT).delete();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(megabytes > 300 ? 'more than 300 MB' : 'less than 300 MB');
}
main();
JS
cat > expected <<'TEXT'
both compilers: more than 300 MB
the first alone: less than 300 MB
TEXT
{
  echo "both compilers: $(node look.cjs)"
  echo "the first alone: $(node --liftoff-only look.cjs)"
} | tee seen
diff expected seen && echo 'as found'
