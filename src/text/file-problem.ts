/**
 * What is wrong with a file that a user names, in words: the system's own (`ENOENT: no such file or directory, stat …`) say neither what to do
 * nor, in a sentence that names the file already, anything new.
 */
import { errorCode, errorMessage } from './error-message.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file. Check its name and its folder'],
  ['ENOTDIR', 'a part of its path is a file and no folder. Check its name'],
  ['EISDIR', 'it is a folder. Name a file'],
  ['EACCES', 'you have no permission for it. Change its permissions, or name another file'],
  ['EROFS', 'its disk cannot be written to. Name another file'],
  ['ENOSPC', 'its disk is full. Make room, or name a file on another disk'],
]);

/** For behind the name of the file; any other error says it in its own words. Not sanitised. */
export function fileProblem(error: unknown): string {
  return WORDS.get(errorCode(error) ?? '') ?? errorMessage(error);
}
