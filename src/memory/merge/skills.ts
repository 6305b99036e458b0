/** Procedures that several sessions have taught, as files of their own. Runs within the transaction of its caller. */
import type { Sqlite } from '../../system/sqlite.ts';
import { day } from '../render/quoted.ts';
import { currentEntries, threadsOf } from '../store/entries.ts';
import type { EntryRow } from '../store/schema.ts';
import { putSkill, type Skill } from '../store/skills.ts';
import { wordsOf } from './alike.ts';

const LEAST_SESSIONS = 2;
const MOST_SLUG = 48;

/** Makes the skills those of the handbook. */
export function writeSkills(store: Sqlite): void {
  store.exec('DELETE FROM skills');
  for (const skill of skillsOf(currentEntries(store))) putSkill(store, skill);
}

function skillsOf(entries: readonly EntryRow[]): readonly Skill[] {
  const skills = new Map<string, Skill>();
  for (const entry of entries) {
    const skill = skillOf(entry);
    // Two procedures of one name: the one that was known first keeps it.
    if (skill !== undefined && !skills.has(skill.path)) skills.set(skill.path, skill);
  }
  return [...skills.values()];
}

function skillOf(entry: EntryRow): Skill | undefined {
  const threads = threadsOf(entry);
  const commands = [...entry.text.matchAll(/`([^`]+)`/g)].flatMap(([, command = '']) => command.trim() || []);
  const isSkill = entry.kind === 'procedure' && entry.is_trusted === 1 && threads.length >= LEAST_SESSIONS;
  const slug = wordsOf(entry.text.replace(/`[^`]*`/g, ' '))
    .tokens.filter((token) => /^[a-z0-9]+$/.test(token))
    .slice(0, 5)
    .join('-')
    .slice(0, MOST_SLUG);
  if (!isSkill || commands.length === 0 || slug === '') return undefined;
  const lines = [
    '---',
    `name: ${slug}`,
    `description: ${JSON.stringify(entry.text)}`,
    '---',
    '',
    ...commands.map((command) => `    ${command}`),
    '',
    `${entry.project === '' ? 'All projects' : entry.project}, seen in ${threads.length} sessions until ${day(entry.dated)}.`,
  ];
  return { path: `${slug}/SKILL.md`, text: `${lines.join('\n')}\n`, threads, dated: entry.dated };
}
