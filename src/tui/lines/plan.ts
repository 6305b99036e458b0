/** The plan as a checklist that says what has changed since the one before. Rows fit the width. */
import type { Item } from '../../protocol.ts';
import { oneLine } from './clean.ts';
import { FIRST, REST } from './output.ts';
import { indented, prose } from './prose.ts';
import type { LineContext } from './style.ts';

type PlanItem = Extract<Item, { type: 'plan' }>;
type Step = PlanItem['steps'][number];
type StepStatus = Step['status'];

const TEXT_LIMIT = 2_000;

const CHANGES: Readonly<Record<StepStatus, string>> = {
  completed: 'done',
  in_progress: 'begun',
  pending: 'waits again',
};

/** `• Updated plan`, why, and the steps: done, in progress, pending. @param before the steps that were shown last. */
export function planLines(
  { steps, explanation = '' }: Omit<PlanItem, 'id' | 'type'>,
  ctx: LineContext,
  before: readonly Step[] = [],
): string[] {
  const { dim, bold, italic } = ctx.style;
  const inner = indented(ctx, REST.length);
  const why = oneLine(explanation, TEXT_LIMIT);
  const rows = [
    ...(why === '' ? [] : prose(why, inner).map((row) => dim(italic(row)))),
    ...steps.flatMap((step) => stepRows(step, changeOf(step, before), inner)),
    ...before
      .filter(({ step }) => !steps.some((other) => other.step === step))
      .flatMap(({ step }) =>
        prose(`${oneLine(step, TEXT_LIMIT)} (dropped)`, inner, { first: '− ', rest: '  ' }),
      )
      .map(dim),
  ];
  const below = rows.length === 0 ? [dim('(no steps)')] : rows;
  return [
    `${dim('•')} ${bold('Updated plan')}`,
    ...below.map((row, index) => (index === 0 ? dim(FIRST) : REST) + row),
  ];
}

/** What is new about a step; undefined: nothing, or all of the plan is. */
function changeOf({ step, status }: Step, before: readonly Step[]): string | undefined {
  if (before.length === 0) return undefined;
  const known = before.find((other) => other.step === step);
  if (known === undefined) return status === 'pending' ? 'new' : `new, ${CHANGES[status]}`;
  return known.status === status ? undefined : CHANGES[status];
}

function stepRows({ step, status }: Step, change: string | undefined, ctx: LineContext): string[] {
  const { style } = ctx;
  const text = oneLine(step, TEXT_LIMIT);
  const note = change === undefined ? '' : ` (${change})`;
  const rows = (glyph: string, shown: string): string[] =>
    prose(shown + note, ctx, { first: `${glyph} `, rest: '  ' });
  switch (status) {
    case 'completed':
      return rows('✔', style.strike(text)).map(style.dim);
    case 'in_progress':
      return rows('→', text).map((row) => style.bold(style.cyan(row)));
    case 'pending':
      return rows('□', text);
    default:
      return status satisfies never;
  }
}
