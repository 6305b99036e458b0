/** Where the journals of patches are. Apart from them: each start asks whether there are any. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

export const JOURNAL_SUFFIX = '.json';
/** Of one that is being written. */
export const DRAFT_SUFFIX = '.new';

/** @param home oagent's own folder */
export function journalFolder(home: string): string {
  return path.join(home, 'patches');
}

/** The names of journals and drafts, mostly none. Never throws. */
export function journalNames(home: string): readonly string[] {
  try {
    return readdirSync(journalFolder(home)).filter(
      (name) => name.endsWith(JOURNAL_SUFFIX) || name.endsWith(DRAFT_SUFFIX),
    );
  } catch {
    return [];
  }
}
