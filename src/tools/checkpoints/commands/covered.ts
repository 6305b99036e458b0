/**
 * What of a workspace is looked at: the files that no ignore rule excludes, and the names of all that is in their folders, so that it is
 * known of a new file that nothing was there before.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { isInside } from '../../../config/paths.ts';
import { HeldFolder, isGone, isShortage } from '../../../system/held-folder.ts';
import { ripgrepFiles } from '../../ripgrep-files.ts';
import { type Looked, lookedAt, stampOf } from './known.ts';

/** What package managers and programs fill, also where no rule says so. */
const NEVER = new Set(['.git', 'node_modules', '.hg', '.svn', '__pycache__', '.venv']);
/** Folders without a file that are entered. */
const MOST_EMPTY = 500;

/** Their paths, absolute; undefined: there are more than `most`. @param without a folder that is left out. @throws Error */
export async function coveredFiles(
  roots: readonly string[],
  {
    most,
    without,
    signal,
  }: { readonly most: number; readonly without: string; readonly signal: AbortSignal },
): Promise<ReadonlySet<string> | undefined> {
  const files = new Set<string>();
  const below = path.join(without, path.sep);
  for (const root of roots) {
    for await (const names of ripgrepFiles(
      root,
      [...NEVER].map((name) => `--glob=!${name}`),
      signal,
    )) {
      for (const name of names) {
        const file = path.join(root, name);
        // Another spelling of bytes that are no text.
        if (!name.includes('\ufffd') && !file.startsWith(below)) files.add(file);
      }
      if (files.size > most) return undefined;
    }
  }
  return files;
}

/** The folders of these files, up to the roots. */
export function foldersOf(roots: readonly string[], files: Iterable<string>): Set<string> {
  const folders = new Set(roots);
  for (const file of files) {
    for (let folder = path.dirname(file); !folders.has(folder); folder = path.dirname(folder)) {
      if (!roots.some((root) => isInside(root, folder))) break;
      folders.add(folder);
    }
  }
  return folders;
}

export interface ListedFolder {
  /** From before it was listed. */
  readonly looked: Looked;
  /** See `KnownFolder`. */
  readonly names: ReadonlySet<string>;
  readonly folders: readonly string[];
}

/**
 * `closed`: it cannot be read now. Undefined: it is none, or a link leads there.
 * @throws a system error if nothing can be opened any more
 */
export function listFolder(folder: string): ListedFolder | 'closed' | undefined {
  try {
    const looked = lookedAt(stampOf(lstatSync(folder)), Date.now());
    const held = HeldFolder.open(folder);
    try {
      const entries = held.list();
      const folders = entries.filter((entry) => entry.isDirectory() && !NEVER.has(entry.name));
      const names = entries.map((entry) => (entry.isFile() ? entry.name : `${entry.name}/`));
      return { looked, names: new Set(names), folders: folders.map(({ name }) => name) };
    } finally {
      held.close();
    }
  } catch (error) {
    if (isShortage(error)) throw error;
    return isGone(error) ? undefined : 'closed';
  }
}

/** Folders below these that hold nothing but folders, which no list of files has. */
export function emptyFolders(
  listed: ReadonlyMap<string, ListedFolder>,
  isKnown: (folder: string) => boolean,
): Map<string, ListedFolder> {
  const empty = new Map<string, ListedFolder>();
  const queue = [...listed];
  for (let at = 0, tried = 0; at < queue.length && tried < MOST_EMPTY; at += 1) {
    const [above, { folders }] = queue[at] as [string, ListedFolder];
    for (const folder of folders.map((name) => path.join(above, name))) {
      if (isKnown(folder)) continue;
      tried += 1;
      const found = listFolder(folder);
      if (found === undefined || found === 'closed' || found.names.size > found.folders.length) continue;
      empty.set(folder, found);
      queue.push([folder, found]);
    }
  }
  return empty;
}
