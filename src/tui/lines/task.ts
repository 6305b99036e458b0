/**
 * Work of a sub-agent as one cell: what it was given, the last of its steps, how many there were, and the first lines of its result.
 */
import type { Item } from '../../protocol.ts';
import { formatElapsed, plural } from '../../text/digits.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { type TaskItem, taskFigures } from '../../text/task-steps.ts';
import { oneLine } from './clean.ts';
import { explorationOf } from './exploration.ts';
import { FIRST, fullKeyText, REST, sentenceLines } from './output.ts';
import { shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';
import { truncateEnd } from './width.ts';

const SHOWN_STEPS = 3;
const RESULT_LINES = 4;
/** Of its head. */
const MOST_ROWS = 2;
const PROMPT_LIMIT = 120;
const STEP_LIMIT = 200;

/** One that has ended. */
export function taskLines(item: TaskItem, ctx: LineContext): string[] {
  const { green, red, dim } = ctx.style;
  const glyph = item.status === 'completed' ? green('•') : red('✗');
  const head = `${glyph} ${headText(item, taskFigures(item), ctx)}`;
  const left = item.steps.length - SHOWN_STEPS;
  const rows = [
    ...item.steps.slice(0, SHOWN_STEPS).map((step) => stepText(step, ctx)),
    ...(left > 0 ? [`… +${plural(left, 'step')}${fullKeyText(ctx)}`] : []),
  ];
  return [
    truncateEnd(head, ctx.width * MOST_ROWS),
    ...rows.map((row, index) => dim(truncateEnd(`${index === 0 ? FIRST : REST}${row}`, ctx.width - 1))),
    ...sentenceLines(item.output, RESULT_LINES, ctx),
  ];
}

/** One that is being done: the step that runs comes last. */
export function liveTaskLines(
  item: TaskItem,
  { elapsedMs }: { readonly elapsedMs: number },
  ctx: LineContext,
  maxRows: number,
): string[] {
  const { cyan, dim } = ctx.style;
  const time = elapsedMs > 1_000 ? `${formatElapsed(elapsedMs)}, ` : '';
  const head = `${cyan('•')} ${headText(item, time + taskFigures(item), ctx)}`;
  const rows = item.steps.slice(-SHOWN_STEPS).map((step) => stepText(step, ctx));
  return [
    truncateEnd(head, ctx.width - 1),
    ...rows.map((row, index) => dim(truncateEnd(`${index === 0 ? FIRST : REST}${row}`, ctx.width - 1))),
  ].slice(0, Math.max(0, maxRows));
}

/** A step in a few words. */
function stepText(step: Item, ctx: Pick<LineContext, 'cwd' | 'home'>): string {
  const failed = 'status' in step && step.status === 'failed' ? ' (failed)' : '';
  const explored = explorationOf(step)?.map(({ verb, what }) => `${verb} ${namesOf(verb, what, ctx)}`);
  return oneLine((explored?.join(', ') ?? callText(step)) + failed, STEP_LIMIT);
}

function namesOf(verb: string, what: readonly string[], ctx: Pick<LineContext, 'cwd' | 'home'>): string {
  return what.map((name) => (verb === 'Search' ? name : shortPath(name, ctx) || '.')).join(', ');
}

function callText(step: Item): string {
  switch (step.type) {
    case 'command_execution':
      return `Ran ${innerCommand(step.command)}`;
    case 'tool_call':
      return `Called ${step.tool} ${JSON.stringify(step.arguments)}`;
    case 'file_change':
      return `Tried to edit ${step.changes.map(({ path }) => path).join(', ')}`;
    default:
      return step.type;
  }
}

/** The figures first: a long prompt is cut. */
function headText({ prompt }: TaskItem, figures: string, { style }: LineContext): string {
  return `${style.bold('Sub-agent')} ${style.dim(`(${figures})`)} ${oneLine(prompt, PROMPT_LIMIT)}`;
}
