/** Guesses which existing path was meant by one that does not exist: the same name elsewhere, or a name that is close. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { nearestName } from '../config/suggest.ts';
import { relativePath } from '../text/relative-path.ts';
import { sameNames } from './same-name.ts';

const MOST = 3;

/** The text `path not found: P`, with up to three near names if there are any. Paths are relative to `cwd`. */
export async function notFoundMessage(missing: string, cwd: string): Promise<string> {
  const near = await nearPaths(missing, cwd);
  const hint = near.length === 0 ? '' : `. Did you mean ${near.join(' or ')}?`;
  return `path not found: ${displayPath(missing, cwd)}${hint}`;
}

/** Up to three existing paths that may be meant, as the model should write them. */
export async function nearPaths(missing: string, cwd: string): Promise<readonly string[]> {
  const [same, close] = await Promise.all([sameNames(missing, cwd), closeNames(missing)]);
  return [...new Set([...same, ...close])].slice(0, MOST).map((found) => displayPath(found, cwd));
}

/** A path as the model should write it: relative inside `cwd`, absolute outside. */
export function displayPath(absolute: string, cwd: string): string {
  return relativePath(absolute, cwd, '.');
}

/** Existing paths whose name is close to the first part of `missing` that does not exist, nearest first. */
async function closeNames(missing: string): Promise<string[]> {
  let folder = path.dirname(missing);
  let wanted = path.basename(missing);
  let rest = '';
  while (!(await exists(folder)) && path.dirname(folder) !== folder) {
    rest = path.join(wanted, rest);
    wanted = path.basename(folder);
    folder = path.dirname(folder);
  }
  const names = (await readdir(folder).catch(() => [])).sort();
  const near: string[] = [];
  while (near.length < MOST) {
    const name = nearestName(
      wanted,
      names.filter((other) => !near.includes(other)),
    );
    if (name === undefined) break;
    near.push(name);
  }
  return Promise.all(
    near.map(async (name) => {
      const whole = path.join(folder, name, rest);
      return (await exists(whole)) ? whole : path.join(folder, name);
    }),
  );
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
