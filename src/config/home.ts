import os from 'node:os';
import path from 'node:path';

/**
 * The folder for oagent's own files, always absolute; it may not exist. `$OAGENT_HOME` (a relative one starts at the
 * working directory), otherwise `~/.oagent`. A blank variable counts as unset.
 */
export function oagentHome(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env.OAGENT_HOME?.trim();
  return configured ? path.resolve(configured) : path.join(os.homedir(), '.oagent');
}
