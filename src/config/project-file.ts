/**
 * Reads the file with which a folder of a project configures oagent, and computes the hash that ties trust to its
 * content. Anything else at that path (a pipe, a folder, a huge file) is not read; the hash is computed from the very
 * bytes that are used.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { errorMessage } from '../text/error-message.ts';
import { readWhole } from '../text/regular-file.ts';
import { printable } from './errors.ts';

/** Used instead of a hash if there is no such file. */
const NO_CONFIG = 'none';

const SIZE_LIMIT = 2 ** 20;

export const projectFile = (folder: string): string => path.join(folder, '.oagent', 'config.toml');

/** SHA-256 in hexadecimal, as `sha256sum` prints it. */
export function contentHash(bytes: Uint8Array): string {
  // An import of node:crypto would cost 6 ms at every start.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}

/** The `config_sha256` for the content that the folder (absolute) has now. Never throws. */
export function projectHash(folder: string): string {
  const file = projectFile(folder);
  const bytes = isEntry(file) ? readRegularFile(file) : '';
  return typeof bytes === 'string' ? NO_CONFIG : contentHash(bytes);
}

/** True if anything has that name, even a dangling link. */
export function isEntry(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** The bytes of a regular file of at most 1 MiB, or the reason why it was not read. */
export function readRegularFile(file: string): Buffer | string {
  try {
    return readWhole(file, SIZE_LIMIT);
  } catch (error) {
    const reason = errorMessage(error);
    return reason.startsWith('it is ') ? reason : `it cannot be read: ${printable(reason)}`;
  }
}
