/** Whose a file is: what another user has put somewhere (a `.git` in /tmp) is neither obeyed nor taken for a project's. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { statOf } from './paths.ts';

/** The system's own files belong to it. */
const ROOT = 0;
/** Everybody may write there. */
const FOR_ALL = 0o002;

/**
 * True if what has this name belongs to us, to the system, or to whoever owns `folder`: a folder that the user chose to work in may
 * be somebody else's, as in a container.
 */
export function isOurs(file: string, folder: string): boolean {
  const owner = ownerOf(lstatOf(file));
  // Where a link leads counts as well: anybody may have put it there.
  return isOurOwner(owner, folder) && isOurOwner(ownerOf(statOf(file)) ?? owner, folder);
}

function isOurOwner(owner: number | undefined, folder: string): boolean {
  const own = process.getuid?.();
  if (owner === undefined || own === undefined) return true;
  return owner === own || owner === ROOT || owner === ownerOf(statOf(folder));
}

/** True for an empty folder in one that everybody may write to: what a sandbox puts there while a command runs marks nothing. */
export function isPlaceholderMark(mark: string, folder: string): boolean {
  if (((statOf(folder)?.mode ?? 0) & FOR_ALL) === 0) return false;
  try {
    return readdirSync(mark).length === 0;
  } catch {
    return false;
  }
}

const ownerOf = (stat: Stats | undefined): number | undefined => stat?.uid;

function lstatOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
