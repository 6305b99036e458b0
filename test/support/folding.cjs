/**
 * Preloaded into a Node: everything in FOLDING_FOLDER is found in any case and Unicode form, as on a volume of macOS.
 * Only the calls of node:fs that take one path and wait; `realpathSync.native` answers in the spelling it was asked in, as
 * Linux does.
 */
const fs = require('node:fs');
const path = require('node:path');

const top = process.env.FOLDING_FOLDER;
const { readdirSync, readlinkSync } = fs;
const plain = (name) => name.normalize('NFC').toLowerCase();

function stored(file) {
  if (typeof file !== 'string') return file;
  const held = /^(\/proc\/self\/fd\/\d+)\/(.+)$/.exec(file);
  const full = held === null ? path.resolve(file) : path.join(readlinkSync(held[1]), held[2]);
  if (!full.startsWith(`${top}/`)) return file;
  let found = top;
  for (const name of full.slice(top.length + 1).split('/')) {
    let names = [];
    try {
      names = readdirSync(found);
    } catch {}
    found = path.join(found, names.find((other) => plain(other) === plain(name)) ?? name);
  }
  return found;
}

const READS = [
  'statSync',
  'lstatSync',
  'existsSync',
  'openSync',
  'readFileSync',
  'readdirSync',
  'readlinkSync',
];
for (const name of [...READS, 'unlinkSync', 'rmSync', 'rmdirSync', 'mkdirSync']) {
  const call = fs[name];
  fs[name] = (file, ...rest) => call(stored(file), ...rest);
}
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  const [source, target] = [stored(from), stored(to)];
  // A rename to other capitals of the same name changes them.
  renameSync(source, source === target ? path.join(path.dirname(target), path.basename(to)) : target);
};
fs.realpathSync.native = (file) => {
  fs.statSync(file);
  return path.resolve(file);
};
require('node:module').syncBuiltinESMExports();
