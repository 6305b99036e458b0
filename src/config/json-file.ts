/** Reads a file of JSON that others may have written. */
import { decodeText } from '../text/decode.ts';
import { errorMessage } from '../text/error-message.ts';
import { isOurs } from './owner.ts';
import { readRegularFile } from './project-file.ts';

export type ReadJson = { readonly value: unknown } | { readonly problem: string };

/** Never throws. @returns its value, or why there is none, in words that are not escaped for a terminal. */
export function readJsonFile(file: string): ReadJson {
  const bytes = readRegularFile(file);
  if (typeof bytes === 'string') return { problem: bytes };
  const decoded = decodeText(bytes);
  if (!decoded.ok) return { problem: `${decoded.problem}. Save it as UTF-8` };
  try {
    return { value: JSON.parse(decoded.text) };
  } catch (error) {
    return { problem: `it is not JSON: ${errorMessage(error)}` };
  }
}

/** Of a project: one that belongs to another user is not opened. @param cwd the session's folder. */
export function readProjectJson(file: string, cwd: string): ReadJson {
  return isOurs(file, cwd) ? readJsonFile(file) : { problem: 'it belongs to another user' };
}
