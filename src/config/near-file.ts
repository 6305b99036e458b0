/** Notices a file whose name is nearly the one that is looked for, such as `agents.md`: it would be missed in silence. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { printable } from './errors.ts';

/**
 * A line for the user about each of `names` that is missing in `folder` (absolute) although a file is nearly called so. The usual
 * mistakes are looked for one by one: a folder may have too many files to list them at every start.
 */
export function nearFiles(folder: string, names: readonly string[]): string[] {
  const isThere = (name: string): boolean => isFile(path.join(folder, name));
  return names.flatMap((name) => {
    const near = spellings(name).find((spelling) => !names.includes(spelling) && isThere(spelling));
    // Where capitals do not count, the other spelling is the file itself.
    if (near === undefined || isThere(name)) return [];
    return [`${printable(path.join(folder, near))} is not read: its name has to be ${printable(name)}`];
  });
}

function isFile(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}

/** What people get wrong: capitals, one or many, `.txt`. */
function spellings(name: string): string[] {
  const { name: stem, ext } = path.parse(name);
  const title = stem.charAt(0).toUpperCase() + stem.slice(1).toLowerCase();
  const stems = [stem, stem.toLowerCase(), stem.toUpperCase(), title];
  const others = stems.map((word) => (/s$/i.test(word) ? word.slice(0, -1) : `${word}s`));
  const words = [...stems, ...others].flatMap((word) => [word + ext, word + ext.toUpperCase()]);
  return [...new Set([...words, `${name}.txt`, `${stem}.txt`])].filter((word) => word !== name);
}
