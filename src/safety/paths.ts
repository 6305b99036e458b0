/**
 * Where a path really leads, and whether something is there.
 *
 * Owns: resolving links for paths that may not exist yet, and containment of real paths. Invariant: a path that
 * cannot be resolved for certain (a dangling or looping link, no access, `..` behind a missing folder, something below a file) has no
 * physical path. Does not: decide anything.
 */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../text/error-message.ts';

/**
 * The real path of the deepest ancestor of `file` (absolute) that exists, or of `file` itself, joined with the
 * rest; `..` is taken as the system takes it, behind links. Undefined where that is not certain. Never throws.
 */
export function physicalPath(file: string): string | undefined {
  const missing: string[] = [];
  for (let ancestor = file; ; ancestor = path.dirname(ancestor)) {
    try {
      return path.join(realpathSync.native(ancestor), ...missing);
    } catch (error) {
      const code = errorCode(error);
      // A dangling link is there although its target is not; below a plain file (ENOTDIR) nothing can be.
      if (code !== 'ENOENT' || exists(ancestor)) return undefined;
      const name = path.basename(ancestor);
      if (name === '..') return undefined;
      missing.unshift(name);
    }
  }
}

/** Where those of `folders` lead that are absolute and can be resolved. */
export function physicalPaths(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => (path.isAbsolute(folder) ? (physicalPath(folder) ?? []) : []));
}

/** True if `file` lies below `folder`; false if they are the same. Both real and absolute. */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

/** True if there is an entry of that name, also a dangling link, and where the answer is not to be had. */
export function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
