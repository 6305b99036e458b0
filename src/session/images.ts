/** Image files for the model, read and checked before any request. */

import { statSync } from 'node:fs';
import { fileProblem } from '../text/file-problem.ts';
import { imageProblem } from '../text/image-problem.ts';
import { readWhole } from '../text/regular-file.ts';
import { findLookAlike } from '../tools/look-alike.ts';

const MAX_BYTES = 50 * 1024 * 1024;

/**
 * @param wanted absolute; the one existing file whose name looks the same will do.
 * @param say is called with a line for the user in that case.
 * @returns base64.
 * @throws Error with one line that names the file and what is wrong with it.
 */
export function readImage(wanted: string, say: (line: string) => void): string {
  const alike = findLookAlike(wanted);
  if (alike !== undefined) say(alike.note);
  const file = alike?.path ?? wanted;
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > MAX_BYTES) throw new Error(`it has ${stat.size} bytes, more than 50 MiB`);
    bytes = readWhole(file, MAX_BYTES);
  } catch (error) {
    throw new Error(`cannot read the image ${file}: ${fileProblem(error)}`);
  }
  const problem = imageProblem(bytes);
  if (problem !== undefined) throw new Error(`${file} ${problem}`);
  return bytes.toString('base64');
}
