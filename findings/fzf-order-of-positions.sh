#!/usr/bin/env bash
# fzf 0.5.2 (the finder for JavaScript).
# `positions` of a result is a Set of the matched characters. The order in which it gives them depends on how they were found:
# the default algorithm gives the last one first; `fuzzy: 'v1'`, exact, prefix and suffix terms the first one first. A query of
# extendedMatch with terms of both kinds has both orders in one Set. Whoever marks ranges while iterating it gets them wrong
# for some queries only; sort first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts fzf@0.5.2

cat > look.mjs <<'JS'
import { extendedMatch, Fzf } from 'fzf';

const order = (query, options) => [...new Fzf(['a big cat'], options).find(query)[0].positions].join(' ');
const extended = { match: extendedMatch };
console.log(`big, as it comes:          ${order('big')}`);
console.log(`big, fuzzy v2:             ${order('big', { fuzzy: 'v2' })}`);
console.log(`big, fuzzy v1:             ${order('big', { fuzzy: 'v1' })}`);
console.log(`big, not fuzzy:            ${order('big', { fuzzy: false })}`);
console.log(`'big, extended:            ${order("'big", extended)}`);
console.log(`^a, extended:              ${order('^a', extended)}`);
console.log(`cat$, extended:            ${order('cat$', extended)}`);
console.log(`big cat$, extended, mixed: ${order('big cat$', extended)}`);
JS
cat > expected <<'TEXT'
big, as it comes:          4 3 2
big, fuzzy v2:             4 3 2
big, fuzzy v1:             2 3 4
big, not fuzzy:            2 3 4
'big, extended:            2 3 4
^a, extended:              0
cat$, extended:            6 7 8
big cat$, extended, mixed: 4 3 2 6 7 8
TEXT
echo 'fzf 0.5.2, matched positions in "a big cat":'
node look.mjs | tee seen
diff expected seen && echo 'as found'
