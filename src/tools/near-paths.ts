/**
 * Guesses which existing path was meant by one that does not exist.
 *
 * Owns: the comparison of names. Invariant: reads one folder, and only that one. Does not: search the project.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

const MOST = 3;

/** The text `path not found: P`, with up to three near names if there are any. Paths are relative to `cwd`. */
export async function notFoundMessage(missing: string, cwd: string): Promise<string> {
  const near = (await nearPaths(missing)).map((found) => displayPath(found, cwd));
  const hint = near.length === 0 ? '' : `. Did you mean ${near.join(' or ')}?`;
  return `path not found: ${displayPath(missing, cwd)}${hint}`;
}

/** A path as the model should write it: relative inside `cwd`, absolute outside. */
export function displayPath(absolute: string, cwd: string): string {
  const relative = path.relative(cwd, absolute);
  if (relative === '') return '.';
  return relative === '..' || relative.startsWith(`..${path.sep}`) ? absolute : relative;
}

/** Existing paths whose name is close to the first part of `missing` that does not exist, nearest first. */
async function nearPaths(missing: string): Promise<string[]> {
  let folder = path.dirname(missing);
  let wanted = path.basename(missing);
  let rest = '';
  while (!(await exists(folder)) && path.dirname(folder) !== folder) {
    rest = path.join(wanted, rest);
    wanted = path.basename(folder);
    folder = path.dirname(folder);
  }
  const names = await readdir(folder).catch(() => []);
  const near = names
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, wanted.length / 3) && distance < name.length)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
    .map(async ({ name }) => {
      const whole = path.join(folder, name, rest);
      return (await exists(whole)) ? whole : path.join(folder, name);
    });
  return Promise.all(near);
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Levenshtein's distance: the fewest single characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
