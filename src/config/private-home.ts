/**
 * oagent's own folder is for its user alone before anything is written into it, whatever the umask: it holds conversations, rules that
 * decide what may run, and compiled code.
 */
import { chmodSync, rmSync, type Stats } from 'node:fs';
import path from 'node:path';
import { makeFolder } from './make-folder.ts';
import { holds, statOf } from './paths.ts';

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Makes the folder (absolute) if it is missing, and takes the rights of others from it. One that is plainly not oagent's alone (the user's home,
 * a shared folder) keeps its rights. Never throws: what cannot be made or changed fails where it is used.
 *
 * @param userHome the user's home, if it is known.
 * @returns what the user should know.
 */
export function privateHome(home: string, userHome: string | undefined): string | undefined {
  const stat = statOf(home) ?? makePrivate(home);
  const own = process.getuid?.();
  if (stat === undefined || own === undefined || !stat.isDirectory()) return undefined;
  if (stat.uid !== own) {
    return (
      `oagent's own folder ${home} belongs to another user (uid ${stat.uid}), who can read your sessions and decide what may run. ` +
      'Set OAGENT_HOME to a folder of your own, or make this one yours with chown'
    );
  }
  if ((stat.mode & OTHERS) === 0) return undefined;
  const isShared = (stat.mode & STICKY) !== 0 || (userHome !== undefined && holds(home, userHome));
  if (!isShared && withoutOthers(home, stat)) return undefined;
  return `other users can reach oagent's own folder ${home}. Set OAGENT_HOME to a folder for oagent alone`;
}

/**
 * The folder for compiled code below `home`, private; undefined where there can be none. What others could write to is thrown away first:
 * whoever writes compiled code runs it as the user.
 */
export function compileCache(home: string, userHome: string | undefined): string | undefined {
  privateHome(home, userHome);
  const stat = statOf(home);
  if (stat === undefined || stat.uid !== process.getuid?.()) return undefined;
  const cache = path.join(home, 'cache');
  const folder = path.join(cache, 'compile');
  for (const place of [cache, folder]) {
    const stat = statOf(place);
    const isTheirs =
      stat !== undefined && (stat.uid !== process.getuid?.() || (stat.mode & OTHERS_WRITE) !== 0);
    if (isTheirs && !removed(folder)) return undefined;
    if (isTheirs && stat !== undefined && place === cache && !withoutOthers(cache, stat)) return undefined;
  }
  return makePrivate(folder) === undefined ? undefined : folder;
}

function makePrivate(folder: string): Stats | undefined {
  try {
    makeFolder(folder);
  } catch {
    // A read-only disk, or no right to it.
  }
  return statOf(folder);
}

function withoutOthers(folder: string, { mode }: Stats): boolean {
  try {
    chmodSync(folder, mode & 0o7700);
    return true;
  } catch {
    return false;
  }
}

function removed(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}
