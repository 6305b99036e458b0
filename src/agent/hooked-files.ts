/**
 * The texts of files that a patch has changed, for what a hook has made of them.
 *
 * Other programs write there meanwhile: no link is followed, and nothing but a regular file of moderate size is read.
 */
import { closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { realPath } from '../config/paths.ts';
import { decodeText } from '../text/decode.ts';
import { openRegular } from '../text/regular-file.ts';

const MOST_BYTES = 2 ** 20;

/** By path (absolute); without those that cannot be read. */
export function textsOf(files: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = textOf(file);
    if (text !== undefined) texts.set(file, text);
  }
  return texts;
}

function textOf(file: string): string | undefined {
  try {
    // A folder on the way may have become a link as well.
    if (realPath(path.dirname(file)) !== path.dirname(file)) return undefined;
    const { descriptor, stats } = openRegular(file, { isLinkFollowed: false });
    try {
      if (stats.size > MOST_BYTES) return undefined;
      const decoded = decodeText(readFileSync(descriptor));
      return decoded.ok ? decoded.text : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
