/**
 * For NODE_OPTIONS=--require: writes the files of the build that were loaded before a text was written, to a terminal or
 * to a server, to the file that MODULES_FILE names. MODULES_BEFORE is the text.
 */
const { writeFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { Socket } = require('node:net');

const { MODULES_FILE: file, MODULES_BEFORE: text } = process.env;
const loaded = [];
registerHooks({
  load(url, context, next) {
    if (url.includes('/dist/')) loaded.push(url.slice(url.lastIndexOf('/') + 1));
    return next(url, context);
  },
});
const write = Socket.prototype._writeGeneric;
Socket.prototype._writeGeneric = function (...args) {
  const pieces = [args[1]].flat().map((piece) => String(piece.chunk ?? piece));
  if (file && pieces.join('').includes(text)) {
    Socket.prototype._writeGeneric = write;
    writeFileSync(file, JSON.stringify(loaded));
  }
  return write.apply(this, args);
};
