/** What `exec` says of a further try, for people and for programs. */
import type { Event } from '../protocol.ts';

export function retryText({ attempt, max, reason, isModelFault }: Extract<Event, { type: 'retry' }>): string {
  return `${isModelFault ? 'Asking again' : 'Reconnecting'}... ${attempt}/${max} (${reason})`;
}
