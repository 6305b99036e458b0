/** Events that `exec` words the same for people and for programs. */
import type { Event } from '../../protocol.ts';
import { groupDigits } from '../../text/digits.ts';

export function compactedText({ before, after }: Extract<Event, { type: 'compacted' }>): string {
  return `the conversation was compacted from ${groupDigits(before)} to ${groupDigits(after)} tokens to free space in the context window`;
}

export function retryText({ attempt, max, reason, isModelFault }: Extract<Event, { type: 'retry' }>): string {
  return `${isModelFault ? 'Asking again' : 'Reconnecting'}... ${attempt}/${max} (${reason})`;
}
