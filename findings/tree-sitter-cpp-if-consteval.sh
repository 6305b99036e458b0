#!/usr/bin/env bash
# @vscode/tree-sitter-wasm 0.3.1.
# The C++ grammar knows the consteval block of C++26 and not the `if consteval` of C++23: the newer feature hides the older one.
# Of `if consteval { a(); } else { b(); }` it makes an error for `if`, then a consteval block beside it that holds the
# first branch; the second is read as an initializer of a type called `else`. `if constexpr` is read as it should be.
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
const TEXTS = {
  'C++17 if constexpr': 'void f() { if constexpr (true) { a(); } else { b(); } }',
  'C++23 if consteval': 'void f() { if consteval { a(); } else { b(); } }',
  'C++23 if !consteval': 'void f() { if !consteval { a(); } }',
  'C++26 consteval block': 'consteval { a(); }',
};

async function main() {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(join(folder, 'tree-sitter-cpp.wasm'))));
  for (const [name, text] of Object.entries(TEXTS)) {
    const { rootNode } = parser.parse(text);
    const found = ['ERROR', 'if_statement', 'consteval_block_declaration', 'compound_literal_expression'].flatMap((type) =>
      rootNode.descendantsOfType(type).map((node) => `${type} \`${node.text}\``),
    );
    console.log(`${name}: ${rootNode.hasError ? 'error' : 'no error'}\n  ${found.join('\n  ')}`);
  }
}
main();
JS
cat > expected <<'TEXT'
C++17 if constexpr: no error
  if_statement `if constexpr (true) { a(); } else { b(); }`
C++23 if consteval: error
  ERROR `if consteval { a(); } else { b(); }`
  ERROR `;`
  consteval_block_declaration `consteval { a(); }`
  compound_literal_expression `else { b(); }`
C++23 if !consteval: error
  ERROR `if !`
  consteval_block_declaration `consteval { a(); }`
C++26 consteval block: no error
  consteval_block_declaration `consteval { a(); }`
TEXT
echo '@vscode/tree-sitter-wasm 0.3.1:'
node look.cjs | tee seen
diff expected seen && echo 'as found'
