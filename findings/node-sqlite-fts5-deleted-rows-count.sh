#!/usr/bin/env bash
# Node.js 24.21.0, `node:sqlite`, an FTS5 table with `content=''` and `contentless_delete=1`.
# A deleted row is no longer found, but stays in the totals (rows, words) by which bm25() weighs: after each row has been
# replaced once, the same rows have other scores and another order than in a table that was filled once. Without
# `contentless_delete`, rows that are taken out with FTS5's own 'delete' command and their old words leave nothing behind.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node@24.21.0

cat > look.mjs <<'JS'
import { DatabaseSync } from 'node:sqlite';

const ROWS = Array.from({ length: 100 }, (_, row) => row + 1);
const textOf = (seed) => Array.from({ length: 5 + (seed % 7) }, (_, at) => `w${(seed * 7 + at * at) % 40}`).join(' ');

function table(options) {
  const db = new DatabaseSync(':memory:');
  db.exec(`CREATE VIRTUAL TABLE words USING fts5(path, body, content=''${options})`);
  return db;
}
const insert = (db, row, text) => db.prepare('INSERT INTO words(rowid, path, body) VALUES (?, ?, ?)').run(row, `p${text.length % 3}`, text);
const best = (db) =>
  db
    .prepare(`SELECT rowid, rank FROM words WHERE words MATCH '"w1" OR "w9" OR "p1"' ORDER BY rank LIMIT 5`)
    .all()
    .map(({ rowid, rank }) => `${rowid} (${rank.toFixed(3)})`)
    .join(', ');

function filled(options) {
  const db = table(options);
  for (const row of ROWS) insert(db, row, textOf(row + 500));
  return best(db);
}
function replaced(options, drop) {
  const db = table(options);
  for (const row of ROWS) insert(db, row, textOf(row));
  for (const row of ROWS) {
    drop(db, row);
    insert(db, row, textOf(row + 500));
  }
  return best(db);
}
const byRow = (db, row) => db.prepare('DELETE FROM words WHERE rowid = ?').run(row);
const byWords = (db, row) =>
  db.prepare("INSERT INTO words(words, rowid, path, body) VALUES ('delete', ?, ?, ?)").run(row, `p${textOf(row).length % 3}`, textOf(row));

console.log(`contentless_delete, filled once:   ${filled(', contentless_delete=1')}`);
console.log(`contentless_delete, replaced once: ${replaced(', contentless_delete=1', byRow)}`);
console.log(`'delete' with the words, replaced: ${replaced('', byWords)}`);
JS
node_modules/.bin/node look.mjs | tee seen
diff seen - <<'TEXT' && echo 'as found'
contentless_delete, filled once:   100 (-3.877), 60 (-3.469), 15 (-3.412), 20 (-3.139), 55 (-3.139)
contentless_delete, replaced once: 100 (-5.928), 15 (-5.822), 60 (-5.304), 20 (-4.799), 55 (-4.799)
'delete' with the words, replaced: 100 (-3.877), 60 (-3.469), 15 (-3.412), 20 (-3.139), 55 (-3.139)
TEXT
