import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../text/error-message.ts';
import { isFolder } from './paths.ts';

/**
 * Creates a folder and those above it, for the user alone.
 *
 * By hand, because Node calls it ENOENT where the disk is read-only, and tries forever where the system says ENOENT of a
 * folder that is there, as in /proc.
 *
 * @throws a system error.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && isFolder(folder)) return;
    const above = path.dirname(folder);
    if (code !== 'ENOENT' || above === folder || isFolder(above)) throw error;
    makeFolder(above);
    makeFolder(folder);
  }
}
