/**
 * For NODE_OPTIONS=--require: writes the files of the build that were loaded before the first picture to the file
 * that MODULES_FILE names.
 */
const { writeFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { Socket } = require('node:net');

const file = process.env.MODULES_FILE;
const loaded = [];
registerHooks({
  load(url, context, next) {
    if (url.includes('/dist/')) loaded.push(url.slice(url.lastIndexOf('/') + 1));
    return next(url, context);
  },
});
const write = Socket.prototype._writeGeneric;
Socket.prototype._writeGeneric = function (...args) {
  if (String(args[1]).includes('Ask oagent') && file) {
    Socket.prototype._writeGeneric = write;
    writeFileSync(file, JSON.stringify(loaded));
  }
  return write.apply(this, args);
};
