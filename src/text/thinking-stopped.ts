import type { Event } from '../protocol.ts';
import { groupDigits } from './digits.ts';

/** One line for the user. */
export function thinkingStoppedText({
  tokens,
  isRepeated,
}: Extract<Event, { type: 'thinking_stopped' }>): string {
  const why = isRepeated ? 'repeated itself and was stopped' : 'stopped';
  return `Thinking ${why} after ${groupDigits(tokens)} tokens; answering without it`;
}
