/**
 * Preloaded into a child process: below FOLDING_ROOT a name is found whatever its capitals, as on the usual volumes of macOS and
 * Windows, and keeps those that it was created with.
 */
const fs = require('node:fs');
const path = require('node:path');

const root = process.env.FOLDING_ROOT;
const { readdirSync } = fs;

function stored(given) {
  if (typeof given !== 'string' || !path.resolve(given).startsWith(`${root}/`)) return given;
  return path
    .relative(root, path.resolve(given))
    .split('/')
    .reduce((folder, part) => {
      let names = [];
      try {
        names = readdirSync(folder);
      } catch {}
      return path.join(folder, names.find((name) => name.toLowerCase() === part.toLowerCase()) ?? part);
    }, root);
}

/** The first `count` arguments of these functions are paths. */
const PATHS = {
  lstatSync: 1,
  openSync: 1,
  unlinkSync: 1,
  readlinkSync: 1,
  rmSync: 1,
  existsSync: 1,
  mkdirSync: 1,
  statSync: 1,
};
for (const [name, count] of Object.entries(PATHS)) {
  const real = fs[name];
  fs[name] = (...args) => real(...args.map((value, at) => (at < count ? stored(value) : value)));
}
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  const [source, target] = [stored(from), stored(to)];
  // A rename to other capitals of the same name changes them.
  rename(source, source === target ? path.join(path.dirname(target), path.basename(to)) : target);
};
const native = fs.realpathSync.native;
fs.realpathSync.native = (given) => native(stored(given));
require('node:module').syncBuiltinESMExports();
