/**
 * Whether a command name means the system's program: a folder of the project on PATH (`.`, `node_modules/.bin`, an
 * empty entry) could contain a file of the same name, which the model may even have edited.
 */
import path from 'node:path';
import { exists, holds, physicalPath } from '../config/paths.ts';
import { isExecutable } from '../system/find-program.ts';

/**
 * True unless bash, looking for `name` along `searchPath`, comes to a relative folder, or to a file of that name at or
 * below one of `untrusted` (real, absolute paths), before it finds the program elsewhere. Never throws.
 */
export function isSystemProgram(
  name: string,
  searchPath: string | undefined,
  untrusted: readonly string[],
): boolean {
  if (searchPath === undefined) return true;
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) return false;
    const real = physicalPath(folder);
    if (real === undefined) continue;
    const file = path.join(real, name);
    if (untrusted.some((root) => holds(root, real))) {
      if (exists(file)) return false;
    } else if (isExecutable(file)) {
      return true;
    }
  }
  return true;
}
