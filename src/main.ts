#!/usr/bin/env node
/**
 * The bin: checks the Node version, turns the compile cache on, and imports the rest.
 *
 * Invariants: parses on every Node that knows ES modules, and imports nothing before the version is known good.
 */
declare const process: NodeJS.Process;

const NEEDED = [22, 13] as const;

function isOldNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}

if (isOldNode(process.versions.node)) {
  process.stderr.write(
    `oagent needs Node.js ${NEEDED.join('.')} or later, this is ${process.versions.node}. Run it with a newer one.\n`,
  );
  process.exitCode = 2;
} else {
  // The cache saves the compilation of our own code on every start but the first; a folder that cannot be written
  // costs nothing. It belongs to the user, since whoever can write it can run code as them.
  import('node:module').then(({ enableCompileCache }) => {
    const home =
      process.env.OAGENT_HOME ?? (process.env.HOME === undefined ? undefined : `${process.env.HOME}/.oagent`);
    if (home !== undefined) enableCompileCache(`${home}/cache/compile`);
    return import('./cli/run.ts').then(({ run }) => run(process.argv.slice(2)));
  });
}
