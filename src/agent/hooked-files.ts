/** The texts of files that a patch has changed, for what a hook has made of them; read as for the model. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { type Hides, openUnhidden } from '../safety/reads.ts';
import { decodeText } from '../text/decode.ts';

const MOST_BYTES = 2 ** 20;

/** By path (absolute); without those that cannot be read, are hidden, or too large to be compared. */
export function textsOf(files: readonly string[], hides: Hides): Map<string, string> {
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = textOf(file, hides);
    if (text !== undefined) texts.set(file, text);
  }
  return texts;
}

function textOf(file: string, hides: Hides): string | undefined {
  try {
    const descriptor = hides(file) ? undefined : openUnhidden(file, hides);
    if (descriptor === undefined) return undefined;
    try {
      if (fstatSync(descriptor).size > MOST_BYTES) return undefined;
      const decoded = decodeText(readFileSync(descriptor));
      return decoded.ok ? decoded.text : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
