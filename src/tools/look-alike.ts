/** Paths that differ from existing ones only in what cannot be seen: composed letters, kinds of blanks, invisible characters. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { foldLook } from '../text/look.ts';

/** An existing path that was taken for another, and what the model and the user should know about that. */
export interface LookAlike {
  readonly path: string;
  readonly note: string;
}

/**
 * The absolute path `wanted` with the names that exist for those that only look the same; undefined if `wanted` exists, if nothing
 * looks like it, or if two names do. What comes after the last folder that exists stays as it is.
 * @param spelled the path as it was given, for the note.
 */
export function findLookAlike(wanted: string, spelled = wanted): LookAlike | undefined {
  const { root } = path.parse(wanted);
  let found = root;
  for (const part of wanted.slice(root.length).split(path.sep)) {
    const next = path.join(found, part);
    const names = exists(next) ? [part] : namesLike(found, part);
    if (names.length > 1) return undefined;
    found = path.join(found, names[0] ?? part);
  }
  return found === path.join(wanted) ? undefined : { path: found, note: noteOf(spelled, found) };
}

function noteOf(spelled: string, found: string): string {
  const parts = spelled.split(path.sep).filter((part) => !['', '.', '..'].includes(part)).length;
  const name = found.split(path.sep).slice(-parts).join(path.sep);
  const visible = name.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${spelled} was taken for ${visible}, the one name that looks the same.`;
}

function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function namesLike(folder: string, part: string): readonly string[] {
  const look = foldLook(part);
  try {
    return readdirSync(folder).filter((name) => foldLook(name) === look);
  } catch {
    return [];
  }
}
