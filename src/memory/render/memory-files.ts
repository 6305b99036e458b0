/** All files of the folder but the user's notes, as they follow from the database: the same database gives the same bytes. */
import type { Sqlite } from '../../system/sqlite.ts';
import { HANDBOOK_FILE, RAW_FILE, SUMMARY_FILE } from '../folder.ts';
import { allRecords } from '../store/records.ts';
import { allSkills } from '../store/skills.ts';
import { renderRawMemories } from './raw-memories.ts';
import { renderRolloutSummary } from './rollout-summary.ts';
import { rolloutFile } from './text.ts';

/** Undefined: there is no such file. */
export interface MergedTexts {
  readonly handbook: string | undefined;
  readonly summary: string | undefined;
}

/** @param merged what the consolidation has made. @returns texts by their paths below the folder, with slashes. */
export function memoryFiles(store: Sqlite, { handbook, summary }: MergedTexts): Map<string, string> {
  const records = allRecords(store);
  const files: [string, string | undefined][] = [
    [SUMMARY_FILE, summary],
    [HANDBOOK_FILE, handbook],
    [RAW_FILE, renderRawMemories(records)],
    ...records.map((record): [string, string | undefined] => [
      rolloutFile(record.thread),
      renderRolloutSummary(record),
    ]),
    ...allSkills(store).map(({ path, text }): [string, string] => [`skills/${path}`, text]),
  ];
  return new Map(files.filter((file): file is [string, string] => file[1] !== undefined && file[1] !== ''));
}
