#!/usr/bin/env bash
# @vscode/tree-sitter-wasm 0.3.1, TypeScript 7.0.2.
# `using file = open();` declares a variable (TypeScript 5.2 and later). The JavaScript grammar of the package knows that. Its
# TypeScript and TSX grammars read an assignment to a variable that must exist already, with the word `using` as an unnamed
# token inside of it, and report no error: whoever looks for declarations, or for errors, finds neither. In the head of a
# loop the same word is an error for them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @vscode/tree-sitter-wasm@0.3.1 typescript@7.0.2

cat > valid.ts <<'TS'
declare function open(): Disposable;
declare const all: Disposable[];
{
  using file = open();
}
for (using one of all) {
}
export {};
TS
echo 'TypeScript 7.0.2 on both statements:'
npx --no-install tsc --noEmit --strict --target esnext --lib esnext valid.ts && echo '  no error'

cat > look.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Language, Parser } = require('@vscode/tree-sitter-wasm');

const folder = dirname(require.resolve('@vscode/tree-sitter-wasm'));
const shape = (node) =>
  node.childCount === 0 ? node.text : `${node.type}[${node.children.map(shape).join(' ')}]`;

async function main() {
  await Parser.init();
  for (const grammar of ['javascript', 'typescript', 'tsx']) {
    const parser = new Parser();
    parser.setLanguage(await Language.load(readFileSync(join(folder, `tree-sitter-${grammar}.wasm`))));
    const statement = parser.parse('using file = open();').rootNode;
    const loop = parser.parse('for (using one of all) {}').rootNode;
    console.log(`${grammar}: ${shape(statement.child(0))}`);
    console.log(`${grammar}: errors: statement ${statement.hasError}, loop ${loop.hasError}`);
  }
}
main();
JS
cat > expected <<'TEXT'
javascript: using_declaration[using variable_declarator[file = call_expression[open arguments[( )]]] ;]
javascript: errors: statement false, loop false
typescript: expression_statement[assignment_expression[using file = call_expression[open arguments[( )]]] ;]
typescript: errors: statement false, loop true
tsx: expression_statement[assignment_expression[using file = call_expression[open arguments[( )]]] ;]
tsx: errors: statement false, loop true
TEXT
echo '@vscode/tree-sitter-wasm 0.3.1:'
node look.cjs | tee seen
diff expected seen && echo 'as found'
