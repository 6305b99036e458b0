/** Which folder an index is of. Apart from the listing of its files: a search needs no more. */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { userHome } from '../../config/home.ts';
import { folderName, physicalPath } from '../../config/paths.ts';
import { gitFolders } from '../../system/git-folders.ts';

/**
 * The top of the git repository around `cwd`, else `cwd` itself; without symlinks. A home folder that is a repository
 * for its settings is not the project of the folders in it.
 */
export function repositoryRoot(cwd: string): string {
  const start = folderName(realpathSync(cwd));
  const user = userHome(process.env);
  const home = user === undefined ? undefined : physicalPath(user);
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (gitFolders(folder) !== undefined) return folder;
    const above = path.dirname(folder);
    if (above === folder || above === home) return start;
  }
}
