#!/usr/bin/env bash
# ink 8.0.0 with `incrementalRendering` and a caret (`useCursor`), on @xterm/headless 6.0.0 as the terminal.
# A terminal that gets lower drops the rows below the caret before it scrolls. A frame that Ink writes before it hears of the
# new size goes down to where the old one ended (CSI B, which ends at the last row) and from there up by the old height:
# into lines that <Static> had printed. `resized()` knows this; the frame in between does not. With line feeds in place of
# CSI B and CSI E, which scroll at the last row, nothing is lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ink@8.0.0 react@19.3.1 @xterm/headless@6.0.0

cat > look.mjs <<'JS'
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import { render, Static, Text, useCursor } from 'ink';
import { createElement as h, Fragment, useState } from 'react';

const withLineFeeds = (text) =>
  text.replace(/\x1b\[(\d+)B/g, (_, rows) => '\n'.repeat(rows)).replace(/\x1b\[E/g, '\n');

async function printedAfter(change) {
  const terminal = new xterm.Terminal({ cols: 40, rows: 20, allowProposedApi: true });
  const stdout = Object.assign(new PassThrough(), { columns: 40, rows: 20, isTTY: true });
  stdout.on('data', (bytes) => terminal.write(change(String(bytes)).replaceAll('\n', '\r\n')));
  let setLive;
  const printed = Array.from({ length: 25 }, (_, index) => `line ${index + 1}`);
  function View() {
    const [live, set] = useState(['answer', '> ', 'footer', 'footer']);
    setLive = set;
    useCursor().setCursorPosition({ x: 2, y: Math.min(1, live.length - 1) });
    return h(Fragment, null, h(Static, { items: printed }, (line) => h(Text, { key: line }, line)), h(Text, null, live.join('\n')));
  }
  const ink = render(h(View), { stdout, interactive: true, incrementalRendering: true, patchConsole: false, exitOnCtrlC: false });
  const settled = async () => {
    await ink.waitUntilRenderFlush();
    await new Promise((resolve) => terminal.write('', resolve));
  };
  await settled();
  terminal.resize(40, 9);
  setLive(['> ']);
  await settled();
  stdout.rows = 9;
  stdout.emit('resize');
  await settled();
  ink.unmount();
  const { normal } = terminal.buffer;
  const lines = Array.from({ length: normal.length }, (_, y) => normal.getLine(y).translateToString(true));
  return lines.filter((line) => line.startsWith('line ')).length;
}

console.log(`lines of 25 that are left, as Ink writes: ${await printedAfter((text) => text)}`);
console.log(`with line feeds: ${await printedAfter(withLineFeeds)}`);
process.exit(0);
JS
node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
lines of 25 that are left, as Ink writes: 22
with line feeds: 25
TEXT
