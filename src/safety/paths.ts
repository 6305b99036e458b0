/**
 * Real paths, even of files that do not exist yet. A path that cannot be resolved with certainty (a dangling or looping
 * link, no access, `..` after a missing folder, something below a file) has none.
 */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../text/error-message.ts';

/**
 * The real path of the deepest ancestor of `file` (absolute) that exists, or of `file` itself, joined with the
 * rest; `..` is resolved as the system does, after links. Undefined if that is not certain. Never throws.
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

/** True if `file` is below `folder`; false if they are the same. Both real and absolute. */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

/** True if there is an entry of that name, even a dangling link, and if that cannot be found out. */
export function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
