#!/usr/bin/env bash
# @xterm/headless 6.0.0, @xterm/addon-unicode-graphemes 0.4.0.
# With the addon any character followed by U+FE0F takes two cells, also a letter, for which Unicode knows no such sequence; without it one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @xterm/headless@6.0.0 @xterm/addon-unicode-graphemes@0.4.0

cat > look.cjs <<'JS'
const { Terminal } = require('@xterm/headless');
const { UnicodeGraphemesAddon } = require('@xterm/addon-unicode-graphemes');

async function cells(text, hasAddon) {
  const terminal = new Terminal({ cols: 40, rows: 4, allowProposedApi: true });
  if (hasAddon) terminal.loadAddon(new UnicodeGraphemesAddon());
  await new Promise((resolve) => terminal.write(text, resolve));
  return terminal.buffer.active.cursorX;
}

async function main() {
  for (const [name, text] of [['a', 'a\ufe0f'], ['7', '7\ufe0f'], ['heart', '\u2764\ufe0f']])
    console.log(`${name}: ${await cells(text, false)} without the addon, ${await cells(text, true)} with it`);
}
main();
JS
cat > expected <<'TEXT'
a: 1 without the addon, 2 with it
7: 1 without the addon, 2 with it
heart: 1 without the addon, 2 with it
TEXT
node look.cjs | tee seen
diff expected seen && echo 'as found'
