/** `raw_memories.md`: what was taken from each session, before it was merged. */
import type { RecordRow } from '../store/schema.ts';
import { bodyText, headerLines, rolloutFile } from './text.ts';

const HEAD =
  '# What each session has taught\n\nMade from memories.sqlite: what is changed here is overwritten.\n';

/** Undefined: there is nothing. @param records newest first. */
export function renderRawMemories(records: readonly RecordRow[]): string | undefined {
  const kept = records.filter(({ raw }) => raw.trim() !== '');
  if (kept.length === 0) return undefined;
  return [HEAD, ...kept.map(sectionOf)].join('\n');
}

function sectionOf(record: RecordRow): string {
  const lines = [...headerLines(record), `summary: ${rolloutFile(record.thread)}`];
  return `## Session ${record.thread}\n\n${lines.join('\n')}\n\n${bodyText(record.raw)}\n`;
}
