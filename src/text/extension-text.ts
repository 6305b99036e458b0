/** What skills and hooks did, in words for the user. */
import type { Event } from '../protocol.ts';

type HookRan = Extract<Event, { type: 'hook_ran' }>;

export function skillText({ name, isRecalled }: Extract<Event, { type: 'skill_used' }>): string {
  return isRecalled ? `Skill: ${name}` : `Skill: ${name}, as you asked`;
}

export function imageText({ name, model }: Extract<Event, { type: 'image_described' }>): string {
  return `${model} describes ${name}`;
}

/** What became of a hook, by its moment where that makes a difference. */
function deedOf({ event, outcome }: Pick<HookRan, 'event' | 'outcome'>): string {
  if (outcome === 'message') return 'says';
  if (outcome === 'failed') return 'failed, and counts for nothing';
  if (outcome === 'context' || event === 'PostToolUse') return 'told the model';
  return event === 'Stop' ? 'sent the model back to work' : 'forbade it';
}

const COMMAND_LENGTH = 60;

/** The moment, what became of the hook, and what it said, perhaps in several lines. */
export function hookText({ event, command, outcome, text }: HookRan): string {
  // Several of one moment can fail, and only the command tells which.
  const which = outcome === 'failed' ? ` (${shortened(command)})` : '';
  return `Hook ${event}${which} ${deedOf({ event, outcome })}: ${text.trim()}`;
}

function shortened(command: string): string {
  const line = command.trim().replace(/\s+/g, ' ');
  return line.length <= COMMAND_LENGTH ? line : `${line.slice(0, COMMAND_LENGTH - 1)}…`;
}
