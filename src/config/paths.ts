/**
 * Which file or folder a path means. Nothing else decides that: trust, sandbox, sessions and index all ask here.
 *
 * A path that cannot be resolved with certainty (a dangling or looping link, no access, `..` after a missing folder,
 * something below a file) has no physical path. Nothing here throws.
 */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../text/error-message.ts';

/**
 * The real path of the deepest ancestor of `file` (absolute) that exists, or of `file` itself, joined with the
 * rest; `..` is resolved as the system does, after links. Undefined if that is not certain.
 */
export function physicalPath(file: string): string | undefined {
  const missing: string[] = [];
  for (let ancestor = file; ; ancestor = path.dirname(ancestor)) {
    try {
      return path.join(realpathSync.native(ancestor), ...missing);
    } catch (error) {
      const code = errorCode(error);
      // A dangling link exists although its target does not; nothing can be below a plain file (ENOTDIR).
      if (code !== 'ENOENT' || exists(ancestor)) return undefined;
      const name = path.basename(ancestor);
      if (name === '..') return undefined;
      missing.unshift(name);
    }
  }
}

/** The real paths of those `folders` that are absolute and can be resolved. */
export function physicalPaths(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => (path.isAbsolute(folder) ? (physicalPath(folder) ?? []) : []));
}

/** The physical path; a path that has none is returned as an absolute one. */
export function realPath(file: string): string {
  const absolute = path.isAbsolute(file) ? file : path.resolve(file);
  return physicalPath(absolute) ?? path.resolve(file);
}

/**
 * A folder under the one name by which everything knows it: its real path, in the capitals and the Unicode form that it
 * has on the disk, because on a volume that folds case every spelling of it can be opened.
 */
export function folderName(folder: string): string {
  const { root, dir, base } = path.parse(realPath(folder));
  const names = path.join(dir, base).slice(root.length).split(path.sep);
  return names.reduce((above, name) => path.join(above, storedName(above, name)), root);
}

/** True for two names of one folder. */
export function isSameFolder(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [realPath(one), realPath(other)];
  return a === b || (folded(a) === folded(b) && folderName(a) === folderName(b));
}

/** True if `file` is `folder` or is below it. Both real and absolute. */
export function holds(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

/** True if `file` is below `folder`; false if they are the same. Both real and absolute. */
export function isInside(folder: string, file: string): boolean {
  return path.relative(folder, file) !== '' && holds(folder, file);
}

/** True if there is an entry of that name, even a dangling link, and if that cannot be found out. */
export function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** True for a folder, or a link to one. @throws the error of the system if that cannot be found out. */
export function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What is there, links followed; undefined if there is nothing, or that cannot be found out. */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The name of an entry as its folder lists it. Only a folder that answers to another spelling is listed. */
function storedName(folder: string, name: string): string {
  const spellings = [swapCase(name), name.normalize('NFD'), name.normalize('NFC')];
  if (!spellings.some((other) => other !== name && isSameEntry(folder, name, other))) return name;
  const names = entries(folder);
  if (names.includes(name)) return name;
  return names.find((other) => folded(other) === folded(name)) ?? name;
}

function isSameEntry(folder: string, one: string, other: string): boolean {
  try {
    const found = statSync(path.join(folder, other), { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return false;
    const { dev, ino } = statSync(path.join(folder, one), { bigint: true });
    return found.dev === dev && found.ino === ino;
  } catch {
    return false;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The same for all spellings that a volume may take for one name. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase();

const swapCase = (name: string): string =>
  name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
