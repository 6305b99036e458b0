/** Which folders git takes for a repository although they have another name than `.git`: `project.git`, a separate git folder. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { isInside } from '../config/paths.ts';

/** What of them git looks for. `commondir`: the folder of a linked worktree, whose objects are elsewhere. */
export const SHAPE_NAMES: ReadonlySet<string> = new Set(['HEAD', 'objects', 'refs', 'commondir']);

/** True if git would obey a folder in which these are. */
export function isRepositoryShape(has: (name: string) => boolean): boolean {
  return has('HEAD') && ((has('objects') && has('refs')) || has('commondir'));
}

/** True if `file`, or a folder between it and `root`, is such a repository. All absolute. @throws the error of the system */
export function isInBareRepository(file: string, root: string): boolean {
  const isThere = (name: string) => lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  for (let folder = file; isInside(root, folder); folder = path.dirname(folder)) {
    if (isRepositoryShape((name) => isThere(path.join(folder, name)))) return true;
  }
  return false;
}
