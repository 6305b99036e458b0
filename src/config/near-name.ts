/** Files that are not read because their name is only nearly the right one. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { printable } from './errors.ts';

/**
 * A line about a file in `folder` that was probably meant to be `name`, which is not there. Looks for the usual mistakes only, so
 * that a folder with many files costs no more than another.
 */
export function nearNameNotice(folder: string, name: string): string | undefined {
  const found = spellings(name).find((spelling) => existsSync(path.join(folder, spelling)));
  if (found === undefined || existsSync(path.join(folder, name))) return undefined;
  return `${printable(path.join(folder, found))} is not read: its name must be ${name}`;
}

/** Other capitals, the singular, `.txt`. */
function spellings(name: string): string[] {
  const { name: stem, ext } = path.parse(name);
  const title = stem.charAt(0).toUpperCase() + stem.slice(1).toLowerCase();
  const stems = [stem, stem.toLowerCase(), stem.toUpperCase(), title];
  const singular = stems.filter((word) => /s$/i.test(word)).map((word) => word.slice(0, -1));
  const names = [...stems, ...singular].flatMap((word) => [word + ext, word + ext.toUpperCase()]);
  return [...new Set([...names, `${name}.txt`, `${stem}.txt`])].filter((word) => word !== name);
}
