#!/usr/bin/env node
/**
 * The bin: checks the Node version, turns on the compile cache, and imports the rest.
 *
 * Must parse on every Node that knows ES modules, and imports nothing before the version is checked.
 */
declare const process: NodeJS.Process;

/** The index needs SQLite's FTS5, which node:sqlite has from 22.16 and 24.0 on. No Node 23 has it. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 16);
}

if (!isSupported(process.versions.node)) {
  process.stderr.write(
    `oagent needs Node.js 22.16 or later (but not 23); this is ${process.versions.node}. Run it with Node.js 24, for example.\n`,
  );
  process.exitCode = 2;
} else {
  // The cache saves compiling our own code on every start but the first; an unwritable folder costs nothing. It is in the
  // user's own folder, because anybody who can write to it can run code as them: never below a relative path, which is in
  // whatever project oagent is started in.
  import('node:module').then(async ({ enableCompileCache, getCompileCacheDir }) => {
    const { OAGENT_HOME = '', HOME = '' } = process.env;
    const home = OAGENT_HOME.trim() || `${HOME}/.oagent`;
    // Somebody may have turned it on elsewhere.
    if (getCompileCacheDir() === undefined && home.startsWith('/') && home !== '/.oagent') {
      const { compileCache } = await import('./config/private-home.ts');
      const folder = compileCache(home, HOME || undefined);
      if (folder !== undefined) enableCompileCache(folder);
    }
    return import('./cli/run.ts').then(({ run }) => run(process.argv.slice(2)));
  });
}
