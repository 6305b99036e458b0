/**
 * Where the programs are that the index runs beside oagent (its thread, the process around Chroma): beside
 * the sources, or at the top of a build.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The first of the names that exists. @throws Error if none does. */
export function programFile(...names: readonly string[]): string {
  const places = names.flatMap((name) => [`./${name}`, `../${name}`]);
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
  if (found === undefined) throw new Error(`${names.at(-1)} is missing: reinstall oagent`);
  return found;
}
