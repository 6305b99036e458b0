#!/usr/bin/env bash
# fzf 0.5.2 on a Node.js that can require() ES modules (20.19, 22.12 and later).
# `require('fzf')` throws nothing and gives a module without a single export; the library has become the global variable `fzf`.
# The package declares a UMD file for require() and is of type "module": as an ES module that file sees no `exports`, and
# falls back to what it does in a script tag. `import` is not affected.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts fzf@0.5.2

cat > look.cjs <<'JS'
const required = require('fzf');
console.log(`require: exports ${Object.keys(required).length}, Fzf ${typeof required.Fzf}`);
console.log(`global:  fzf ${typeof globalThis.fzf}, Fzf ${typeof globalThis.fzf?.Fzf}`);
const [found] = new globalThis.fzf.Fzf(['one', 'two']).find('tw');
console.log(`global:  it works, "tw" finds "${found.item}"`);
import('fzf').then(({ Fzf }) => console.log(`import:  Fzf ${typeof Fzf}, the same one ${Fzf === globalThis.fzf.Fzf}`));
JS
cat > expected <<'TEXT'
require: exports 0, Fzf undefined
global:  fzf object, Fzf function
global:  it works, "tw" finds "two"
import:  Fzf function, the same one false
TEXT
echo "fzf 0.5.2, Node.js $(node --version):"
node --no-warnings look.cjs | tee seen
diff expected seen && echo 'as found'
