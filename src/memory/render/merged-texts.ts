/** The two files that the consolidation makes: the handbook and its summary. */
import type { Sqlite } from '../../system/sqlite.ts';
import { allEntries } from '../store/entries.ts';
import { setting } from '../store/settings.ts';
import { usesOf } from '../store/uses.ts';
import { renderHandbook } from './handbook.ts';
import type { MergedTexts } from './memory-files.ts';
import { renderSummary } from './summary.ts';

/** Tokens of the smallest window in which sessions run, as far as it is known. */
export const DEFAULT_WINDOW = 8_192;
/** The setting that has it: the summary follows from the database alone. */
export const WINDOW_SETTING = 'smallest_window';

/** The same database gives the same bytes. */
export function mergedTexts(store: Sqlite): MergedTexts {
  const entries = allEntries(store);
  const window = Number(setting(store, WINDOW_SETTING) ?? DEFAULT_WINDOW);
  return {
    handbook: renderHandbook(entries) || undefined,
    summary: renderSummary(entries, usesOf(store), window) || undefined,
  };
}
