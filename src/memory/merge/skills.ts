/** Procedures that several sessions have taught, as files of their own. Runs within the transaction of its caller. */

import { queryWords } from '../../repo-index/store/tokens.ts';
import type { Sqlite } from '../../system/sqlite.ts';
import { day } from '../render/quoted.ts';
import { oneLine } from '../render/text.ts';
import { currentEntries, threadsOf } from '../store/entries.ts';
import type { EntryRow } from '../store/schema.ts';
import { allSkills, putSkill, type Skill } from '../store/skills.ts';

const LEAST_SESSIONS = 2;
const SLUG_WORDS = 5;
const MOST_SLUG = 48;

/** Makes the skills those of the handbook; the user's own, which were taken over, stay. */
export function writeSkills(store: Sqlite): void {
  const rows = store.sql('SELECT thread, summary FROM records').all();
  const summaries = new Map(rows.map(({ thread, summary }) => [String(thread), String(summary)]));
  const hasPassed = (command: string, threads: readonly string[]): boolean =>
    threads.some((thread) => summaries.get(thread)?.includes(`\`${command}\` passed last.`));
  store.exec(`DELETE FROM skills WHERE threads <> '[]'`);
  const own = new Set(allSkills(store).map(({ path }) => path));
  const made = skillsOf(currentEntries(store), hasPassed);
  for (const skill of made) if (!own.has(skill.path)) putSkill(store, skill);
}

/** Whether the harness saw the command end well in one of the sessions; phase 1 says so in the summary. */
type HasPassed = (command: string, threads: readonly string[]) => boolean;

function skillsOf(entries: readonly EntryRow[], hasPassed: HasPassed): readonly Skill[] {
  const skills = new Map<string, Skill>();
  for (const entry of entries) {
    const skill = skillOf(entry, hasPassed);
    // Two procedures of one name: the one that was known first keeps it.
    if (skill !== undefined && !skills.has(skill.path)) skills.set(skill.path, skill);
  }
  return [...skills.values()];
}

function skillOf(entry: EntryRow, hasPassed: HasPassed): Skill | undefined {
  const threads = threadsOf(entry);
  const commands = [...entry.text.matchAll(/`([^`]+)`/g)]
    .map(([, command = '']) => command.trim())
    .filter((command) => hasPassed(command, threads));
  const isSkill = entry.kind === 'procedure' && entry.is_trusted === 1 && threads.length >= LEAST_SESSIONS;
  const slug = queryWords(entry.text.replace(/`[^`]*`/g, ' '))
    .map((word) => word.toLowerCase())
    .filter((word) => /^[a-z0-9]+$/.test(word))
    .slice(0, SLUG_WORDS)
    .join('-')
    .slice(0, MOST_SLUG);
  if (!isSkill || commands.length === 0 || slug === '') return undefined;
  const lines = [
    '---',
    `name: ${slug}`,
    `description: ${JSON.stringify(oneLine(entry.text))}`,
    '---',
    '',
    ...commands.map((command) => `    ${command}`),
    '',
    `${entry.project === '' ? 'All projects' : oneLine(entry.project)}, seen in ${threads.length} sessions until ${day(entry.dated)}.`,
  ];
  return { path: `${slug}/SKILL.md`, text: `${lines.join('\n')}\n`, threads, dated: entry.dated };
}
