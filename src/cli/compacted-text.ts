/** What `exec` says of a compaction, for people and for programs. */
import type { Event } from '../protocol.ts';
import { groupDigits } from '../text/digits.ts';

export function compactedText({ before, after }: Extract<Event, { type: 'compacted' }>): string {
  return `the conversation was compacted from ${groupDigits(before)} to ${groupDigits(after)} tokens, to make room in the context window`;
}
