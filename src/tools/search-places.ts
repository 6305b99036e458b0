/**
 * Where a search looks, from the `path` and `glob` of a call as people and models write them: `src/`, `./src/*.ts`, an
 * absolute path, a glob as the path, several paths, a glob that starts at the path or at the workspace.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { meantPath } from './meant-path.ts';
import { displayPath, notFoundMessage } from './near-paths.ts';
import { hasWildcard, readGlobs, ripgrepGlobs, type SearchGlob } from './search-globs.ts';

interface SearchPlaces {
  /** Relative to the workspace, or absolute outside of it; empty: the whole workspace. */
  readonly paths: readonly string[];
  /** For ripgrep, which takes a file that any of them matches. Relative to the workspace. */
  readonly globs: readonly string[];
  /** Only files are searched, each named by the caller. */
  readonly isFiles: boolean;
}

/** @throws Error with a message for the model. */
export async function searchPlaces(given: string, glob: string, cwd: string): Promise<SearchPlaces> {
  const found = await existing(given, cwd);
  const isAnywhere = found?.every((place) => place.path === cwd);
  if (found !== undefined && isAnywhere !== true) return places(found, glob, cwd);
  if (found !== undefined || hasWildcard(given)) {
    const globs = [...(found === undefined ? readGlobs(given, cwd) : []), ...readGlobs(glob, cwd)];
    return anywhere(globs);
  }
  throw new Error(`No matches found: ${await notFoundMessage(path.resolve(cwd, given), cwd)}`);
}

/** Globs that start at the workspace: those that begin with a folder are searched for in it, also behind a link. */
function anywhere(globs: readonly SearchGlob[]): SearchPlaces {
  const wanted = globs.filter(({ isNegative }) => !isNegative);
  const folders = wanted.map(({ folder }) => folder);
  const paths = folders.includes('') ? [] : [...new Set(folders)];
  // A glob for ripgrep brings back what is ignored: a whole folder needs none.
  const isWhole = wanted.every(({ rest }) => rest === '') && (paths.length > 0 || wanted.every(isAll));
  const kept = isWhole ? globs.filter(({ isNegative }) => isNegative) : globs.filter((one) => !isAll(one));
  return { paths, globs: [...new Set(kept.flatMap((one) => ripgrepGlobs(one, '.')))], isFiles: false };
}

function isAll({ folder, rest }: SearchGlob): boolean {
  return folder === '' && rest === '';
}

interface Place {
  readonly path: string;
  readonly isFile: boolean;
}

function places(found: readonly Place[], glob: string, cwd: string): SearchPlaces {
  const isFiles = found.every(({ isFile }) => isFile);
  const paths = found.map((place) => displayPath(place.path, cwd));
  const bases = found.flatMap((place) => (place.isFile ? [] : [displayPath(place.path, cwd)]));
  // A file that is named is searched, whatever the glob says.
  const read = isFiles ? [] : readGlobs(glob, cwd).filter((one) => !isAll(one));
  const globs = [...new Set(bases.flatMap((base) => read.flatMap((one) => ripgrepGlobs(one, base))))];
  return { paths: paths.includes('.') ? [] : paths, globs, isFiles };
}

/** The one path that `given` names, or the several that it lists; undefined if one does not exist. */
async function existing(given: string, cwd: string): Promise<readonly Place[] | undefined> {
  const whole = await placeOf(given, cwd);
  if (whole !== undefined) return [whole];
  const names = given.split(/[\s,]+/).filter((name) => name !== '');
  if (names.length < 2) return undefined;
  const all = await Promise.all(names.map((name) => placeOf(name, cwd)));
  return all.every((place) => place !== undefined) ? all : undefined;
}

async function placeOf(name: string, cwd: string): Promise<Place | undefined> {
  const target = meantPath(name, cwd).path;
  const found = await stat(target).catch(() => undefined);
  // `/src` by a model that takes the workspace for the root.
  if (found === undefined) return path.isAbsolute(name) ? placeOf(`.${name}`, cwd) : undefined;
  if (!found.isFile() && !found.isDirectory()) throw new Error(`not a regular file: ${target}`);
  return { path: target, isFile: found.isFile() };
}
