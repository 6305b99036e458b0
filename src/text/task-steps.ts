/** The steps of a sub-agent, for those who show them. */
import type { Event, Item } from '../protocol.ts';
import { formatCount, plural } from './digits.ts';

export type TaskItem = Extract<Item, { type: 'task' }>;

/** The item with a step that has begun or ended. */
export function withStep(item: TaskItem, { step, tokens }: Extract<Event, { type: 'task_step' }>): TaskItem {
  const at = item.steps.findIndex(({ id }) => id === step.id);
  return { ...item, tokens, steps: at < 0 ? [...item.steps, step] : item.steps.with(at, step) };
}

/** `3 steps, 12.3k tokens` */
export function taskFigures({ steps, tokens }: TaskItem): string {
  const read = tokens ? `, ${formatCount(tokens)} tokens` : '';
  return `${plural(steps.length, 'step')}${read}`;
}
