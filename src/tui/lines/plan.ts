/** The plan as a checklist. Rows fit the width. */
import type { Item } from '../../protocol.ts';
import { oneLine } from './clean.ts';
import { FIRST, REST } from './output.ts';
import type { LineContext } from './style.ts';
import { wrap } from './wrap.ts';

type PlanItem = Extract<Item, { type: 'plan' }>;
type StepStatus = PlanItem['steps'][number]['status'];

const TEXT_LIMIT = 2_000;

/** `• Updated plan`, why, and the steps: done, in progress, pending. */
export function planLines(
  { steps, explanation = '' }: Omit<PlanItem, 'id' | 'type'>,
  ctx: LineContext,
): string[] {
  const { dim, bold, italic } = ctx.style;
  const room = ctx.width - 1 - REST.length;
  const why = oneLine(explanation, TEXT_LIMIT);
  const rows = [
    ...(why === '' ? [] : wrap(why, room).map((row) => dim(italic(row)))),
    ...steps.flatMap(({ step, status }) => stepRows(oneLine(step, TEXT_LIMIT), status, room, ctx)),
  ];
  const below = rows.length === 0 ? [dim('(no steps)')] : rows;
  return [
    `${dim('•')} ${bold('Updated plan')}`,
    ...below.map((row, index) => (index === 0 ? dim(FIRST) : REST) + row),
  ];
}

function stepRows(step: string, status: StepStatus, room: number, { style }: LineContext): string[] {
  const rows = (glyph: string, text = step): string[] => wrap(text, room, { first: `${glyph} `, rest: '  ' });
  switch (status) {
    case 'completed':
      return rows('✔', style.strike(step)).map(style.dim);
    case 'in_progress':
      return rows('→').map((row) => style.bold(style.cyan(row)));
    case 'pending':
      return rows('□');
    default:
      return status satisfies never;
  }
}
