/**
 * What this very oagent consists of: its program, its packages, its Node. Whatever changes them runs outside the sandbox with
 * the next start, or the next import; so where they lie below a folder that may be written, they are read-only.
 *
 * Invariant: parts are real paths; one may not exist (a `node_modules` in which Node would look for a missing package).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holds, isInside, realPath } from '../config/paths.ts';

let parts: readonly string[] | undefined;

/** The same for the whole process. */
function ownParts(): readonly string[] {
  parts ??= partsOf(realPath(fileURLToPath(import.meta.url)), realPath(process.execPath));
  return parts;
}

/** True for a file (real) of the running oagent. */
export function isOwnPart(file: string): boolean {
  return ownParts().some((part) => holds(part, file));
}

/** The parts below one of these folders (real). */
export function ownPartsBelow(roots: readonly string[]): readonly string[] {
  return ownParts().filter((part) => roots.some((root) => isInside(root, part)));
}

/** The first of these folders (real) that is in a part: it cannot be writable. */
export function insideOwnPart(roots: readonly string[]): string | undefined {
  return roots.find(isOwnPart);
}

/**
 * @param source a file of the program, at any depth below the package.
 * @param node the executable that runs it.
 */
export function partsOf(source: string, node: string): readonly string[] {
  const root = packageRoot(source);
  const [program = ''] = path.relative(root, source).split(path.sep);
  const found = new Set([path.join(root, program), path.join(root, 'package.json'), node]);
  for (let folder = root; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    // As Node looks for packages.
    found.add(path.basename(folder) === 'node_modules' ? folder : path.join(folder, 'node_modules'));
  }
  const all = [...found];
  return all.filter((part) => !all.some((other) => other !== part && holds(other, part)));
}

function packageRoot(source: string): string {
  for (let folder = path.dirname(source); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) || folder === path.dirname(folder)) return folder;
  }
}
