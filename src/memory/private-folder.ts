/** Work below the folder of memories, in folders that are held open: no link on the way is followed. */
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import { realPath } from '../config/paths.ts';
import { HeldFolder } from '../system/held-folder.ts';
import { errorCode } from '../text/error-message.ts';
import type { MemoryFolder } from './folder.ts';

/**
 * @param work gets the folder of memories, which is made if it is missing. Only oagent's own folder, above it, may lie behind a link.
 * @throws a system error; MovedError where a link is in the place of a folder.
 */
export function inMemoryFolder<T>({ root }: Pick<MemoryFolder, 'root'>, work: (folder: HeldFolder) => T): T {
  const above = path.dirname(root);
  makeFolder(above);
  const home = HeldFolder.open(realPath(above));
  try {
    return inPrivateFolder(home, path.basename(root), work);
  } finally {
    home.close();
  }
}

/** Works in a folder for its owner alone, which is made if it is missing. */
export function inPrivateFolder<T>(above: HeldFolder, name: string, work: (folder: HeldFolder) => T): T {
  try {
    above.makeFolder(name, 0o700);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const folder = above.folder(name);
  try {
    folder.chmod(0o700);
    return work(folder);
  } finally {
    folder.close();
  }
}
