/**
 * Builds the patch that a search-and-replace or write-file call means.
 *
 * Models trained on other agents send `{path, old_string, new_string}` or `{path, content}` to whatever edits files.
 * The patch says exactly what the call said. If a patch cannot say it (replace all occurrences, an empty text to
 * search for), there is none, and validation tells the model what is wanted. Whether the old lines exist is for the
 * patch tool to check.
 */
import type { JsonObject } from '../../protocol.ts';
import { foldName } from './names.ts';

const PATH_KEYS = ['path', 'filepath', 'file', 'filename', 'pathtofile'];
const OLD_KEYS = ['oldstr', 'oldstring', 'oldtext'];
const NEW_KEYS = ['newstr', 'newstring', 'newtext'];
const CONTENT_KEYS = ['content', 'contents', 'filetext'];

/** A complete apply_patch text for the call's arguments, or null if they do not edit a file. */
export function patchOfEdit(args: JsonObject): string | null {
  const path = stringOf(args, PATH_KEYS);
  const content = stringOf(args, CONTENT_KEYS);
  if (content?.trimStart().startsWith('*** Begin Patch')) return content;
  if (path === undefined || path.trim() === '' || /[\r\n]/.test(path)) return null;
  const before = stringOf(args, OLD_KEYS);
  const after = stringOf(args, NEW_KEYS);
  if (before !== undefined && after !== undefined) {
    if (before === '' || isTrue(args.replace_all)) return null;
    const hunk = ['@@', ...prefixLines('-', before), ...prefixLines('+', after)];
    return patch([`*** Update File: ${path}`, ...hunk]);
  }
  if (before !== undefined || after !== undefined || content === undefined) return null;
  return patch([`*** Add File: ${path}`, ...prefixLines('+', content)]);
}

function patch(lines: readonly string[]): string {
  return ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
}

/** A line break at the end of `text` ends its last line; it does not begin another. */
function prefixLines(prefix: string, text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
  return lines.split('\n').map((line) => prefix + line);
}

function stringOf(args: JsonObject, keys: readonly string[]): string | undefined {
  for (const [key, value] of Object.entries(args)) {
    if (typeof value === 'string' && keys.includes(foldName(key))) return value;
  }
  return undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}
