#!/usr/bin/env bash
# Node.js 24.21.0 (libuv) on Linux.
# More changes in a watched folder than the queue of inotify holds, before the event loop goes round: `fs.watch` reports exactly as many as
# the queue holds. The kernel says that it was full; libuv drops that report, so no event, error or missing name tells that there was more.
# Whoever needs to know can only count.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > look.mjs <<'JS'
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';

const holds = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
mkdirSync('watched');
let events = 0;
let errors = 0;
let nameless = 0;
const watcher = watch('watched', (_, name) => {
  events += 1;
  nameless += name === null ? 1 : 0;
});
watcher.on('error', () => {
  errors += 1;
});
// Each file that is made is one event at least.
for (let at = 0; at < holds + 1_000; at += 1) writeFileSync(`watched/${at}`, '');
setTimeout(() => {
  console.log(events === holds ? 'events: as many as the queue holds' : `events: ${events} of ${holds}`);
  console.log(`errors: ${errors}, without a name: ${nameless}`);
  watcher.close();
}, 2_000);
JS
cat > expected <<'TEXT'
events: as many as the queue holds
errors: 0, without a name: 0
TEXT
node look.mjs | tee seen
diff expected seen && echo 'as found'
