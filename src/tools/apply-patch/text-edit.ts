/**
 * The replacement of a text that is somewhere in a file, perhaps within a line, as a hunk of whole lines. Of lines that lose all of
 * their text nothing stays, not even their end, and a line of which something stays ends as it did. A text that is not there to the
 * letter is left to the search for lines, which knows what models get wrong in them.
 */
import { linesAs } from './edit-call.ts';
import { fileError } from './errors.ts';
import { quoteLines } from './explain.ts';
import type { Chunk, TextEdit } from './parse.ts';

const MAX_SHOWN = 4;

/**
 * @param original the text of the file, with its own line endings.
 * @returns undefined if the old text is not in it to the letter.
 * @throws PatchError if it is there more than once.
 */
export function chunkOfEdit(original: string, edit: TextEdit, path: string): Chunk | undefined {
  const text = original.replaceAll('\r\n', '\n');
  const at = text.indexOf(edit.old);
  if (at < 0) return undefined;
  if (text.includes(edit.old, at + 1)) throw tooMany(text, edit.old, path);
  const end = at + edit.old.length;
  const from = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const isWhole = edit.old.endsWith('\n');
  const next = text.indexOf('\n', end);
  const to = isWhole ? end : next < 0 ? text.length : next;
  const after = text.slice(from, at) + edit.new + text.slice(end, to);
  const lines = [...linesAs('remove', text.slice(from, to)), ...linesAs('add', after)];
  return { lines, endOfFile: false };
}

function tooMany(text: string, old: string, path: string): Error {
  const lines = text.split('\n');
  const places: number[] = [];
  for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + 1))
    places.push(text.slice(0, at).split('\n').length - 1);
  const shown = places.slice(0, MAX_SHOWN).map((place) => quoteLines(lines, place, 1));
  const more = places.length > MAX_SHOWN ? [`and ${places.length - MAX_SHOWN} more`] : [];
  return fileError(
    `old_string is in ${path} ${places.length} times`,
    [...shown, ...more, 'Add the lines above and below it, so that only one place fits.'].join('\n'),
  );
}
