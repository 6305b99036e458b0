import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../text/error-message.ts';

const MODE = { mode: 0o700 };

/**
 * Creates a folder and those above it, for the user alone.
 *
 * @throws a system error. Node calls it ENOENT where the disk is read-only; this says what is the matter.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { ...MODE, recursive: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    let missing = folder;
    while (missing !== path.dirname(missing) && !existsSync(path.dirname(missing)))
      missing = path.dirname(missing);
    mkdirSync(missing, MODE);
    throw error;
  }
}
