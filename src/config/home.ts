/** Where the user's home and oagent's own folder are: an absolute path, or none. Nothing here throws. */
import os from 'node:os';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * `$HOME`, otherwise what the system says of the user; undefined: there is none. In a container a user may have only a
 * number, and a service no HOME; a relative HOME would be a folder of whatever project oagent is started in.
 */
export function userHome(env: Env): string | undefined {
  if (env.HOME !== undefined && path.isAbsolute(env.HOME)) return env.HOME;
  try {
    const { homedir } = os.userInfo();
    return path.isAbsolute(homedir) ? homedir : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The folder for oagent's own files; it may not exist. `$OAGENT_HOME` (a relative one starts at the working directory),
 * otherwise `~/.oagent`. A blank variable counts as unset.
 */
export function oagentHome(env: Env = process.env): string | undefined {
  const configured = env.OAGENT_HOME?.trim();
  if (configured) return path.resolve(configured);
  const home = userHome(env);
  return home === undefined ? undefined : path.join(home, '.oagent');
}

/** What the user should know about `oagentHome`; undefined: nothing. */
export function homeNotice(env: Env): string | undefined {
  const home = oagentHome(env);
  if (home === undefined) return `${NO_HOME}, so nothing of this session is kept`;
  if (env.OAGENT_HOME?.trim() || env.HOME === undefined || path.isAbsolute(env.HOME)) return undefined;
  return `HOME is not an absolute path, so oagent keeps its own files in ${home}. Set OAGENT_HOME to keep them elsewhere`;
}

export const NO_HOME = "there is no home folder for oagent's own files (set OAGENT_HOME to one)";
