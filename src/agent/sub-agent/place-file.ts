/** The lines of a file that an answer names, read as for the model. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { type Hides, openUnhidden } from '../../safety/reads.ts';

const MOST_BYTES = 4 * 2 ** 20;

/** Undefined: there is none, it is hidden, or too large to look at. */
export function readForPlaces(file: string, hides: Hides): readonly string[] | undefined {
  try {
    if (hides(file)) return undefined;
    const descriptor = openUnhidden(file, hides);
    if (descriptor === undefined) return undefined;
    try {
      if (fstatSync(descriptor).size > MOST_BYTES) return undefined;
      return readFileSync(descriptor, 'utf8').replace(/\n$/, '').split('\n');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
