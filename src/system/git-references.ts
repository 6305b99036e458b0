/** Lists the references of a repository from its files: no program is started. All of it may come from an archive or from a command. */
import { type Dirent, opendirSync } from 'node:fs';
import path from 'node:path';
import { smallText } from '../text/regular-file.ts';
import { type GitFolders, PACKED_LIMIT } from './git-folders.ts';

/** A name with slashes is in folders of its own, and git leaves empty ones. */
const ENTRIES_PER_NAME = 10;

/** The full names of the references below `folder` (`refs/heads/`), sorted; at most `limit`. Never throws. */
export function refsBelow({ commonDir }: GitFolders, folder: string, limit: number): readonly string[] {
  const packed = smallText(path.join(commonDir, 'packed-refs'), PACKED_LIMIT) ?? '';
  const names = new Set(
    packed.split('\n').flatMap((line) => {
      const name = line.slice(line.indexOf(' ') + 1);
      return name.startsWith(folder) ? [name] : [];
    }),
  );
  for (const file of looseBelow(path.join(commonDir, folder), limit)) names.add(folder + file);
  return [...names].sort().slice(0, limit);
}

/** Folders are read one by one, so that a link is never followed. Of a flood of folders or files only the first are looked at. */
function looseBelow(top: string, limit: number): readonly string[] {
  const found: string[] = [];
  const folders = [''];
  let left = limit * ENTRIES_PER_NAME;
  for (let folder = folders.shift(); folder !== undefined && found.length < limit; folder = folders.shift()) {
    for (const entry of firstEntries(path.join(top, folder), left)) {
      left -= 1;
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile()) found.push(name);
    }
    if (left === 0) break;
  }
  return found;
}

function firstEntries(folder: string, most: number): readonly Dirent[] {
  const entries: Dirent[] = [];
  try {
    const opened = opendirSync(folder);
    try {
      for (let entry = opened.readSync(); entry !== null && entries.length < most; entry = opened.readSync())
        entries.push(entry);
    } finally {
      opened.closeSync();
    }
  } catch {
    // What cannot be read has no names for us.
  }
  return entries;
}
