/**
 * The files of the workspace as the led profile sees them: the listing, and the text of one file. Both are bounded.
 *
 * Not listed: what .gitignore excludes (with or without git), hidden files, and names that do not fit on a line. Only
 * regular files are read, and links are not followed.
 */
import path from 'node:path';
import { holds, realPath } from '../../config/paths.ts';
import { timeLimit } from '../../system/within.ts';
import { decodeText } from '../../text/decode.ts';
import { takeSnapshot } from '../../tools/apply-patch/files.ts';
import { ripgrepFiles } from '../../tools/ripgrep-files.ts';

const MOST_FILES = 5_000;
const LIST_MS = 3_000;
/** Control characters, the replacement of bytes that are not UTF-8, and blanks at the ends, which a patch drops. */
const UNNAMABLE = /[\p{Cc}\uFFFD]|^\s|\s$/u;
/** A longer file is too large to be shown or rewritten as a whole in any window. */
const MOST_BYTES = 256 * 1024;

/** Relative paths with `/`, sorted: those found within three seconds, none if they cannot be listed. */
export async function listFiles(cwd: string, signal: AbortSignal): Promise<string[]> {
  const limit = timeLimit(LIST_MS, signal);
  const files: string[] = [];
  try {
    for await (const names of ripgrepFiles(cwd, ['--no-hidden', '--sort=path'], limit)) {
      files.push(...names.filter((name) => !UNNAMABLE.test(name)));
      if (files.length >= MOST_FILES) break;
    }
  } catch {
    // Without a listing the model can still be asked.
  }
  signal.throwIfAborted();
  return files.slice(0, MOST_FILES);
}

/** The text of a file; undefined if it is missing, a link, a folder, binary, too long, or not in the workspace. */
export async function readText(cwd: string, file: string): Promise<string | undefined> {
  if (!holds(realPath(cwd), realPath(path.resolve(cwd, file)))) return undefined;
  const found = await takeSnapshot(path.resolve(cwd, file)).catch(() => undefined);
  if (found?.kind !== 'file' || found.bytes.length > MOST_BYTES) return undefined;
  const decoded = decodeText(found.bytes);
  return !decoded.ok || decoded.isLossy || decoded.text.includes('\0') ? undefined : decoded.text;
}
