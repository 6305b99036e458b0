/**
 * Builds the patch that a search-and-replace or write-file call means.
 *
 * Models trained on other agents send `{path, old_string, new_string}` or `{path, content}` to whatever edits files.
 * The patch says exactly what the call said. If a patch cannot say it (replace all occurrences, an empty text to
 * search for), there is none, and validation tells the model what is wanted. Whether the old lines exist is for the
 * patch tool to check.
 */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../json-object.ts';
import { foldName } from './names.ts';

const PATH_KEYS = ['path', 'filepath', 'file', 'filename', 'pathtofile'];
const OLD_KEYS = ['oldstr', 'oldstring', 'oldtext', 'search', 'oldcode', 'oldcontent'];
const NEW_KEYS = ['newstr', 'newstring', 'newtext', 'replace', 'newcode', 'newcontent', 'replacement'];
const CONTENT_KEYS = ['content', 'contents', 'filetext'];
const DIFF_KEYS = ['diff', 'patch', 'changes'];
const EDITS_KEYS = ['edits', 'replacements'];

const SEARCH_BLOCK = /^[<-]{5,9} ?SEARCH>?\s*$/m;

/** A complete apply_patch text for the call's arguments, or null if they do not edit a file. */
export function patchOfEdit(args: JsonObject): string | null {
  const path = stringOf(args, PATH_KEYS);
  const content = stringOf(args, CONTENT_KEYS);
  if (content?.trimStart().startsWith('*** Begin Patch')) return content;
  if (path === undefined || path.trim() === '' || /[\r\n]/.test(path)) return null;
  const edits = listOf(args, EDITS_KEYS);
  const diff = stringOf(args, DIFF_KEYS);
  if (edits !== undefined) return updateOf(path, edits);
  const [hasOld, hasNew] = [OLD_KEYS, NEW_KEYS].map((keys) => stringOf(args, keys) !== undefined);
  if (hasOld && hasNew) return updateOf(path, [args]);
  if (hasOld || hasNew) return null;
  if (content !== undefined) return patch([`*** Add File: ${path}`, ...prefixLines('+', content)]);
  return diff === undefined ? null : withPath(path, diff);
}

/** One hunk for each search and replacement. */
function updateOf(path: string, edits: readonly unknown[]): string | null {
  const lines = [`*** Update File: ${path}`];
  for (const edit of edits) {
    if (!isObject(edit) || isTrue(edit.replace_all)) return null;
    const before = stringOf(edit, OLD_KEYS);
    const after = stringOf(edit, NEW_KEYS);
    if (before === undefined || after === undefined || before === '') return null;
    lines.push('@@', ...prefixLines('-', before), ...prefixLines('+', after));
  }
  return edits.length === 0 ? null : patch(lines);
}

/** A change without the name of its file: search/replace blocks, or the hunks of a diff. The patch tool reads both. */
function withPath(path: string, diff: string): string | null {
  const text = diff.replace(/^\s*\n/, '');
  if (SEARCH_BLOCK.test(text)) return `${path}\n${text}`;
  return text.startsWith('@@') ? `--- ${path}\n+++ ${path}\n${text}` : null;
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

function listOf(args: JsonObject, keys: readonly string[]): readonly unknown[] | undefined {
  for (const [key, value] of Object.entries(args)) {
    if (Array.isArray(value) && keys.includes(foldName(key))) return value;
  }
  return undefined;
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
