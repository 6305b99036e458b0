/**
 * How far a hook of the user's own is free of what the model and its commands can write.
 *
 * Its text is the user's; what it names may not be. Outside the sandbox it begins in the home folder, with no folder of a project on
 * PATH, so only a path or a variable in its text can lead it to such a file, and then it stays inside.
 */
import path from 'node:path';
import { userHome } from '../../config/home.ts';
import { exists, holds, physicalPath } from '../../config/paths.ts';
import type { Permissions } from '../../safety/permissions.ts';
import { type Reached, reach } from '../../safety/reach.ts';
import { isSystemProgram } from '../../safety/search-path.ts';
import { unsafeFolders } from '../../system/find-program.ts';

interface LeavingPlace {
  readonly cwd: string;
  readonly permissions: Pick<Permissions, 'writableRoots'>;
  readonly env: NodeJS.ProcessEnv;
}

/** Whether it may run outside the sandbox; it then begins in the home folder. */
export function mayLeave(command: string, place: LeavingPlace): boolean {
  const home = userHome(place.env);
  return home !== undefined && !leadsToWorkspace(command, home, place);
}

/** They do not do what files in the folder say in which they begin. */
const BLIND = new Set([
  ...[
    '[',
    '[[',
    ':',
    'basename',
    'cat',
    'cd',
    'cut',
    'date',
    'dirname',
    'echo',
    'egrep',
    'exit',
    'expr',
    'false',
  ],
  ...['fgrep', 'grep', 'head', 'jq', 'printf', 'read', 'sed', 'sleep', 'sort', 'tail', 'test', 'tr', 'true'],
  ...['uniq', 'wc'],
]);
/** Nor do these, if they are given the whole path of a script. */
const INTERPRETERS = /^(?:bash|sh|dash|zsh|node|bun|deno|perl|ruby|python[\d.]*)$/;

/** Whether its word can allow something: nothing that runs in it can have been written by a command, nor does as such a file says. */
export function isOwnWord(command: string, place: LeavingPlace): boolean {
  const { cwd, permissions, env } = place;
  const home = userHome(env);
  if (home === undefined) return false;
  if ([home, cwd].some((folder) => leadsToWorkspace(command, folder, place))) return false;
  const { commands, isObscure } = reach(withHome(command, home));
  const unsafe = unsafeFolders(cwd, env, permissions.writableRoots);
  return !isObscure && commands.every((one) => isBlind(one, env.PATH, unsafe));
}

function isBlind(
  { words, start }: Reached,
  searchPath: string | undefined,
  unsafe: readonly string[],
): boolean {
  const [name = '', first = ''] = words.slice(start).map(({ text }) => text);
  if (name.includes('/')) return path.isAbsolute(name);
  if (!isSystemProgram(name, searchPath, unsafe)) return false;
  return BLIND.has(name) || (INTERPRETERS.test(name) && path.isAbsolute(first));
}

/** @param from where its relative paths begin. */
function leadsToWorkspace(command: string, from: string, { cwd, permissions, env }: LeavingPlace): boolean {
  if (/PROJECT_DIR|\bPWD\b/.test(command)) return true;
  const unsafe = unsafeFolders(cwd, env, permissions.writableRoots);
  const words = withHome(command, userHome(env) ?? '/').split(/[\s"'`;|&<>(){}=:,]+/);
  return words.some((word) => {
    if (word === '' || word.startsWith('-')) return false;
    // It may stand for any of many.
    if (word.includes('/') && /[*?[]/.test(word)) return true;
    // A bare word is the name of a program, unless there is such a file.
    const named = path.resolve(from, word);
    const isPath = /[/*?[]/.test(word) || /^\.+$/.test(word) || exists(named);
    const real = physicalPath(named);
    return isPath && (real === undefined || unsafe.some((folder) => holds(folder, real)));
  });
}

/** With the home folder written out where the shell would do that. */
function withHome(command: string, home: string): string {
  return command
    .replace(/(?<=^|[\s;&|<>(])~(?=\/)/g, () => home)
    .replace(/\$(?:HOME(?!\w)|\{HOME\})/g, () => home);
}
