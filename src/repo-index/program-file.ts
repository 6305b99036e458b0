/**
 * Where the programs of the index are that run beside oagent: its thread, and the process around Chroma.
 *
 * Owns: the places where they can be: beside the sources, at the top of a build. Does not: start them.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The first of the names that is there. @throws Error if none is. */
export function programFile(...names: readonly string[]): string {
  const places = names.flatMap((name) => [`./${name}`, `../${name}`]);
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (found === undefined) throw new Error(`${names.at(-1)} is missing: install oagent again`);
  return found;
}
