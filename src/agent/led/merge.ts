/**
 * A small model that was asked for a whole file often writes only what it changed. If every named part of the new text
 * has exactly one counterpart, those parts replace the old ones, and the rest of the file stays.
 */
import { firstNameIn } from './parts/definitions.ts';
import { partText, replacePart } from './parts/replace.ts';
import { partsOf } from './parts.ts';

/** The old file with the parts of the new text in it; undefined if it is unclear which ones they replace. */
export function mergeParts(old: string, written: string, file: string): string | undefined {
  const fresh = partsOf(written, file).filter((part) => partText(written, part).trim() !== '');
  const known = partsOf(old, file);
  const names = known.map((part) => firstNameIn(partText(old, part)));
  let merged = old;
  // From the last to the first, so that the line numbers of the remaining ones stay right.
  const pairs = fresh.map((part) => ({ part, at: indexOfOnly(names, firstNameIn(partText(written, part))) }));
  if (pairs.length === 0 || pairs.some(({ at }) => at < 0)) return undefined;
  for (const { part, at } of pairs.toSorted((a, b) => b.at - a.at)) {
    const target = known[at];
    if (target === undefined) return undefined;
    merged = replacePart(merged, target, partText(written, part));
  }
  return merged;
}

function indexOfOnly(names: readonly (string | undefined)[], name: string | undefined): number {
  if (name === undefined) return -1;
  const first = names.indexOf(name);
  return first === names.lastIndexOf(name) ? first : -1;
}
