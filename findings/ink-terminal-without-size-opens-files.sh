#!/usr/bin/env bash
# ink 8.0.0 (terminal-size 4.0.1) on Linux, in a terminal whose size reads as 0 x 0: a serial line, or a container's terminal
# in its first moments. Ink then asks for the size several times a frame by opening /dev/tty, and nothing closes what was
# opened: a program that shows a clock runs out of files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts ink@8.0.0 react@19.3.1

cat > look.mjs <<'JS'
import { readdirSync, writeFileSync } from 'node:fs';
import { render, Text } from 'ink';
import { createElement as h } from 'react';

const openFiles = () => readdirSync('/proc/self/fd').length;
const ink = render(h(Text, null, 'frame 0'), { interactive: true, patchConsole: false });
const before = openFiles();
for (let frame = 1; frame <= 50; frame += 1) {
  ink.rerender(h(Text, null, `frame ${frame}`));
  await ink.waitUntilRenderFlush();
}
writeFileSync('more', String(openFiles() - before));
process.exit(0);
JS
for size in '24 80' '0 0'; do
  read -r rows columns <<< "$size"
  script -qec "stty rows $rows columns $columns; env -u COLUMNS -u LINES node look.mjs" /dev/null < /dev/null > /dev/null
  more=$(cat more)
  if [ "$more" -ge 50 ]; then more='more than one a frame'; fi
  echo "$rows x $columns: files left open behind 50 frames: $more"
done | tee seen
diff seen - <<'TEXT' && echo 'as found'
24 x 80: files left open behind 50 frames: 0
0 x 0: files left open behind 50 frames: more than one a frame
TEXT
