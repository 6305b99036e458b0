/** What skills and hooks did, in words for the user. */
import type { Event } from '../protocol.ts';

export function skillText({ name, isRecalled }: Extract<Event, { type: 'skill_used' }>): string {
  return isRecalled ? `Skill: ${name}` : `Skill: ${name}, as you asked`;
}

const OUTCOMES = {
  message: 'says',
  context: 'told the model',
  blocked: 'forbade it',
  failed: 'failed',
} as const;

/** The event, what became of the hook, and what it said, perhaps in several lines. */
export function hookText({ event, outcome, text }: Extract<Event, { type: 'hook_ran' }>): string {
  return `Hook ${event} ${OUTCOMES[outcome]}: ${text.trim()}`;
}
