/** `MEMORY.md`: all that applies, by topic, each line with its date, its project and its sessions. Pure. */
import { threadsOf } from '../store/entries.ts';
import type { EntryRow } from '../store/schema.ts';
import { day, quoted } from './quoted.ts';
import { oneLine } from './text.ts';

const HEAD = '# What earlier sessions have taught\n';
/** The newest sessions that are named; the others are counted. */
const MOST_THREADS = 4;

/** @returns empty if there is nothing. */
export function renderHandbook(entries: readonly EntryRow[]): string {
  const current = entries.filter(({ replaced_by: by }) => by === null).toSorted(byTopic);
  if (current.length === 0) return '';
  const topics = [...new Set(current.map(({ topic }) => topic))];
  const sections = topics.map((topic) => {
    const lines = current.filter((entry) => entry.topic === topic).map(lineOf);
    return `\n## ${oneLine(topic)}\n\n${lines.join('\n')}\n`;
  });
  return HEAD + sections.join('');
}

function byTopic(a: EntryRow, b: EntryRow): number {
  return compare(a.topic, b.topic) || compare(a.project, b.project) || b.dated - a.dated || a.id - b.id;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function lineOf(entry: EntryRow): string {
  const threads = threadsOf(entry);
  const named = threads.slice(-MOST_THREADS).toReversed().map(oneLine);
  const more = threads.length - named.length;
  const source = [
    entry.kind,
    day(entry.dated),
    entry.project === '' ? 'all projects' : oneLine(entry.project),
    ...(entry.is_trusted === 1 ? [] : ['untrusted folder']),
    ...named,
    ...(more > 0 ? [`${more} more`] : []),
  ];
  return `- ${quoted(entry.text)} (${source.join(', ')})`;
}
