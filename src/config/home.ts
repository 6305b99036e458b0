/**
 * Where oagent keeps its own files.
 *
 * Owns: the rule for the home folder. Invariant: the answer is always an absolute path.
 * Does not: create the folder, or look whether it exists.
 */
import os from 'node:os';
import path from 'node:path';

/** `$OAGENT_HOME` (a relative one starts at the working directory), else `~/.oagent`. A blank variable counts as unset. */
export function oagentHome(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env.OAGENT_HOME?.trim();
  return configured ? path.resolve(configured) : path.join(os.homedir(), '.oagent');
}
