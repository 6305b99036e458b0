/**
 * Where a search looks, from the `path` and `glob` of a call as people and models write them: `src/`, `./src/*.ts`, an
 * absolute path, a glob as the path, several paths, a glob that starts at the path or at the workspace.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { displayPath, notFoundMessage } from './near-paths.ts';

interface SearchPlaces {
  /** Relative to the workspace, or absolute outside of it; empty: the whole workspace. */
  readonly paths: readonly string[];
  /** For ripgrep, which takes a file that any of them matches. Relative to the workspace. */
  readonly globs: readonly string[];
  /** Only files are searched, each named by the caller. */
  readonly isFiles: boolean;
}

const WILDCARD = /[*?[{]/;

/** @throws Error with a message for the model. */
export async function searchPlaces(given: string, glob: string, cwd: string): Promise<SearchPlaces> {
  const found = await existing(given, cwd);
  if (found !== undefined) return places(found, glob, cwd);
  if (WILDCARD.test(given)) {
    const globs = [...globsOf(given, cwd, '.'), ...(glob === '' ? [] : globsOf(glob, cwd, '.'))];
    return { paths: [], globs, isFiles: false };
  }
  throw new Error(`No matches found: ${await notFoundMessage(path.resolve(cwd, given), cwd)}`);
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
  const globs = glob === '' || isFiles ? [] : [...new Set(bases.flatMap((base) => globsOf(glob, cwd, base)))];
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
  const target = path.resolve(cwd, name);
  const found = await stat(target).catch(() => undefined);
  // `/src` by a model that takes the workspace for the root.
  if (found === undefined) return path.isAbsolute(name) ? placeOf(`.${name}`, cwd) : undefined;
  if (!found.isFile() && !found.isDirectory()) throw new Error(`not a regular file: ${target}`);
  return { path: target, isFile: found.isFile() };
}

/** The globs for ripgrep that a glob means, which may start at `base` or at the workspace. */
function globsOf(glob: string, cwd: string, base: string): string[] {
  return splitAtCommas(glob).flatMap((part) => {
    const negation = part.startsWith('!') ? '!' : '';
    const written = part.slice(negation.length);
    const local = written.startsWith(`${cwd}/`) ? written.slice(cwd.length + 1) : written;
    const plain = local.replace(/^(?:\.?\/)+/, '');
    if (plain === '' || plain === '.') return [];
    const isFolder = plain.endsWith('/');
    const name = plain.replace(/\/+$/, '');
    const starts =
      name.includes('/') && base !== '.' && !path.isAbsolute(base) ? [name, `${base}/${name}`] : [name];
    const whole = isFolder ? [] : starts;
    // A folder stands for what is in it; whether it is one cannot be told from a name without wildcards.
    const inside = isFolder || !WILDCARD.test(name) ? starts.map((start) => `${start}/**`) : [];
    const anywhere = name.includes('/') ? [] : inside.map((start) => `**/${start}`);
    return [...whole, ...inside, ...anywhere].map((one) => negation + one);
  });
}

/** `*.ts,*.tsx` are two; `*.{ts,tsx}` is one. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (char !== undefined && (char !== ',' || depth > 0)) continue;
    parts.push(text.slice(from, at).trim());
    from = at + 1;
  }
  return parts.filter((part) => part !== '');
}
