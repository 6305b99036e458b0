/** `rollout_summaries/THREAD_ID.md`: what happened in a session. */
import type { RecordRow } from '../store/schema.ts';
import { bodyText, headerLines, oneLine } from './text.ts';

/** Undefined: there is nothing. */
export function renderRolloutSummary(record: RecordRow): string | undefined {
  if (record.summary.trim() === '') return undefined;
  const header = [`thread: ${record.thread}`, ...headerLines(record)];
  const title = oneLine(record.slug) || record.thread;
  return `---\n${header.join('\n')}\n---\n\n# ${title}\n\n${bodyText(record.summary)}\n`;
}
